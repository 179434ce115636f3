# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration from the environment, checked before anything starts."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "HELLO_"

_LOG = logging.getLogger(__name__)


class SettingsError(ValueError):
    """The environment does not make a valid configuration."""


@dataclass(frozen=True)
class Settings:
    """What the operator may choose.

    Attributes:
        greeting: the words of every greeting.
        is_greeting_configured: whether the operator chose them.
        interval: seconds from one greeting of the worker to the next.
        delay: seconds that the web service takes to answer ``/``, to
            watch requests in flight survive a restart.
    """

    greeting: str = "Hello, world"
    is_greeting_configured: bool = False
    interval: float = 5.0
    delay: float = 0.0


def from_mapping(environ: Mapping[str, str]) -> Settings:
    """Read the settings and report every fault at once.

    Args:
        environ: the environment. Names without our prefix are ignored.

    Raises:
        SettingsError: names each variable that is wrong and its rule.
    """
    ours = {
        name: value
        for name, value in environ.items()
        if name.startswith(PREFIX)
    }
    faults: list[str] = []
    default = Settings()
    greeting = ours.pop("HELLO_GREETING", None)
    if greeting is not None and not greeting.strip():
        faults.append("HELLO_GREETING is empty")
    interval = _seconds(
        ours, "HELLO_INTERVAL", default.interval, (0.1, 3600), faults
    )
    delay = _seconds(ours, "HELLO_DELAY", default.delay, (0, 10), faults)
    # A misspelt name would otherwise leave its default in force.
    faults += [f"{name} is not a setting of hello" for name in sorted(ours)]
    if faults:
        raise SettingsError("; ".join(faults))
    return Settings(
        greeting=default.greeting if greeting is None else greeting,
        is_greeting_configured=greeting is not None,
        interval=interval,
        delay=delay,
    )


def from_environment() -> Settings:
    """Read the process's environment, or end the process.

    Raises:
        SystemExit: with EX_CONFIG (78, sysexits.h), which systemd shows
            as ``status=78/CONFIG`` and ``RestartPreventExitStatus=78``
            tells from a crash that a restart may heal.
    """
    try:
        return from_mapping(os.environ)
    except SettingsError as error:
        _LOG.critical("The configuration is refused: %s", error)
        raise SystemExit(os.EX_CONFIG) from None


def _seconds(
    ours: dict[str, str],
    name: str,
    default: float,
    limits: tuple[float, float],
    faults: list[str],
) -> float:
    """Take one number out of ``ours``, or add a fault."""
    text = ours.pop(name, None)
    if text is None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    low, high = limits
    # Also false for NaN, which compares unequal to everything.
    if not low <= number <= high:
        faults.append(
            f"{name} must be a number of seconds from {low} to {high}"
        )
    return number
