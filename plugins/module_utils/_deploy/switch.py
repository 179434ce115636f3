# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switch an application from one generation to another, or not at all.

Commit follows proof. The new units are linked in a directory which
outranks /etc and is gone after a reboot; only when they have proven
themselves does one rename make them permanent. A reboot at any moment
starts the old generation or the proven new one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    plans,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    failures,
    jobs,
    links,
    proof,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    systemctl,
    verbs,
)


@dataclass(frozen=True)
class Switch:
    """The generations to switch from and to.

    Attributes:
        layout: Paths of the application.
        new: The generation to activate; its directory is written.
        old: The generation to go back to, if there is one.
        plan: The units to restart, stop, add and remove.
        jobs: The commands before the switch, each with its unit file.
        unproven: Units that run on, with a health check that is new.
        warnings: Texts about files that somebody changed.
    """

    layout: layouts.Layout
    new: records.Generation
    old: records.Generation | None
    plan: plans.Plan
    jobs: Sequence[tuple[str, str]] = ()
    unproven: Sequence[str] = ()
    warnings: Sequence[str] = ()


def run_jobs(switch: Switch) -> None:
    """Run the commands before the switch; no unit is changed yet.

    Raises:
        ActivationError: If one of them failed.
    """
    if not switch.jobs:
        return
    commands, texts = zip(*switch.jobs)
    app, number = switch.layout.app, switch.new.sequence
    # The process id makes the name unique: another try of the release
    # uses its number again.
    stem = jobs.stem(app, "before", number, os.getpid())
    try:
        jobs.run(stem, texts, commands)
    except errors.HostError as error:
        raise failures.ActivationError(
            f"release {number} of {app} was not activated.\n"
            "Step: run the commands before the switch.\n"
            f"{error}\nNo unit was changed: what served before serves on.",
            # The command may need something, such as a database, that
            # is back when the next deploy tries again.
            is_verdict=False,
            is_settled=False,
        ) from error


def activate(switch: Switch) -> None:
    """Try a generation, prove it, and make it current.

    Raises:
        ActivationError: The generation did not prove itself. The old
            generation serves again, or the error says that it does not.
    """
    step = "link the new units for the time of their proof"
    touched: list[str] = []
    before = _runs(switch.old)
    try:
        links.add_probation(switch.layout, switch.new)
        step = "make systemd read the new units"
        verbs.daemon_reload()
        step = "stop the services that are no longer wanted"
        touched += switch.plan.stop
        stop(switch.plan.stop)
        step = "start the new services"
        touched += switch.plan.restart
        restart(switch.plan.restart)
        step = "prove that the new services work"
        names = [*switch.plan.restart, *switch.unproven]
        proof.prove(switch.layout, switch.new, names)
        step = "make the new generation current"
        _commit(switch)
    except (errors.HostError, OSError) as error:
        is_restored, ending = _restore(switch, touched, before)
        is_verdict = isinstance(error, proof.UnprovenError)
        if not is_verdict:
            ending += " The next deploy tries this release again."
        raise failures.ActivationError(
            f"release {switch.new.sequence} of {switch.layout.app} was not "
            f"activated.\nStep: {step}.\n{error}\n{ending}{_told(switch)}",
            is_verdict=is_verdict,
            is_settled=is_restored,
        ) from error


def _told(switch: Switch) -> str:
    """Return the warnings for an error, whose run has no other report."""
    return "".join(f"\n{text}." for text in switch.warnings)


def stop(names: Sequence[str]) -> None:
    """Stop units, if there are any."""
    if names:
        verbs.stop(names)


def restart(names: Sequence[str]) -> None:
    """Start units afresh, if there are any, and do not wait for them."""
    if names:
        # A unit that hit its start limit is refused even when mended.
        verbs.reset_failed(names)
        verbs.restart(names, no_block=True)


def _commit(switch: Switch) -> None:
    layout = switch.layout
    # The links lead through `current`: until it is renamed, the links
    # of new units dangle, which systemd ignores at boot. Links are
    # removed only after it, since a reboot before it needs them.
    links.add(layout, switch.new)
    files.replace_link(layout.current, str(switch.new.sequence))
    links.remove_wants(layout, switch.new)
    links.remove(layout, switch.plan.remove)
    links.remove_probation(layout)
    verbs.daemon_reload()


def _runs(generation: records.Generation | None) -> Mapping[str, str]:
    """Return the run of each unit that should be up: its InvocationID."""
    if generation is None:
        return {}
    names = [n for n in generation.units if _should_run(generation, n)]
    shown = systemctl.show(names, ["ActiveState", "InvocationID"])
    return {
        name: found.get("InvocationID", "")
        for name, found in shown.items()
        if found.get("ActiveState") == "active"
    }


def _serves_on(
    generation: records.Generation | None, before: Mapping[str, str]
) -> bool:
    """Tell whether all units run on without a restart."""
    try:
        return bool(before) and _runs(generation) == before
    except errors.HostError:
        return False


def _restore(
    switch: Switch, touched: Sequence[str], before: Mapping[str, str]
) -> tuple[bool, str]:
    """Go back to the old generation.

    Args:
        switch: The generations to switch from and to.
        touched: The units that were stopped or restarted.
        before: The runs of the units that served before.

    Returns:
        Whether that worked, and the result in words.
    """
    try:
        _undo(switch)
        if switch.old is None:
            return True, (
                "There was no release before it: its services are stopped "
                "and their units removed."
            )
        # A unit that was not touched still runs the old generation.
        back = [name for name in touched if _should_run(switch.old, name)]
        restart(back)
        proof.prove(switch.layout, switch.old, back)
    except (errors.HostError, OSError) as error:
        if _serves_on(switch.old, before):
            return False, (
                "No service was restarted: what served before serves on. "
                f"The clean-up failed, and the next run does it:\n{error}\n"
            )
        return False, (
            f"Going back failed too, so {switch.layout.app} is DOWN:\n"
            f"{error}\nNo further attempt was made."
        )
    return True, (
        f"Rolled back to release {switch.old.sequence}, which serves again."
    )


def _undo(switch: Switch) -> None:
    links.remove_probation(switch.layout)
    old_units = switch.old.units if switch.old else {}
    added = claims.own(
        switch.layout,
        [name for name in switch.new.units if name not in old_units],
    )
    stop(added)
    if switch.old:
        links.commit(switch.layout, switch.old)
        files.replace_link(switch.layout.current, str(switch.old.sequence))
    else:
        files.remove_link(switch.layout.current)
    links.remove(switch.layout, added)
    verbs.daemon_reload()
    if added:
        verbs.reset_failed(added)


def _should_run(generation: records.Generation, name: str) -> bool:
    unit = generation.units.get(name)
    return unit is not None and unit.state == "started"
