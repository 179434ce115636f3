# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration is taken whole, or refused with every fault."""

from __future__ import annotations

import pytest
from hello.settings import Settings, SettingsError, from_mapping


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, Settings()),
        ({"PATH": "/bin", "OTHER_INTERVAL": "x"}, Settings()),
        (
            {"HELLO_GREETING": "Grüß Gott"},
            Settings(greeting="Grüß Gott", is_greeting_configured=True),
        ),
        ({"HELLO_INTERVAL": "0.1"}, Settings(interval=0.1)),
        ({"HELLO_INTERVAL": "3600"}, Settings(interval=3600)),
        ({"HELLO_DELAY": "0"}, Settings(delay=0)),
        ({"HELLO_DELAY": "10"}, Settings(delay=10)),
    ],
)
def test_valid(environ: dict[str, str], expected: Settings) -> None:
    assert from_mapping(environ) == expected


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"HELLO_GREETING": " "}, "HELLO_GREETING is empty"),
        ({"HELLO_INTERVAL": "often"}, "HELLO_INTERVAL must be a number"),
        ({"HELLO_INTERVAL": "0"}, "HELLO_INTERVAL must be a number"),
        ({"HELLO_INTERVAL": "nan"}, "HELLO_INTERVAL must be a number"),
        ({"HELLO_DELAY": "inf"}, "HELLO_DELAY must be a number"),
        ({"HELLO_DELAY": "-1"}, "from 0 to 10"),
        ({"HELLO_DELAY": "10.1"}, "from 0 to 10"),
        ({"HELLO_GREETNG": "Hi"}, "HELLO_GREETNG is not a setting"),
    ],
)
def test_refused(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        from_mapping(environ)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r"GREETING.*INTERVAL.*DELAY.*X"):
        from_mapping(
            {
                "HELLO_X": "",
                "HELLO_DELAY": "",
                "HELLO_INTERVAL": "",
                "HELLO_GREETING": "",
            }
        )
