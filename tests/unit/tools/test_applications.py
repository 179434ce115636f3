# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of applications is made of what the hosts answer."""

from __future__ import annotations

from typing import Any

import applications
import pytest
from testfleet.errors import FleetError

APP = {
    "pyapp_name": "hello",
    "pyapp_services": {
        "main": {
            "description": "says | hello",
            "needs": ["network"],
            "health": {"http": "http://127.0.0.1:1/health"},
        }
    },
}
REPORT = "Overall exposure level for hello.service: 0.9 SAFE"


def answers(report: str, said: str) -> Any:
    """Return a stand-in for a command that runs on a host."""

    def on_host(_host: str, *command: str) -> str:
        return report if "security" in command else said

    return on_host


def test_the_files_of_an_application_are_found() -> None:
    found = applications.applications()
    assert found
    for name, app in found.items():
        assert app["pyapp_name"] == name
        assert "main" in app["pyapp_services"]
        files = app["pyapp_source"].get("files", "/")
        assert files.startswith("/")


def test_they_become_one_variable() -> None:
    found = applications.together({"hello": APP}, state="absent")
    assert found == {
        "pyapp_apps": {
            "hello": {
                "name": "hello",
                "services": APP["pyapp_services"],
                "state": "absent",
            }
        }
    }


def test_a_row_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applications, "on_host", answers(REPORT, "200 ok"))
    (row,) = applications.rows("trixie", {"hello": APP})
    assert row == (
        "| [hello](../examples/applications/hello/app.yml) "
        "| says \\| hello | `network` | 0.9 "
        "| `http://127.0.0.1:1/health` | `200 ok` |"
    )


def test_a_report_without_a_score(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applications, "on_host", answers("no unit", ""))
    with pytest.raises(FleetError, match="hello: no score"):
        list(applications.rows("trixie", {"hello": APP}))


def test_a_long_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "word\n" * 40
    monkeypatch.setattr(applications, "on_host", answers("", said))
    asked, answer = applications.ask("trixie", "hello", {"command": "a b"})
    assert asked == "a b"
    assert answer.startswith("word word")
    assert answer.endswith(" ...")
    assert len(answer) <= applications.LONGEST_ANSWER + 4


def test_the_system_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "Debian GNU/Linux 13\nsystemd 257 (257.9)\n+PAM"
    monkeypatch.setattr(applications, "on_host", answers("", said))
    assert applications.system("trixie") == "Debian GNU/Linux 13 (systemd 257)"
