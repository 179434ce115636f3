# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the controller's side, in words for the user."""

from __future__ import annotations

from collections.abc import Sequence


class ControllerError(Exception):
    """A variable, or a file or program of the controller, is wrong."""


class RefusedError(ControllerError):
    """Variables break the contract; nothing was changed anywhere.

    Attributes:
        messages: One line for each broken rule.
    """

    def __init__(self, messages: Sequence[str]) -> None:
        self.messages = list(messages)
        count = len(self.messages)
        noun = "problem" if count == 1 else "problems"
        lines = "\n".join(f"  - {message}" for message in self.messages)
        super().__init__(
            f"{count} {noun} in the variables, nothing was changed:\n{lines}"
        )
