# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a generation needs is named by its content, and for few eyes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    artifact_ids,
    layouts,
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    venv,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    inputs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    interpreter,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

KEY = b"key"
GROUP = 65534
ENVIRONMENT = "0123" * 16


MAIN = model.ServiceKey("main")


def app(*, config: Any = None, **main: Any) -> model.App:
    return model.App(
        model.AppName("hello"),
        config=config or {},
        services={MAIN: model.Service("x", **main)},
    )


def mode(path: str) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_mode & 0o7777, found.st_gid


def test_ids_are_of_content_and_key() -> None:
    one, other = app(config={"a": "1"}), app(config={"a": "2"})
    assert inputs.config_id(KEY, app()) is None
    assert inputs.config_id(KEY, one) == inputs.config_id(KEY, one)
    assert inputs.config_id(KEY, one) != inputs.config_id(KEY, other)
    assert inputs.config_id(KEY, one) != inputs.config_id(b"other", one)
    assert inputs.environment_file_ids(KEY, app()) == {}
    assert inputs.credential_stamp(KEY, app().services[MAIN]) is None


def test_settings_are_for_the_group(layout: layouts.Layout) -> None:
    Path(layout.etc).mkdir(parents=True)
    wanted = app(config={"a.ini": "1"}, environment_texts=["A=1"])

    assert inputs.write_settings(layout, KEY, wanted, GROUP)
    assert not inputs.write_settings(layout, KEY, wanted, GROUP)

    folder = layout.config(inputs.config_id(KEY, wanted) or "")
    assert mode(folder) == (0o750, GROUP)
    assert mode(f"{folder}/a.ini") == (0o640, GROUP)
    ((digest,),) = inputs.environment_file_ids(KEY, wanted).values()
    file = layout.environment_file(digest)
    assert mode(file) == (0o640, GROUP)
    assert Path(file).read_text() == "A=1"
    assert os.path.isdir(layout.visible_config)


def test_another_setting_leaves_the_old_one_alone(
    layout: layouts.Layout,
) -> None:
    """The generation that serves still reads it."""
    Path(layout.etc).mkdir(parents=True)
    for text in ("1", "2"):
        inputs.write_settings(layout, KEY, app(config={"a": text}), GROUP)
    folders = Path(layout.etc, "config").iterdir()
    assert sorted((f / "a").read_text() for f in folders) == ["1", "2"]


def test_credentials_are_for_root(layout: layouts.Layout) -> None:
    wanted = app(credentials={"token": "secret"})
    Path(layout.etc).mkdir(parents=True)

    assert inputs.write_credentials(layout, wanted)
    assert not inputs.write_credentials(layout, wanted)
    assert not inputs.write_credentials(layout, app())

    file = layout.credential("main", "token")
    assert Path(file).read_text() == "secret"
    assert mode(file) == (0o600, 0)
    assert mode(os.path.dirname(file)) == (0o700, 0)


def test_a_virtualenv_that_went_after_it_was_found(
    layout: layouts.Layout,
) -> None:
    """No wheel was shipped, since the host had it."""
    lock = model.Lock(model.VirtualenvId(ENVIRONMENT), pythons.PYTHON)
    workshop = venv.Workshop("nobody", lambda _argv, _writable: None)
    with pytest.raises(errors.HostError, match="is not any more"):
        inputs.environment_at(
            layout.environment(ENVIRONMENT), lock, None, workshop
        )


def test_without_packages_nothing_need_be_shipped(
    layout: layouts.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def build(_path: str, **options: Any) -> bool:
        given.update(options)
        return True

    monkeypatch.setattr(venv, "build", build)
    monkeypatch.setattr(interpreter, "describe", lambda _path: pythons.PYTHON)
    digest = artifact_ids.environment_id([], pythons.PYTHON)
    lock = model.Lock(digest, pythons.PYTHON, [])
    workshop = venv.Workshop("nobody", lambda _argv, _writable: None)
    path = layout.environment(digest)
    assert inputs.environment_at(path, lock, None, workshop)
    assert (given["wheels"], given["pip_wheel"]) == ([], "")
