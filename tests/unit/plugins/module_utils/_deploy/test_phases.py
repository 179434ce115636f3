# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a deploy, from an empty host to its next release."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    draft,
    failures,
    inputs,
    jobs,
    observe,
    phases,
    prune,
    reach,
    refusals,
    rollback,
    stops,
    traces,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "hello.service"
WORKER = {"exec": "hello-serve work"}


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units name their programs without the root of a test."""
    monkeypatch.setattr(refusals, "missing_programs", lambda *_unused: None)


def names(folder: str) -> list[str]:
    return sorted(os.listdir(folder))


def test_validation_changes_nothing(host: Any, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))

    found = phases.validate(host.order())

    assert (found["action"], found["changed"]) == ("activate", True)
    assert found["added"] == found["restarted"] == [UNIT]
    (diff,) = found["diff"]
    assert diff["before"] == ""
    assert "ExecStart=" in diff["after"]
    assert sorted(tmp_path.rglob("*")) == before
    assert host.calls == []


def test_preparation_touches_no_unit(host: Any) -> None:
    first = phases.prepare(host.order())
    again = phases.prepare(host.order())

    assert first["changed"]
    assert not again["changed"]
    assert names(host.layout.etc) == ["claim.json", "key"]
    assert artifact.is_complete(host.layout.environment("0123" * 16))
    assert [call for call in host.calls if call[1:]] == []


def test_the_first_release_is_activated(host: Any) -> None:
    layout = host.layout

    found = phases.activate(host.order())

    assert found["changed"]
    assert found["release"] == 1
    assert found["restarted"] == [UNIT]
    assert os.readlink(layout.current) == "1"
    assert os.readlink(layout.unit_link(UNIT)) == f"{layout.current}/{UNIT}"
    assert os.readlink(layout.wants_link(UNIT)) == layout.unit_link(UNIT)
    assert names(layout.probation_units) == []
    assert names(layout.etc) == ["1", "claim.json", "current", "key"]
    assert ("prove", UNIT) in host.calls


def test_a_second_deploy_of_the_same_does_nothing(host: Any) -> None:
    phases.activate(host.order())
    host.calls.clear()

    found = phases.activate(host.order())

    assert (found["action"], found["changed"]) == ("nothing", False)
    assert found["release"] == 1
    assert [call for call in host.calls if call != ("prove",)] == []


def test_a_service_that_is_named_no_more_goes(host: Any) -> None:
    two = {"main": {"exec": "hello-serve"}, "worker": WORKER}
    phases.activate(host.order(services=two))
    host.calls.clear()

    found = phases.activate(host.order())

    worker = "hello-worker.service"
    assert found["removed"] == found["stopped"] == [worker]
    assert found["restarted"] == []
    assert found["release"] == 2
    assert ("stop", worker) in host.calls
    assert not os.path.lexists(host.layout.unit_link(worker))


def test_a_release_that_fails_is_refused_the_next_time(host: Any) -> None:
    phases.activate(host.order())
    other = {"main": {"exec": "hello-serve --other"}}
    host.faults[UNIT] = "it did not start"

    # The old release is not proven either: the host is down.
    with pytest.raises(failures.ActivationError, match="is DOWN"):
        phases.activate(host.order(services=other))

    assert os.readlink(host.layout.current) == "1"
    trace = traces.read(host.layout)
    assert trace and trace.units == (UNIT,)
    host.faults.clear()
    with pytest.raises(errors.HostError, match="failed its proof"):
        phases.activate(host.order(services=other))
    assert phases.activate(host.order())["restarted"] == [UNIT]
    assert traces.read(host.layout) is None
    retried = host.order(services=other, retry_failed=True)
    assert phases.activate(retried)["release"] == 2


def test_a_damaged_virtualenv_is_rebuilt_below_by_one_draft(
    host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    phases.activate(host.order())
    host.calls.clear()
    path = host.layout.environment("0123" * 16)
    os.remove(artifact.manifest_path(path))
    drafts = []
    make = draft.make

    def counted(*args: Any) -> draft.Draft:
        drafts.append(args)
        return make(*args)

    monkeypatch.setattr(draft, "make", counted)

    forecast = phases.validate(host.order())
    found = phases.activate(host.order())

    for said in (forecast, found):
        assert (said["action"], said["changed"]) == ("heal", True)
        assert said["restarted"] == [UNIT]
    assert artifact.is_complete(path)
    assert ("restart", UNIT) in host.calls
    # One for each phase.
    assert len(drafts) == 2


def test_a_prepared_rebuild_is_told_to_the_next_run(host: Any) -> None:
    """The running service still uses the files that were replaced."""
    phases.activate(host.order())
    path = host.layout.environment("0123" * 16)
    os.remove(artifact.manifest_path(path))

    phases.prepare(host.order())

    trace = traces.read(host.layout)
    assert trace and trace.units == (UNIT,)
    assert phases.activate(host.order())["restarted"] == [UNIT]
    assert traces.read(host.layout) is None


def test_a_stopped_service_is_started_again(host: Any) -> None:
    phases.activate(host.order())
    host.active.clear()

    found = phases.activate(host.order())

    assert (found["action"], found["release"]) == ("heal", 1)
    assert host.active == {UNIT}


def test_a_lost_link_is_put_back_without_a_restart(host: Any) -> None:
    phases.activate(host.order())
    host.calls.clear()
    os.remove(host.layout.wants_link(UNIT))

    found = phases.activate(host.order())

    assert (found["action"], found["changed"]) == ("refresh", True)
    assert os.path.islink(host.layout.wants_link(UNIT))
    assert [call for call in host.calls if call[0] == "restart"] == []


def test_other_credentials_restart_what_loads_them(
    host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Units name their credentials without the root of a test.
    monkeypatch.setattr(prune, "_forgotten_credentials", lambda *_: [])

    def order(token: str) -> Any:
        main = {"exec": "hello-serve", "credentials": {"token": token}}
        services = {"main": main, "worker": WORKER}
        return host.order(services=services)

    phases.activate(order("old"))
    found = phases.activate(order("new"))

    assert (found["action"], found["restarted"]) == ("heal", [UNIT])
    place = Path(host.layout.credential("main", "token"))
    assert place.read_text() == "new"


def test_a_new_check_that_fails_changes_nothing(host: Any) -> None:
    phases.activate(host.order())
    checked = {"exec": "hello-serve", "health": {"tcp": "127.0.0.1:1"}}
    host.faults[UNIT] = "refused"

    with pytest.raises(failures.ActivationError, match="the old check stays"):
        phases.activate(host.order(services={"main": checked}))

    observed = observe.read_one(host.layout)
    assert observed.generation
    assert observed.generation.units[UNIT].health.tcp is None


def test_old_releases_are_pruned(host: Any) -> None:
    for number in range(4):
        main = {"exec": f"hello-serve {number}"}
        order = host.order(services={"main": main}, keep_releases=2)
        phases.activate(order)
    kept = [name for name in names(host.layout.etc) if name.isdecimal()]
    assert kept == ["3", "4"]


def test_a_rebuild_is_told_even_if_a_command_fails_after_it(
    host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs still uses the files that were replaced below it."""
    phases.activate(host.order())
    os.remove(artifact.manifest_path(host.layout.environment("0123" * 16)))
    services = {"main": {"exec": "hello-serve --other"}}
    order = host.order(services=services, before_switch=["hello-migrate"])

    def fail(*_unused: object) -> None:
        raise errors.HostError("no such table")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "run", fail)
        with pytest.raises(failures.ActivationError, match="no such table"):
            phases.activate(order)

    trace = traces.read(host.layout)
    assert trace and trace.units == (UNIT,)
    assert names(host.layout.etc)[0] == "1"
    assert phases.activate(host.order())["restarted"] == [UNIT]


def test_a_release_that_failed_before_may_be_mended_while_current(
    host: Any,
) -> None:
    phases.activate(host.order())
    observed = observe.read_one(host.layout)
    assert observed.generation
    failures.remember(host.layout, observed.generation, "it was late")
    host.active.clear()
    assert phases.activate(host.order())["action"] == "heal"


@pytest.mark.parametrize("place", ["link", "file"])
@pytest.mark.parametrize("change", ["Nice=5", "# a comment"])
@pytest.mark.parametrize("is_other", [False, True])
def test_a_file_changed_by_hand_is_put_back(
    host: Any, place: str, change: str, *, is_other: bool
) -> None:
    layout = host.layout
    phases.activate(host.order())
    text = change_by_hand(layout, place, change)
    host.calls.clear()
    options = {"services": {"main": {"exec": "hello-serve --other"}}}

    found = phases.activate(host.order(**(options if is_other else {})))

    assert found["release"] == (2 if is_other else 1)
    is_restarted = is_other or not change.startswith("#")
    assert bool(found["restarted"]) is is_restarted
    (told,) = found["warnings"]
    copy = told.rpartition(" is kept as ")[2]
    assert Path(copy).read_text() == text
    assert found["changed"]
    assert os.readlink(layout.unit_link(UNIT)) == f"{layout.current}/{UNIT}"
    for number in range(1, found["release"] + 1):
        file = Path(layout.generation(number), UNIT)
        assert change not in file.read_text()
    assert traces.read(layout) is None
    again = phases.activate(host.order(**(options if is_other else {})))
    assert (again["changed"], again["warnings"]) == (False, [])


def test_an_edit_equal_to_the_new_release_is_restarted(host: Any) -> None:
    """The process may have been started before the edit, or after."""
    order = host.order(services={"main": {"exec": "hello-serve --other"}})
    phases.activate(host.order())
    phases.activate(order)
    new = Path(host.layout.generation(2), UNIT).read_text()
    rollback.roll_back(host.layout, None)
    Path(host.layout.unit_link(UNIT)).unlink()
    Path(host.layout.unit_link(UNIT)).write_text(new)
    assert phases.activate(order)["restarted"] == [UNIT]


def test_a_deploy_that_fails_tells_where_the_edit_is(host: Any) -> None:
    phases.activate(host.order())
    text = change_by_hand(host.layout, "link", "Nice=5")
    host.faults[UNIT] = "it did not start"
    other = host.order(services={"main": {"exec": "hello-serve --other"}})

    with pytest.raises(failures.ActivationError) as told:
        phases.activate(other)

    copy = str(told.value).rpartition(" is kept as ")[2].rstrip(".")
    assert Path(copy).read_text() == text


def test_a_mask_is_refused_before_any_change(
    host: Any, tmp_path: Path
) -> None:
    phases.activate(host.order())
    link = Path(host.layout.unit_link(UNIT))
    link.unlink()
    link.symlink_to(os.devnull)
    before = sorted(tmp_path.rglob("*"))
    for work in (phases.activate, phases.prepare, phases.validate):
        with pytest.raises(errors.HostError, match="systemctl unmask"):
            work(host.order())
    assert sorted(tmp_path.rglob("*")) == before
    assert os.readlink(link) == os.devnull


def test_a_deploy_that_dies_early_leaves_the_edit_to_the_next(
    host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clear-up links the unit again, and the edit is not lost."""

    def fail(*_unused: object, **_options: object) -> list[str]:
        raise errors.HostError("the disk is full")

    phases.activate(host.order())
    text = change_by_hand(host.layout, "link", "Nice=5")
    with monkeypatch.context() as patch:
        patch.setattr(inputs, "lay_down", fail)
        with pytest.raises(errors.HostError, match="the disk is full"):
            phases.activate(host.order())
    (kept,) = Path(host.layout.aside).iterdir()
    assert kept.read_text() == text
    assert phases.activate(host.order())["restarted"] == [UNIT]
    assert traces.read(host.layout) is None


def test_settings_changed_by_hand_are_put_back(host: Any) -> None:
    layout = host.layout
    order = host.order(config={"a.ini": "a=1\n"})
    phases.activate(order)
    host.calls.clear()
    observed = observe.read_one(layout)
    assert observed.generation and observed.generation.config
    folder = Path(layout.config(observed.generation.config))
    (folder / "a.ini").write_text("password=2\n")
    (folder / "b.ini").write_text("more\n")

    found = phases.activate(order)

    assert (found["action"], found["restarted"]) == ("heal", [UNIT])
    (told,) = found["warnings"]
    assert f"{folder} was changed by hand" in told
    assert "password" not in told
    assert names(str(folder)) == ["a.ini"]
    assert (folder / "a.ini").read_text() == "a=1\n"
    kept = {path.read_text() for path in Path(layout.aside).iterdir()}
    assert kept == {"password=2\n", "more\n"}
    assert not phases.activate(order)["changed"]


def test_what_was_given_away_is_roots_again(host: Any) -> None:
    phases.activate(host.order())
    host.calls.clear()
    paths = [host.layout.generation(1), f"{host.layout.generation(1)}/{UNIT}"]
    for path in paths:
        os.chown(path, 12345, 0)

    found = phases.activate(host.order())

    assert (found["changed"], found["restarted"]) == (True, [])
    assert {os.stat(path).st_uid for path in paths} == {0}


def test_a_claim_that_is_gone_is_written_again(host: Any) -> None:
    phases.activate(host.order())
    os.remove(host.layout.claim)
    found = phases.activate(host.order())
    assert (found["changed"], found["release"]) == (True, 1)
    assert os.path.exists(host.layout.claim)


def change_by_hand(layout: layouts.Layout, place: str, change: str) -> str:
    """Add a line to a unit file as an editor does; return the text."""
    path = Path(layout.unit_link(UNIT))
    text = f"{path.read_text()}{change}\n"
    if place == "link":
        path.unlink()
    path.write_text(text)
    return text


def test_the_report_tells_what_the_deploy_saw(
    host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sockets of the new processes, and the end of the old ones."""
    monkeypatch.setattr(
        reach, "notices", lambda _units, started: [f"{started} unheard"]
    )
    monkeypatch.setattr(stops, "cut_off", lambda _drafted: ["killed"])
    monkeypatch.setattr(
        stops, "difference", lambda _drafted: [{"prepared": "90s"}]
    )

    planned = phases.validate(host.order())
    found = phases.activate(host.order())

    assert found["notices"] == [f"['{UNIT}'] unheard"]
    assert found["warnings"] == ["killed"]
    assert planned["notices"] == planned["warnings"] == []
    assert planned["diff"][-1] == found["diff"][-1] == {"prepared": "90s"}
