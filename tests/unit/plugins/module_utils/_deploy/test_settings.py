# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changed configuration and environment files are found by their ids."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    observe,
    restore,
    settings,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

KEY = b"key"
CONFIG = {"a.ini": "a\n", "b.ini": "\udcff"}
TEXT = "A=1\n"
MAIN, WORKER = "hello.service", "hello-worker.service"
Maker = Callable[..., records.Generation]


@pytest.fixture
def observed(layout: layouts.Layout, generation_of: Maker) -> observe.Observed:
    """Return a host with a configuration and an environment file."""
    config, variables = ids.sealed(KEY, CONFIG), ids.sealed(KEY, TEXT)
    units = {
        name: records.UnitRecord(
            model.ServiceKey(key), "", "started", True, model.Health()
        )
        for name, key in ((MAIN, "main"), (WORKER, "worker"))
    }
    generation = generation_of(
        units=units,
        config=config,
        environment_files={"worker": [variables]},
    )
    folder = Path(layout.config(config))
    folder.mkdir(parents=True)
    for name, text in CONFIG.items():
        content = text.encode("utf-8", "surrogateescape")
        (folder / name).write_bytes(content)
    file = Path(layout.environment_file(variables))
    file.parent.mkdir()
    file.write_text(TEXT)
    return observe.Observed(layout, True, KEY, generation, {})


def folder(observed: observe.Observed) -> Path:
    return Path(observed.layout.config(ids.sealed(KEY, CONFIG)))


def file(observed: observe.Observed) -> Path:
    return Path(observed.layout.environment_file(ids.sealed(KEY, TEXT)))


def test_nothing_is_changed(observed: observe.Observed) -> None:
    assert settings.changed(observed) == []
    assert settings.users(observed) == []
    assert settings.in_words(observed) == []


def test_a_file_that_is_gone_is_not_a_change(
    observed: observe.Observed,
) -> None:
    """Module artifacts tells of it."""
    file(observed).unlink()
    assert settings.changed(observed) == []


def test_an_environment_file_is_of_its_service(
    observed: observe.Observed,
) -> None:
    file(observed).write_text("PASSWORD=x\n")
    assert settings.changed(observed) == [str(file(observed))]
    assert settings.users(observed) == [WORKER]
    (text,) = settings.in_words(observed)
    assert str(file(observed)) in text
    assert "PASSWORD" not in text


@pytest.mark.parametrize("change", ["edit", "add", "remove", "link", "folder"])
def test_the_configuration_is_of_all_services(
    observed: observe.Observed, change: str
) -> None:
    path = folder(observed) / "a.ini"
    if change == "edit":
        path.write_text("b\n")
    elif change == "add":
        path.with_name("c.ini").touch()
    else:
        path.unlink()
        if change == "link":
            path.symlink_to("/etc/passwd")
        elif change == "folder":
            path.mkdir()
    assert settings.changed(observed) == [str(folder(observed))]
    assert settings.users(observed) == [MAIN, WORKER]
    restore.take_away(observed.layout, str(folder(observed)))
    assert os.listdir(folder(observed)) == []


def test_a_file_is_kept_for_root_alone(observed: observe.Observed) -> None:
    file(observed).write_text("PASSWORD=x\n")
    restore.take_away(observed.layout, str(file(observed)))
    assert not file(observed).exists()
    (kept,) = Path(observed.layout.aside).iterdir()
    assert kept.read_text() == "PASSWORD=x\n"
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("path", ["file", "folder"])
def test_a_link_in_its_place_is_moved(
    observed: observe.Observed, path: str
) -> None:
    place = {"file": file, "folder": folder}[path](observed)
    place.rename(place.with_name("moved"))
    place.symlink_to("moved")
    assert settings.changed(observed) == [str(place)]
    restore.take_away(observed.layout, str(place))
    assert not os.path.lexists(place)
