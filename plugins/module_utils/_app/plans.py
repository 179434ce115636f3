# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what a deploy has to do, from states alone, without I/O."""

from __future__ import annotations

from collections.abc import (
    Collection,
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
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
        is_running: Whether it is active, and runs the files on disk.
        is_linked: Whether its links in systemd's directories are right,
            and systemd has read the file that they lead to.
        is_healthy: Whether one probe found it healthy.
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
    """The work of a deploy, each unit by file name.

    Attributes:
        action: `NOTHING`, `REFRESH`, `HEAL` or `ACTIVATE`.
        restart: Units to start or restart, in the order given.
        watch: Units that run as wanted, but whose health is in doubt.
        stop: Units to stop: no longer wanted, or wanted stopped.
        add: Units that are new.
        remove: Units that the variables no longer name.
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
    outdated: Collection[str] = (),
) -> Plan:
    """Return the least work that brings the host to the wanted state.

    Args:
        wishes: The units that should exist.
        present: The units of the current generation.
        is_same_release: Whether the wanted digest is the current one.
        outdated: Units that may run something else than is on disk.
    """
    started = {n: wish for n, wish in wishes.items() if wish.is_started}
    restart = tuple(
        name
        for name, wish in started.items()
        if _must_restart(wish, present.get(name), name in outdated)
    )
    watch = tuple(
        name
        for name in started
        if name not in restart and not present[name].is_healthy
    )
    remove = _without(present, wishes)
    stop = (*remove, *_wanted_stopped(wishes, present))
    units = (*restart, *watch, *stop)
    return Plan(
        action=_action(wishes, present, is_same_release, units),
        restart=restart,
        watch=watch,
        stop=stop,
        add=_without(wishes, present),
        remove=remove,
    )


def _without(names: Iterable[str], others: Container[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in others)


def _must_restart(
    wish: Wish, there: Present | None, is_outdated: bool
) -> bool:
    if there is None or is_outdated:
        return True
    return there.normal != wish.normal or not there.is_running


def _wanted_stopped(
    wishes: Mapping[str, Wish], present: Mapping[str, Present]
) -> Iterator[str]:
    for name, wish in wishes.items():
        if not wish.is_started and name in present and present[name].is_up:
            yield name


def _action(
    wishes: Mapping[str, Wish],
    present: Mapping[str, Present],
    is_same_release: bool,
    units: Sequence[str],
) -> str:
    if not is_same_release:
        return ACTIVATE
    if units:
        # The wanted release is current but does not run as it should.
        # The deploy mends it, and does not roll it back.
        return HEAL
    is_exact = all(
        present[name].sha256 == wish.sha256 and present[name].is_linked
        for name, wish in wishes.items()
    )
    return NOTHING if is_exact else REFRESH
