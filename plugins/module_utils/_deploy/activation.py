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

import functools
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    plans,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    blame,
    jobs,
    observe,
    remedies,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    children,
    errors,
    files,
    health,
    journal,
    systemctl,
)

WANTED_BY = "multi-user.target"
_POLL_SECONDS = 0.1
# Begins the answer of a process whose host, not its unit, failed.
_TROUBLE = "\0"


class ActivationError(errors.HostError):
    """A generation did not become current; says what was done then.

    Args:
        text: All about it.
        is_verdict: Whether the generation is to blame, and not the
            host: it is not tried again as it is.
        is_settled: Whether what runs is what is on the disk.
    """

    def __init__(
        self, text: str, *, is_verdict: bool, is_settled: bool
    ) -> None:
        self.is_verdict = is_verdict
        self.is_settled = is_settled
        super().__init__(text)


class _UnprovenError(errors.HostError):
    """One unit is not good.

    Attributes:
        run: Properties of the run that was not, by `observe.PROPERTIES`;
            systemd may have started the unit anew meanwhile.
    """

    def __init__(
        self, message: str, run: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.run = run or {}


@dataclass(frozen=True)
class Switch:
    """What to switch to, and from.

    Attributes:
        layout: Paths of the application.
        new: The generation to activate; its directory is written.
        old: The generation to go back to, if there is one.
        plan: What has to be restarted, stopped, added and removed.
        jobs: Unit files of the commands before the switch, by command.
        unproven: Units that run on, with a health check that is new.
    """

    layout: layouts.Layout
    new: records.Generation
    old: records.Generation | None
    plan: plans.Plan
    jobs: Sequence[tuple[str, str]] = ()
    unproven: Sequence[str] = ()


def activate(switch: Switch) -> None:
    """Try a generation, prove it, and make it current.

    Raises:
        ActivationError: If it did not prove itself. What served before
            serves again, or the error says that it does not.
    """
    step = "link the new units for the time of their proof"
    touched: list[str] = []
    before = _runs(switch.old)
    try:
        _link_probation(switch.layout, switch.new)
        step = "make systemd read the new units"
        systemctl.daemon_reload()
        step = "stop what is no longer wanted"
        touched += switch.plan.stop
        _stop(switch.plan.stop)
        step = "start the new services"
        touched += switch.plan.restart
        _restart(switch.plan.restart)
        step = "prove that the new services work"
        prove(switch.new, [*switch.plan.restart, *switch.unproven])
        step = "make the new generation current"
        _commit(switch)
    except (errors.HostError, OSError) as error:
        is_restored, ending = _restore(switch, touched, before)
        is_verdict = isinstance(error, _UnprovenError)
        if not is_verdict:
            ending += " The next deploy tries this release again."
        raise ActivationError(
            f"release {switch.new.sequence} of {switch.layout.app} was not "
            f"activated.\nStep: {step}.\n{error}\n{ending}",
            is_verdict=is_verdict,
            is_settled=is_restored,
        ) from error


def prove_checks(switch: Switch) -> None:
    """Try the health checks that are new on what runs on.

    Raises:
        ActivationError: If one of them fails. Nothing was changed, and
            the checks of before stay.
    """
    try:
        prove(switch.new, switch.unproven)
    except errors.HostError as error:
        raise ActivationError(
            f"The services of {switch.layout.app} run on, but a health "
            f"check that is new does not pass.\n{error}\nNothing was "
            "restarted, and the check of before stays: correct the new one, "
            "or see what is wrong with the service.",
            is_verdict=False,
            is_settled=False,
        ) from error


def heal(switch: Switch) -> list[str]:
    """Bring up what does not run as the current generation says.

    A unit whose health alone is in doubt is watched first, and is
    restarted only if it does not recover: no restart for weather.

    Returns:
        The units that were restarted.

    Raises:
        ActivationError: If it is not good even then. Nothing is rolled
            back, since the release itself was good before.
    """
    plan = switch.plan
    restart = [*plan.restart]
    is_restarted = False
    try:
        systemctl.daemon_reload()
        _stop(plan.stop)
        try:
            prove(switch.new, plan.watch)
        except errors.HostError:
            restart += plan.watch
        _restart(restart)
        is_restarted = True
        prove(switch.new, restart)
    except errors.HostError as error:
        raise ActivationError(
            f"release {switch.new.sequence} of {switch.layout.app} is "
            f"current, but does not work.\n{error}\nNothing was rolled "
            "back: this release proved itself when it was activated.",
            is_verdict=False,
            is_settled=is_restarted,
        ) from error
    return restart


def link(layout: layouts.Layout, generation: records.Generation) -> bool:
    """Make the permanent links of a generation's units; tell if new."""
    changed = _add_links(layout, generation)
    return _remove_wants(generation) or changed


def _add_links(layout: layouts.Layout, generation: records.Generation) -> bool:
    changed = False
    for name, unit in generation.units.items():
        changed |= files.replace_link(
            layouts.unit_link(name), f"{layout.current}/{name}"
        )
        if unit.enabled:
            wants = layouts.wants_link(name, WANTED_BY)
            files.ensure_directory(os.path.dirname(wants), mode=0o755)
            changed |= files.replace_link(wants, layouts.unit_link(name))
    return changed


def _remove_wants(generation: records.Generation) -> bool:
    changed = False
    for name, unit in generation.units.items():
        if not unit.enabled:
            changed |= files.remove_link(layouts.wants_link(name, WANTED_BY))
    return changed


def unlink(layout: layouts.Layout, names: Sequence[str]) -> None:
    """Remove the permanent links of units, of ours alone.

    Another application may have a unit of the same name meanwhile, or
    somebody a file of their own.
    """
    for name in observe.own(layout, names):
        files.remove_link(layouts.wants_link(name, WANTED_BY))
        files.remove_link(layouts.unit_link(name))


def remove_probation(layout: layouts.Layout) -> list[str]:
    """Remove links that a run left behind; return their units."""
    found = []
    try:
        names = sorted(os.listdir(layouts.PROBATION_UNITS))
    except FileNotFoundError:
        return []
    for name in names:
        path = layouts.probation_link(name)
        if os.path.islink(path) and os.readlink(path).startswith(
            f"{layout.etc}/"
        ):
            files.remove_link(path)
            found.append(name)
    return found


def prove(generation: records.Generation, names: Sequence[str]) -> None:
    """Watch units until all are good, each by its own health check.

    Raises:
        HostError: If one of them is not; says all about it.
    """
    answers = children.gather(
        [functools.partial(_prove_unit, name, generation) for name in names]
    )
    texts = [text for is_good, text in answers if not is_good]
    if not texts:
        return
    joined = "\n".join(text.replace(_TROUBLE, "", 1) for text in texts)
    if all(text.startswith(_TROUBLE) for text in texts):
        raise errors.HostError(joined)
    raise _UnprovenError(joined)


def run_jobs(switch: Switch) -> None:
    """Run the commands before the switch; no unit is changed yet.

    Raises:
        ActivationError: If one of them failed.
    """
    if not switch.jobs:
        return
    commands, texts = zip(*switch.jobs)
    app, number = switch.layout.app, switch.new.sequence
    # A name of its own, for another try uses the number again.
    stem = jobs.stem(app, "before", number, os.getpid())
    try:
        jobs.run(stem, texts, commands)
    except errors.HostError as error:
        raise ActivationError(
            f"release {number} of {app} was not activated.\n"
            "Step: run the commands before the switch.\n"
            f"{error}\nNo unit was changed: what served before serves on.",
            # What it needed, such as a database, may be back next time.
            is_verdict=False,
            is_settled=False,
        ) from error


def _link_probation(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    files.ensure_directory(layouts.PROBATION_UNITS, mode=0o755)
    folder = layout.generation(generation.sequence)
    for name in generation.units:
        files.replace_link(layouts.probation_link(name), f"{folder}/{name}")


def _stop(names: Sequence[str]) -> None:
    if names:
        systemctl.stop(names)


def _restart(names: Sequence[str]) -> None:
    if names:
        # A unit that hit its start limit is refused even when mended.
        systemctl.reset_failed(names)
        systemctl.restart(names, no_block=True)


def _commit(switch: Switch) -> None:
    layout = switch.layout
    # The links lead through `current`: until it is renamed, those of
    # new units dangle, which systemd ignores at boot. Links are taken
    # away after that alone: a reboot before it needs them.
    _add_links(layout, switch.new)
    files.replace_link(layout.current, str(switch.new.sequence))
    _remove_wants(switch.new)
    unlink(layout, switch.plan.remove)
    remove_probation(layout)
    systemctl.daemon_reload()


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
    """Tell whether all that ran before runs on, never restarted."""
    try:
        return bool(before) and _runs(generation) == before
    except errors.HostError:
        return False


def _restore(
    switch: Switch, touched: Sequence[str], before: Mapping[str, str]
) -> tuple[bool, str]:
    """Go back to what was good.

    Args:
        switch: From what to what.
        touched: The units that were stopped or restarted.
        before: The runs of what served before.

    Returns:
        Whether that worked, and in words how it went.
    """
    try:
        _undo(switch)
        if switch.old is None:
            return True, (
                "There was no release before it: its services are stopped "
                "and their units removed."
            )
        # What was not touched runs what it ran before.
        back = [name for name in touched if _should_run(switch.old, name)]
        _restart(back)
        prove(switch.old, back)
    except (errors.HostError, OSError) as error:
        if _serves_on(switch.old, before):
            return False, (
                "No service was restarted: what served before serves on. "
                f"To clear up failed, which the next run does:\n{error}\n"
            )
        return False, (
            f"Going back failed too, so {switch.layout.app} is DOWN:\n"
            f"{error}\nNo further attempt was made."
        )
    return True, (
        f"Rolled back to release {switch.old.sequence}, which serves again."
    )


def _undo(switch: Switch) -> None:
    remove_probation(switch.layout)
    old_units = switch.old.units if switch.old else {}
    added = observe.own(
        switch.layout,
        [name for name in switch.new.units if name not in old_units],
    )
    _stop(added)
    if switch.old:
        link(switch.layout, switch.old)
        files.replace_link(switch.layout.current, str(switch.old.sequence))
    else:
        files.remove_link(switch.layout.current)
    unlink(switch.layout, added)
    systemctl.daemon_reload()
    if added:
        systemctl.reset_failed(added)


def _should_run(generation: records.Generation, name: str) -> bool:
    unit = generation.units.get(name)
    return unit is not None and unit.state == "started"


def _prove_unit(name: str, generation: records.Generation) -> tuple[bool, str]:
    """Wait for one unit to start, then for its health.

    Returns:
        Whether it is good, and if not, why, with its journal.
    """
    probe = observe.probe_of(name, generation)
    try:
        baseline = _wait_started(name)
        _wait_good(name, generation, baseline)
    except _UnprovenError as error:
        return False, _explain(name, str(error), probe, error.run)
    except (errors.HostError, OSError) as error:
        # The host could not be asked: no verdict on the generation.
        return False, f"{_TROUBLE}{name}: {error}"
    return True, ""


def _wait_started(name: str) -> Mapping[str, str]:
    seconds = systemctl.patience([name])
    deadline = time.monotonic() + seconds
    before: Mapping[str, str] = {}
    while time.monotonic() < deadline:
        properties = systemctl.show([name], observe.PROPERTIES)[name]
        is_done = properties.get("Job", "") in ("", "0")
        if is_done and properties["ActiveState"] == "active":
            return properties
        if is_done and properties["ActiveState"] in ("failed", "inactive"):
            raise _UnprovenError("it did not start")
        if int(properties.get("NRestarts") or 0) > 0:
            raise _UnprovenError("it ended while it started", before)
        before = properties
        time.sleep(_POLL_SECONDS)
    raise _UnprovenError(f"it did not start within {seconds:g} seconds")


def _wait_good(
    name: str, generation: records.Generation, baseline: Mapping[str, str]
) -> None:
    check = generation.units[name].health
    probe = observe.probe_of(name, generation)

    def reason_to_give_up() -> str | None:
        now = systemctl.show([name], observe.PROPERTIES)[name]
        is_same = all(
            now[key] == baseline[key] for key in ("InvocationID", "NRestarts")
        )
        if now["ActiveState"] == "active" and is_same:
            return None
        return "it ended while it was watched"

    result = health.wait_healthy(
        probe,
        timeout=check.timeout,
        interval=check.interval,
        consecutive=check.consecutive,
        settle=check.settle,
        still_good=reason_to_give_up,
    )
    if not result.ok:
        raise _UnprovenError(result.detail, baseline)
    problem = observe.listener_problem(probe, baseline)
    if problem:
        raise _UnprovenError(
            f"the health check was not answered by {name}: {problem}",
            baseline,
        )


def _explain(
    name: str,
    reason: str,
    probe: health.Probe | None,
    run: Mapping[str, str],
) -> str:
    """Word why a unit is not good, with the end of its journal.

    Returns:
        The text; it begins with `_TROUBLE` if the host is to blame.
    """
    properties = systemctl.show([name], observe.PROPERTIES)[name]
    invocation = run.get("InvocationID") or properties["InvocationID"]
    lines = journal.last_lines(name, invocation)
    ended: Mapping[str, str] = {}
    if invocation == properties["InvocationID"]:
        ended = properties
        ending = journal.exit_in_words(properties)
    else:
        # The properties are those of the run that came after it.
        ended = journal.exit_record(invocation)
        ending = journal.exit_of(invocation)
    text = f"{name}: {reason}"
    if ending:
        text += f"; {ending}"
    problem = observe.listener_problem(probe, properties) or ""
    # Of a service that ended it is clear that nothing listens.
    holder = problem if "is held by" in problem else ""
    if holder and holder not in reason:
        text += f"; {holder}"
    fault = blame.of_host(ended, lines, holder)
    if fault:
        text += f"\n  The host may be to blame, and not the release: {fault}."
    if lines:
        quoted = "\n".join(f"    {line}" for line in lines)
        text += f"\n  The last lines of its journal:\n{quoted}"
    text += remedies.text(name, ended, lines)
    return f"{_TROUBLE}{text}" if fault else text
