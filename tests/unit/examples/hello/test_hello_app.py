# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web application, called as PEP 3333 lays down."""

from __future__ import annotations

import json
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from hello import __version__
from hello.app import Hello
from hello.settings import Settings

CHOSEN = Settings(greeting="Moin", is_greeting_configured=True)


def answer(
    method: str, path: str, settings: Settings = CHOSEN
) -> tuple[str, dict[str, str], str]:
    """Return the status, headers and body of the answer."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
    }
    setup_testing_defaults(environ)
    started: list[Any] = []

    def start_response(*arguments: Any) -> Any:
        started.extend(arguments)

    chunks: Any = validator(Hello(settings))(environ, start_response)
    body = b"".join(chunks).decode()
    chunks.close()
    return started[0], dict(started[1]), body


def test_greets() -> None:
    status, headers, body = answer("GET", "/")

    assert (status, body) == ("200 OK", "Moin\n")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("is_configured", [False, True])
def test_health(is_configured: bool) -> None:
    settings = Settings(is_greeting_configured=is_configured)

    status, headers, body = answer("GET", "/health", settings)

    report = json.loads(body)
    assert 0 <= report.pop("uptime") < 5
    assert report == {
        "status": "ok",
        "version": __version__,
        "greeting_configured": is_configured,
    }
    assert status == "200 OK"
    assert headers["Content-Type"] == "application/json"


def test_head_has_no_body() -> None:
    status, headers, body = answer("HEAD", "/")

    assert (status, headers["Content-Length"], body) == ("200 OK", "5", "")


@pytest.mark.parametrize("path", ["/no", "/health/", "//"])
def test_other_page(path: str) -> None:
    assert answer("GET", path)[0] == "404 Not Found"


def test_other_method() -> None:
    status, headers, _unused = answer("POST", "/")

    assert status == "405 Method Not Allowed"
    assert headers["Allow"] == "GET, HEAD"
