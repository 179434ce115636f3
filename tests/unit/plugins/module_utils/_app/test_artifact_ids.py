# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The id of an artifact changes with its content alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    artifact_ids,
    model,
)

WHEELS = [
    model.Wheel("a", "1", "0" * 64, "a-1-py3-none-any.whl"),
    model.Wheel("b", "2", "1" * 64, "b-2-py3-none-any.whl"),
]


PYTHON = pythons.PYTHON


def test_order_and_patch_level_do_not_change_an_environment() -> None:
    other = replace(PYTHON, patch="3.11.9")
    assert artifact_ids.environment_id(
        WHEELS, PYTHON
    ) == artifact_ids.environment_id(WHEELS[::-1], other)


@pytest.mark.parametrize(
    "change",
    [{"version": "3.12"}, {"soabi": "cpython-312"}, {"platform_tag": "x"}],
)
def test_another_abi_is_another_environment(change: dict[str, Any]) -> None:
    assert artifact_ids.environment_id(
        WHEELS, PYTHON
    ) != artifact_ids.environment_id(WHEELS, replace(PYTHON, **change))


def test_another_wheel_is_another_environment() -> None:
    wheels = [WHEELS[0], replace(WHEELS[1], sha256="2" * 64)]
    assert artifact_ids.environment_id(
        WHEELS, PYTHON
    ) != artifact_ids.environment_id(wheels, PYTHON)


def test_code_ids_cover_path_kind_and_content() -> None:
    base = [("a.py", "file", "0"), ("b", "exec", "1")]
    made = {
        artifact_ids.code_id(base),
        artifact_ids.code_id([("a.py", "exec", "0"), base[1]]),
        artifact_ids.code_id([("c.py", "file", "0"), base[1]]),
        artifact_ids.code_id([("a.py", "file", "2"), base[1]]),
    }
    assert len(made) == 4
    assert artifact_ids.code_id(base[::-1]) in made


BUILT = model.App(
    model.AppName("x"),
    code="0123456789ab",
    build=[model.BuildCommand("python build.py")],
    environment={"A": "b"},
)


def test_code_that_is_not_built_is_named_by_its_files() -> None:
    assert (
        artifact_ids.code_artifact(replace(BUILT, build=[]), "e") == BUILT.code
    )
    assert artifact_ids.code_artifact(replace(BUILT, code=None), "e") is None


def test_what_is_built_depends_on_all_that_went_into_it() -> None:
    other = [model.BuildCommand("python build.py -v")]
    twice = [*BUILT.build, *BUILT.build]
    made = [
        BUILT.code,
        artifact_ids.code_artifact(BUILT, "e"),
        artifact_ids.code_artifact(BUILT, "f"),
        artifact_ids.code_artifact(replace(BUILT, code="ba9876543210"), "e"),
        artifact_ids.code_artifact(replace(BUILT, build=other), "e"),
        artifact_ids.code_artifact(replace(BUILT, build=twice), "e"),
        artifact_ids.code_artifact(replace(BUILT, environment={}), "e"),
    ]
    assert len(set(made)) == len(made)


def test_a_deadline_builds_nothing_anew() -> None:
    slow = [model.BuildCommand("python build.py", "1h")]
    assert artifact_ids.code_artifact(
        replace(BUILT, build=slow), "e"
    ) == artifact_ids.code_artifact(BUILT, "e")
