# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install and remove single units: plan first, then apply in order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    systemctl,
    verbs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    trees,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    unit_names,
)

DIRECTORY = layouts.SYSTEM_UNITS
_DROP_IN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}\.conf")
_ENABLED = ("enabled", "enabled-runtime", "alias", "static", "indirect")
_RUNNING = ("active", "activating", "reloading")
# The mark tells our drop-ins from those that an administrator puts
# beside them. It is part of the wanted content, so that a second run
# finds no difference.
_MARK = b"# Written by pyfleet.services.unit, which replaces and removes it.\n"


@dataclass(frozen=True)
class UnitWish:
    """The wanted state of a unit.

    Attributes:
        name: The unit's file name.
        enabled: Whether it starts at boot; None leaves it.
        started: Whether it runs; None leaves it.
        restarted: Whether it is restarted after a change, if it runs.
    """

    name: str
    enabled: bool | None = None
    started: bool | None = None
    restarted: bool = True


@dataclass(frozen=True)
class UnitPlan:
    """The actions that are to be done, in this order.

    Attributes:
        name: The unit's file name.
        writes: {path: content} of files to write.
        removals: Paths of files to remove.
        verbs: The verbs of systemctl after the reload.
        verbs_before: The verbs of systemctl before files are removed.
        must_reload: Whether systemd has to read its files anew.
        kept: Paths of drop-ins that others wrote and that stay.
        stays: Whether the unit is there afterwards.
        diff: The differences that Ansible shows.
    """

    name: str
    writes: dict[str, bytes] = field(default_factory=dict)
    removals: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    verbs_before: tuple[str, ...] = ()
    must_reload: bool = False
    kept: tuple[str, ...] = ()
    stays: bool = True
    diff: list[dict[str, str]] = field(default_factory=list)

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions in words; empty if there is nothing to do."""
        return (
            *self.verbs_before,
            *(f"write {path}" for path in self.writes),
            *(f"remove {path}" for path in self.removals),
            *(["daemon-reload"] if self.must_reload else []),
            *self.verbs,
        )


@dataclass(frozen=True)
class _State:
    """The present state of a unit.

    Attributes:
        is_running: Whether it runs or is about to.
        is_enabled: Whether it starts at boot.
        is_stale: Whether systemd has yet to read its changed file.
    """

    is_running: bool
    is_enabled: bool
    is_stale: bool


def plan_install(wish: UnitWish, source: trees.UnitSource) -> UnitPlan:
    """Compare a unit with its files on the host.

    Args:
        wish: The wanted state of the unit.
        source: Its file and drop-ins, already validated.

    Raises:
        HostError: An object other than a file is in the way, or the
            unit cannot be enabled or started.
    """
    wanted = dict(_wanted_files(source))
    _refuse_impossible(wish, source)
    state = _read_state(wish.name)
    writes = {p: text for p, text in wanted.items() if _read(p) != text}
    own, others = _drop_ins(_path(wish.name))
    removals = {path: b"" for path in own if path not in wanted}
    has_changed = bool(writes or removals)
    return UnitPlan(
        wish.name,
        writes=writes,
        removals=tuple(removals),
        verbs=_verbs(wish, state, has_changed=has_changed),
        must_reload=has_changed or state.is_stale,
        kept=tuple(path for path in others if path not in wanted),
        diff=_differences({**writes, **removals}),
    )


def plan_removal(wish: UnitWish) -> UnitPlan:
    """Plan the removal of a unit and of our drop-ins."""
    path = _path(wish.name)
    own, others = _drop_ins(path)
    there = [one for one in (path, *own) if _read(one) is not None]
    if not there:
        return UnitPlan(wish.name, kept=tuple(others), stays=False)
    state = _read_state(wish.name)
    verbs = ["stop"] if state.is_running else []
    verbs += ["disable"] if state.is_enabled else []
    return UnitPlan(
        wish.name,
        removals=tuple(there),
        verbs_before=tuple(verbs),
        must_reload=True,
        kept=tuple(others),
        stays=False,
        diff=_differences(dict.fromkeys(there, b"")),
    )


def apply(plan: UnitPlan) -> None:
    """Carry out a plan.

    Raises:
        HostError: A file cannot be written, or systemd does not take
            the unit; its files are then as they were.
    """
    for verb in plan.verbs_before:
        _systemctl(verb, plan.name)
    before = {path: _read(path) for path in (*plan.writes, *plan.removals)}
    for path, content in plan.writes.items():
        _write(path, content)
    for path in plan.removals:
        files.remove_file(path)
        with suppress(OSError):
            os.rmdir(f"{_path(plan.name)}.d")
    if plan.must_reload:
        verbs.daemon_reload()
    if before and plan.stays:
        _refuse_unloaded(plan.name, before)
    for verb in plan.verbs:
        _systemctl(verb, plan.name)


def _refuse_unloaded(name: str, before: dict[str, bytes | None]) -> None:
    """Put the files back if systemd refuses the unit."""
    if _is_template(name):
        return
    shown = systemctl.show([name], ["LoadState", "LoadError"])[name]
    if systemctl.is_loaded_state(shown):
        return
    for path, content in before.items():
        if content is None:
            files.remove_file(path)
        else:
            _write(path, content)
    verbs.daemon_reload()
    raise errors.HostError(
        f"systemd does not load {name} ({shown.get('LoadState')}"
        f" {shown.get('LoadError', '').strip()}), its files are as they"
        " were; see `journalctl -b _PID=1` for the reason"
    )


def _wanted_files(source: trees.UnitSource) -> Iterator[tuple[str, bytes]]:
    path = _path(source.name)
    yield path, _bytes(source.text)
    for label, text in source.drop_ins.items():
        if not _DROP_IN.fullmatch(label):
            raise errors.HostError(
                f"{label!r} is not the name of a drop-in, such as"
                " 10-limits.conf"
            )
        yield f"{path}.d/{label}", _MARK + _bytes(text)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _path(name: str) -> str:
    """Return the path of a unit's file.

    Raises:
        HostError: The name is not the name of a unit. A name of a unit
            to remove was not validated before, and may lead to any
            file.
    """
    is_unit = unit_names.is_unit_name(name)
    if not is_unit or name.rpartition(".")[2] not in unit_names.UNIT_TYPES:
        raise errors.HostError(
            f"{name!r} is not the name of a unit file, such as hello.service"
        )
    return os.path.join(DIRECTORY, name)


def _drop_ins(path: str) -> tuple[list[str], list[str]]:
    """Return the paths of a unit's drop-ins, ours and those of others.

    This module does not write links, so somebody else made a link.
    """
    own: list[str] = []
    others: list[str] = []
    for label in trees.drop_in_names(f"{path}.d"):
        file = f"{path}.d/{label}"
        is_own = not os.path.islink(file) and os.path.isfile(file)
        is_own = is_own and (_read(file) or b"").startswith(_MARK)
        (own if is_own else others).append(file)
    return own, others


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise errors.HostError(
            f"cannot read {path}: {error.strerror}"
        ) from error


def _write(path: str, content: bytes) -> None:
    parent = os.path.dirname(path)
    if parent != DIRECTORY:
        files.ensure_directory(parent, mode=0o755)
    files.write_atomic(path, content, mode=0o644)


def _is_template(name: str) -> bool:
    return "@." in name


def _refuse_impossible(wish: UnitWish, source: trees.UnitSource) -> None:
    if wish.started and _is_template(wish.name):
        raise errors.HostError(
            f"{wish.name} is a template and cannot be started; start an"
            f" instance such as {wish.name.replace('@.', '@1.')}"
        )
    sections = {
        item.section
        for document in source.documents.values()
        for item in document.assignments()
    }
    if wish.enabled and "Install" not in sections:
        raise errors.HostError(
            f"{wish.name} has nothing in [Install] and cannot be enabled;"
            f" add WantedBy={layouts.BOOT_TARGET}"
        )


def _read_state(name: str) -> _State:
    is_enabled = systemctl.run(
        ["is-enabled", "--", name],
        timeout=systemctl.SHOW_SECONDS,
        check=False,
    ).stdout.strip()
    if _is_template(name):
        return _State(False, is_enabled in _ENABLED, False)
    shown = systemctl.show([name], ["ActiveState", "NeedDaemonReload"])[name]
    return _State(
        shown.get("ActiveState") in _RUNNING,
        is_enabled in _ENABLED,
        shown.get("NeedDaemonReload") == "yes",
    )


def _verbs(
    wish: UnitWish, state: _State, *, has_changed: bool
) -> tuple[str, ...]:
    verbs = []
    if wish.enabled not in (None, state.is_enabled):
        verbs.append("enable" if wish.enabled else "disable")
    if wish.started not in (None, state.is_running):
        verbs.append("start" if wish.started else "stop")
    elif state.is_running and has_changed and wish.restarted:
        verbs.append("restart")
    return tuple(verbs)


def _systemctl(verb: str, name: str) -> None:
    if verb in ("start", "restart"):
        # systemd refuses to start a unit that hit its start limit, even
        # after the fault is mended.
        verbs.reset_failed([name])
    seconds = verbs.patience([name])
    systemctl.run([verb, "--", name], timeout=seconds)


def _differences(after: Mapping[str, bytes]) -> list[dict[str, str]]:
    """Return the differences that Ansible shows of changed files."""
    return [
        {
            "before_header": path,
            "after_header": path,
            "before": (_read(path) or b"").decode(errors="replace"),
            "after": content.decode(errors="replace"),
        }
        for path, content in after.items()
    ]
