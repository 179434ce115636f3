# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof that units work: they start, stay up, and are healthy."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    blame,
    checks,
    observe,
    remedies,
    starts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    children,
    errors,
    health,
    journal,
    systemctl,
    verbs,
    watch,
)

_POLL_SECONDS = 0.1
# A process answers for each unit with one text. This character begins
# the text where the host is to blame, and not the unit.
_TROUBLE = "\0"


class UnprovenError(errors.HostError):
    """A unit did not prove itself, and is to blame for that.

    Attributes:
        run: Properties of the run that failed, by `observe.PROPERTIES`;
            systemd may have started the unit anew meanwhile.
        is_start: Whether the unit never was active.
    """

    def __init__(
        self,
        message: str,
        run: Mapping[str, str] | None = None,
        *,
        is_start: bool = False,
    ) -> None:
        super().__init__(message)
        self.run = run or {}
        self.is_start = is_start


def prove(
    layout: layouts.Layout,
    generation: records.Generation,
    names: Sequence[str],
) -> None:
    """Watch units until all are good, each by its own health check.

    Args:
        layout: Paths of the application.
        generation: The generation that the units belong to.
        names: Names of the units.

    Raises:
        UnprovenError: One of them is not good; the text says why.
        HostError: The host is to blame for all that are not good.
    """
    answers = children.gather(
        [
            functools.partial(_prove_unit, layout, generation, name)
            for name in names
        ]
    )
    texts = [text for is_good, text in answers if not is_good]
    if not texts:
        return
    joined = "\n".join(text.replace(_TROUBLE, "", 1) for text in texts)
    if all(text.startswith(_TROUBLE) for text in texts):
        raise errors.HostError(joined)
    raise UnprovenError(joined)


def _prove_unit(
    layout: layouts.Layout, generation: records.Generation, name: str
) -> tuple[bool, str]:
    """Wait for one unit to start, then for its health.

    Returns:
        Whether it is good, and if not, why, with its journal.
    """
    probe = checks.probe_of(layout, generation, name)
    try:
        baseline = _wait_started(name)
        _wait_good(name, generation.units[name].health, probe, baseline)
    except UnprovenError as error:
        return False, _explain(layout.app, name, error, probe)
    except (errors.HostError, OSError) as error:
        # The host did not answer, which says nothing of the unit.
        return False, f"{_TROUBLE}{name}: {error}"
    return True, ""


def _wait_started(name: str) -> Mapping[str, str]:
    seconds = verbs.patience([name])
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        properties = systemctl.show([name], observe.PROPERTIES)[name]
        is_done = properties.get("Job", "") in ("", "0")
        if is_done and properties["ActiveState"] == "active":
            return properties
        if is_done and _has_ended(properties):
            # systemd starts some units anew. Until then it still tells
            # how this run ended.
            raise UnprovenError("it did not start", properties, is_start=True)
        if int(properties.get("NRestarts") or 0) > 0:
            run = {"InvocationID": journal.last_ended(name)}
            raise UnprovenError(
                "it ended while it started", run, is_start=True
            )
        time.sleep(_POLL_SECONDS)
    raise UnprovenError(
        f"it did not start within {seconds:g} seconds", is_start=True
    )


def _has_ended(properties: Mapping[str, str]) -> bool:
    is_down = properties["ActiveState"] in ("failed", "inactive")
    return is_down or properties["SubState"].startswith("auto-restart")


def _wait_good(
    name: str,
    check: model.Health,
    probe: health.Probe | None,
    baseline: Mapping[str, str],
) -> None:
    """Wait until a unit's check is met, for as long as it must settle.

    Raises:
        UnprovenError: The unit ended, or its check was not met in time.
    """

    def reason_to_give_up() -> str | None:
        now = systemctl.show([name], observe.PROPERTIES)[name]
        is_same = all(
            now[key] == baseline[key] for key in ("InvocationID", "NRestarts")
        )
        if now["ActiveState"] == "active" and is_same:
            return None
        return "it ended while it was watched"

    result = watch.wait_healthy(
        probe,
        timeout=check.timeout,
        interval=check.interval,
        consecutive=check.consecutive,
        settle=check.settle,
        still_good=reason_to_give_up,
    )
    if not result.ok:
        raise UnprovenError(result.detail, baseline)
    problem = checks.listener_problem(probe, baseline)
    if problem:
        raise UnprovenError(
            f"the health check was not answered by {name}: {problem}",
            baseline,
        )


def _explain(
    app: str, name: str, error: UnprovenError, probe: health.Probe | None
) -> str:
    """Tell why a unit is not good, with the end of its journal.

    Returns:
        The text; it begins with `_TROUBLE` if the host is to blame.
    """
    reason = str(error)
    asked = (*observe.PROPERTIES, *starts.PROPERTIES)
    properties = systemctl.show([name], asked)[name]
    invocation = error.run.get("InvocationID") or properties["InvocationID"]
    ended = _end_of(properties, error.run, invocation)
    ending = journal.exit_in_words(ended) if ended else ""
    more: list[str] = []
    if error.is_start:
        ending = starts.in_words(ended, properties) or ending
        more = starts.remedies(ended, properties)
    lines = journal.last_lines(name, invocation)
    holder = _holder(probe, properties)
    parts = [reason, ending, "" if holder in reason else holder]
    text = f"{name}: {'; '.join(filter(None, parts))}"
    fault = blame.of_host(ended, lines, holder, app)
    if fault:
        text += f"\n  The host may be to blame, and not the release: {fault}."
    if lines:
        quoted = "\n".join(f"    {line}" for line in lines)
        text += f"\n  The last lines of its journal:\n{quoted}"
    text += remedies.text(name, ended, lines, app, more)
    return f"{_TROUBLE}{text}" if fault else text


def _end_of(
    properties: Mapping[str, str], run: Mapping[str, str], invocation: str
) -> Mapping[str, str]:
    """Return the end of a unit's run, as far as it is known.

    Args:
        properties: The properties of the unit's newest run.
        run: The properties of the run that is asked about, at some
            time of it.
        invocation: The id of this run.
    """
    if invocation == properties["InvocationID"]:
        return properties
    if run.get("Result", "") not in ("", "success"):
        return run
    # systemd has started the unit anew, and tells of the newer run.
    return journal.exit_record(invocation)


def _holder(probe: health.Probe | None, properties: Mapping[str, str]) -> str:
    """Return in words which other process holds a unit's port, if any.

    The text is empty for an address at which no process listens: the
    service that would listen there has ended.
    """
    problem = checks.listener_problem(probe, properties) or ""
    return problem if "is held by" in problem else ""
