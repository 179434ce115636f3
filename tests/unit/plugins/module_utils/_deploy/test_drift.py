# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a host's own changes asks for a deploy, and what does not.

A test cannot exchange the Python or the systemd of its machine, so it
exchanges what the host tells of them.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    artifacts,
    claims,
    drift,
    generations,
    inputs,
    observe,
    settings,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)

MANAGER = systemctl.Manager(252, "252.39", frozenset({"+SECCOMP", "-BTF"}))
APP = model.App(model.AppName("hello"))
KEY = b"key"


ENVIRONMENT = "0123" * 16


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the host's python3.11, to which python3 leads."""
    real = tmp_path / "usr" / "bin" / "python3.11"
    real.parent.mkdir(parents=True)
    real.touch(0o755)
    real.with_name("python3").symlink_to(real)
    monkeypatch.setattr(pwd, "getpwnam", lambda _unused: None)
    return real


@pytest.fixture
def observed(layout: layouts.Layout, python: Path) -> observe.Observed:
    """Return a host that is as it was deployed."""
    environment = Path(layout.environment(ENVIRONMENT))
    (environment / "bin").mkdir(parents=True)
    inputs.write_claim(layout, KEY)
    (environment / "bin" / "python").symlink_to(python)
    header = f"pyfleet 2 {ENVIRONMENT} {'0' * 64}\n"
    Path(artifact.manifest_path(str(environment))).write_text(header)
    generation = records.Generation(
        app="hello",
        sequence=1,
        created="",
        collection="1",
        wanted=ids.wanted_id(KEY, APP),
        digest="",
        source=model.Origin("", ""),
        environment=ENVIRONMENT,
        code=None,
        config=None,
        environment_files={},
        interpreter=replace(pythons.PYTHON, real_path=str(python)),
        systemd=generations.systemd_facts(MANAGER),
        units={},
    )
    return observe.Observed(layout, True, KEY, generation, {})


def reasons(
    observed: observe.Observed, manager: systemctl.Manager = MANAGER
) -> list[str]:
    return drift.reasons(observed, APP, manager, "1")


def test_nothing_changed(observed: observe.Observed) -> None:
    assert reasons(observed) == []


def test_patch_upgrade_of_python(
    observed: observe.Observed, python: Path
) -> None:
    """Another file under the same name: the virtualenv suits it."""
    python.unlink()
    python.write_text("3.11.9")
    python.chmod(0o755)
    assert reasons(observed) == []


def remove_old(python: Path) -> None:
    python.unlink()


def keep_old(_python: Path) -> None:
    """Debian keeps no older Python; others do."""


@pytest.mark.parametrize(
    ("old", "words"),
    [
        (remove_old, ["not complete, or its Python is gone", "is gone"]),
        (keep_old, ["the host's python3 has changed"]),
    ],
)
def test_minor_upgrade_of_python(
    observed: observe.Observed,
    python: Path,
    old: Callable[[Path], None],
    words: list[str],
) -> None:
    newer = python.with_name("python3.12")
    newer.touch(0o755)
    link = python.with_name("python3")
    link.unlink()
    link.symlink_to(newer)
    old(python)

    found = reasons(observed)

    assert len(found) == len(words)
    for reason, word in zip(found, words):
        assert word in reason
    is_usable = artifacts.usable(observed.layout) == [ENVIRONMENT]
    assert is_usable is os.path.exists(python)


@pytest.mark.parametrize(
    "manager",
    [
        MANAGER._replace(version=257),
        MANAGER._replace(variant="el9"),
        MANAGER._replace(features=frozenset({"-SECCOMP", "-BTF"})),
    ],
    ids=["version", "build", "features"],
)
def test_systemd_upgraded(
    observed: observe.Observed, manager: systemctl.Manager
) -> None:
    (reason,) = reasons(observed, manager)
    assert reason == "the units were rendered for another systemd"


def test_security_update_of_systemd(observed: observe.Observed) -> None:
    """It reads the same directives, so nothing has to be rendered."""
    assert reasons(observed, MANAGER._replace(version_text="252.40")) == []


def test_credentials_that_a_failed_release_left(
    observed: observe.Observed, tmp_path: Path
) -> None:
    services = {
        model.ServiceKey("main"): model.Service(
            "x", credentials={"token": "wanted"}
        ),
        model.ServiceKey("other"): model.Service("x"),
    }
    app = replace(APP, services=services)
    place = Path(observed.layout.credential("main", "token"))
    place.parent.mkdir(parents=True)

    for text, stale in (("wanted", []), ("another", ["main"])):
        place.write_text(text)
        assert drift.stale_credentials(observed.layout, app) == stale
    assert any(
        "credentials of service main" in reason
        for reason in drift.reasons(observed, app, MANAGER, "1")
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"is_interrupted": True},
            "an earlier run has not ended, or has died",
        ),
        (
            {"key": b"other"},
            "the wanted state is not the state that was deployed",
        ),
        ({"generation": None}, "it is not deployed here"),
    ],
)
def test_what_the_records_say(
    observed: observe.Observed, changes: dict[str, Any], reason: str
) -> None:
    assert reasons(replace(observed, **changes)) == [reason]


def test_a_key_that_is_gone(observed: observe.Observed) -> None:
    (reason,) = reasons(replace(observed, key=None))
    assert reason == f"{observed.layout.key} is missing"


def test_another_version_of_the_collection(
    observed: observe.Observed,
) -> None:
    found = drift.reasons(observed, APP, MANAGER, "2")
    assert found == ["version 1 of the collection deployed it"]


def test_an_account_that_is_gone(
    observed: observe.Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "is_known", lambda *_unused: False)
    assert reasons(observed) == ["the account hello is missing"]


def test_units_that_are_not_well(observed: observe.Observed) -> None:
    state = observe.UnitState({}, None, ("its file is missing",), "late")
    assert reasons(replace(observed, units={"a.service": state})) == [
        "a.service: its file is missing",
        "a.service: it is not healthy: late",
    ]


@pytest.mark.parametrize(
    ("changes", "folder", "is_data", "expected"),
    [
        ({}, None, False, True),
        ({}, None, True, False),
        ({}, "envs", False, False),
        ({}, "code", False, False),
        ({"is_claimed": False}, "envs", True, True),
        ({"is_claimed": False, "is_interrupted": True}, None, False, False),
    ],
)
def test_what_is_absent(
    layout: layouts.Layout,
    changes: dict[str, Any],
    folder: str | None,
    is_data: bool,
    expected: bool,
) -> None:
    if folder:
        Path(layout.opt, folder).mkdir()
    observed = observe.Observed(layout, True, b"", None, {})
    found = replace(observed, **changes)
    assert drift.is_absent(found, is_data=is_data) is expected


def test_a_claim_that_is_gone(observed: observe.Observed) -> None:
    os.remove(observed.layout.claim)
    (reason,) = reasons(observed)
    assert reason == f"{observed.layout.claim} is missing"


@pytest.mark.parametrize(
    "name", ["records", "etc", "claim", "key", "opt", "generation"]
)
def test_a_file_that_another_user_could_change(
    observed: observe.Observed, name: str
) -> None:
    layout = observed.layout
    os.mkdir(layout.generation(1))
    is_folder = name == "generation"
    path = layout.generation(1) if is_folder else getattr(layout, name)
    os.chown(path, 12345, 0)
    assert reasons(observed) == [f"{path} does not belong to root"]


def test_settings_that_somebody_changed(
    observed: observe.Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "changed", lambda _unused: ["/x"])
    (reason,) = reasons(observed)
    assert reason.startswith("/x was changed by hand. ")
