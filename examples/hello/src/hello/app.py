# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web service, a WSGI application (PEP 3333)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from hello import __version__
from hello.settings import Settings, from_environment

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json"


class Hello:
    """Greets at ``/`` and tells its health at ``/health``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._started = time.monotonic()
        self._pages = {"/": self._greet, "/health": self._health}

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request."""
        page = self._pages.get(environ.get("PATH_INFO") or "/")
        headers: list[tuple[str, str]] = []
        if page is None:
            status, kind, text = "404 Not Found", _TEXT, "No such page"
        elif environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            status, kind, text = "405 Method Not Allowed", _TEXT, "Read only"
            headers.append(("Allow", "GET, HEAD"))
        else:
            status, (kind, text) = "200 OK", page()
        body = (text + "\n").encode()
        headers += [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
        ]
        start_response(status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _greet(self) -> tuple[str, str]:
        time.sleep(self._settings.delay)
        return _TEXT, self._settings.greeting

    def _health(self) -> tuple[str, str]:
        report = {
            "status": "ok",
            "version": __version__,
            "uptime": round(time.monotonic() - self._started, 3),
            "greeting_configured": self._settings.is_greeting_configured,
        }
        return _JSON, json.dumps(report)


app = Hello(from_environment())
