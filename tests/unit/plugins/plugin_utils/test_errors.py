# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A refusal tells each problem on a line of its own."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
)


@pytest.mark.parametrize(
    ("messages", "begins"),
    [
        (["a"], "1 problem in the variables"),
        (("a", "b"), "2 problems in the variables"),
    ],
)
def test_problems_are_counted(messages: list[str], begins: str) -> None:
    error = _errors.RefusedError(messages)
    assert str(error).startswith(begins)
    assert error.messages == list(messages)
    lines = str(error).splitlines()[1:]
    assert lines == [f"  - {message}" for message in messages]


def test_a_refusal_is_an_error_of_the_controller() -> None:
    assert issubclass(_errors.RefusedError, _errors.ControllerError)
