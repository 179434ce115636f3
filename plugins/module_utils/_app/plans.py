# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what a deploy has to do. Pure: states in, plan out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

NOTHING = "nothing"
REFRESH = "refresh"
ACTIVATE = "activate"
HEAL = "heal"

Normal = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Wish:
    """One unit that should exist.

    Attributes:
        normal: Its assignments, which alone decide about a restart.
        sha256: Hash of its bytes, comments included.
        is_started: Whether it should run.
        is_enabled: Whether it should start at boot.
    """

    normal: Normal
    sha256: str
    is_started: bool
    is_enabled: bool


@dataclass(frozen=True)
class Present:
    """One unit of the generation that is current on the host.

    Attributes:
        normal: Its assignments as they are on disk.
        sha256: Hash of its bytes on disk.
        is_running: Whether it is active, with what is on disk.
        is_linked: Whether its links in systemd's directories are right,
            and systemd has read what they lead to.
        is_healthy: What one probe said.
        is_up: Whether it is active, or on its way from or to it.
    """

    normal: Normal
    sha256: str
    is_running: bool
    is_linked: bool
    is_healthy: bool
    is_up: bool


@dataclass(frozen=True)
class Plan:
    """What has to be done, each unit by file name.

    Attributes:
        action: `NOTHING`, `REFRESH`, `HEAL` or `ACTIVATE`.
        restart: Units to start or restart, in the order given.
        watch: Units that run as wanted, but whose health is in doubt.
        stop: Units to stop: no longer wanted, or wanted stopped.
        add: Units that are new.
        remove: Units that are no longer named.
    """

    action: str
    restart: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


def plan(
    wishes: Mapping[str, Wish],
    present: Mapping[str, Present],
    *,
    is_same_release: bool,
    dirty: Collection[str] = (),
) -> Plan:
    """Compare what is wanted with what is there.

    Args:
        wishes: The units that should exist.
        present: The units of the current generation.
        is_same_release: Whether the wanted digest is the current one.
        dirty: Units that may run something else than is on disk.

    Returns:
        The least that brings the host to the wanted state.
    """
    add = tuple(name for name in wishes if name not in present)
    remove = tuple(name for name in present if name not in wishes)
    restart = tuple(
        name
        for name, wish in wishes.items()
        if wish.is_started and _must_restart(name, wish, present, dirty)
    )
    stop = (
        *remove,
        *[
            name
            for name, wish in wishes.items()
            if not wish.is_started and name in present and present[name].is_up
        ],
    )
    watch = tuple(
        name
        for name, wish in wishes.items()
        if wish.is_started
        and name not in restart
        and not present[name].is_healthy
    )
    return Plan(
        action=_action(
            wishes, present, is_same_release, (*restart, *watch, *stop)
        ),
        restart=restart,
        watch=watch,
        stop=stop,
        add=add,
        remove=remove,
    )


def _must_restart(
    name: str,
    wish: Wish,
    present: Mapping[str, Present],
    dirty: Collection[str],
) -> bool:
    there = present.get(name)
    if there is None or name in dirty:
        return True
    return there.normal != wish.normal or not there.is_running


def _action(
    wishes: Mapping[str, Wish],
    present: Mapping[str, Present],
    is_same_release: bool,
    touched: Sequence[str],
) -> str:
    if not is_same_release:
        return ACTIVATE
    if touched:
        # The right release is there but does not run as it should:
        # there is nothing to go back to, so nothing is rolled back.
        return HEAL
    is_exact = all(
        present[name].sha256 == wish.sha256 and present[name].is_linked
        for name, wish in wishes.items()
    )
    return NOTHING if is_exact else REFRESH
