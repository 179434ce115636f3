# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All paths of an application are below its root."""

from __future__ import annotations

import inspect

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)

PROPERTIES = [
    name
    for name, member in inspect.getmembers(layouts.Layout)
    if isinstance(member, property) and name != "builder"
]
ARGUMENTS = {"digest": "0123" * 16, "sequence": 3, "unit": "a.service"}
METHODS = [
    name
    for name, member in inspect.getmembers(layouts.Layout, inspect.isfunction)
    if not name.startswith("_") and name != "unit_name"
]


def paths(layout: layouts.Layout, name: str) -> list[str]:
    found = getattr(layout, name)
    if callable(found):
        wanted = inspect.signature(found).parameters
        found = found(**{n: ARGUMENTS.get(n, n) for n in wanted})
    return [found] if isinstance(found, str) else list(found)


@pytest.mark.parametrize("name", [*PROPERTIES, *METHODS])
def test_a_root_comes_before_every_path(name: str) -> None:
    usual = paths(layouts.Layout("hello"), name)
    assert usual
    assert all(path.startswith("/") for path in usual)
    expected = [f"/root/of/test{path}" for path in usual]
    assert paths(layouts.Layout("hello", "/root/of/test"), name) == expected


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("opt", "/opt/hello"),
        ("etc", "/etc/pyfleet/hello"),
        ("state", "/var/lib/hello"),
        ("cache", "/var/cache/hello"),
        ("logs", "/var/log/hello"),
        ("visible_config", "/etc/hello"),
        ("environment", "/opt/hello/envs/012301230123"),
        ("generation", "/etc/pyfleet/hello/3"),
        ("unit_link", "/etc/systemd/system/a.service"),
        (
            "wants_link",
            "/etc/systemd/system/multi-user.target.wants/a.service",
        ),
        ("probation_link", "/run/systemd/system.control/a.service"),
    ],
)
def test_where_things_are(name: str, path: str) -> None:
    assert paths(layouts.Layout("hello"), name) == [path]


def test_a_committed_unit_is_first_on_the_path_of_units() -> None:
    layout = layouts.Layout("hello")
    assert layout.unit_folders[0] == layout.system_units
    assert len(set(layout.unit_folders)) == 5


@pytest.mark.parametrize(
    ("key", "unit"),
    [("main", "hello.service"), ("worker", "hello-worker.service")],
)
def test_names_of_units(key: str, unit: str) -> None:
    assert layouts.Layout("hello").unit_name(key) == unit
