# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wheels are chosen by the host's Python, not the controller's."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import Any

import packaging.tags
import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _wheels,
)


def host(
    version: str = "3.9", libc: tuple[str, str] = ("glibc", "2.31")
) -> model.Interpreter:
    return replace(pythons.PYTHON, version=version, libc=libc)


def package(*files: str) -> dict[str, Any]:
    return {
        "name": "Some.Package",
        "version": "1",
        "wheels": [
            {"url": f"https://x/{file}", "hashes": {"sha256": "0" * 64}}
            for file in files
        ],
    }


PURE = "some_package-1-py3-none-any.whl"
OLD = "some_package-1-cp39-cp39-manylinux2014_x86_64.whl"
NEW = "some_package-1-cp39-cp39-manylinux_2_34_x86_64.whl"
ABI3 = "some_package-1-cp38-abi3-manylinux_2_17_x86_64.whl"
MUSL = "some_package-1-cp39-cp39-musllinux_1_1_x86_64.whl"


@pytest.mark.parametrize(
    ("interpreter", "files", "chosen"),
    [
        (host(), (PURE, OLD), OLD),
        (host(), (NEW, OLD), OLD),
        (host(libc=("glibc", "2.36")), (OLD, NEW), NEW),
        (host(), (MUSL, PURE), PURE),
        (host(libc=("musl", "1.2")), (OLD, MUSL), MUSL),
        (host("3.11"), (OLD, ABI3), ABI3),
        (host("3.11"), (OLD, PURE), PURE),
    ],
)
def test_the_best_wheel_for_the_host_is_chosen(
    interpreter: model.Interpreter, files: tuple[str, ...], chosen: str
) -> None:
    wheel = _wheels.choose(package(*files), _wheels.host_tags(interpreter))
    assert wheel.file == chosen
    assert wheel.name == "some-package"


def test_no_wheel_for_the_host_is_an_error_with_the_remedy() -> None:
    with pytest.raises(_errors.ControllerError, match="choose a version"):
        _wheels.choose(package(NEW), _wheels.host_tags(host()))


def test_a_source_distribution_alone_is_no_wheel() -> None:
    sdist = {"url": "https://x/a-1.tar.gz", "hashes": {"sha256": "0" * 64}}
    with pytest.raises(_errors.ControllerError, match="has no wheel"):
        _wheels.choose(
            {**package(), "sdist": sdist}, _wheels.host_tags(host())
        )


def test_our_tags_are_those_of_packaging_for_this_machine() -> None:
    """The oracle is packaging's own list for the running Python."""
    ours = list(_wheels.host_tags(_this_machine()))
    theirs = list(packaging.tags.sys_tags())
    assert [tag for tag in theirs if tag not in set(ours)] == []
    assert [tag for tag in ours if tag not in set(theirs)] == []


def _this_machine() -> model.Interpreter:
    major, minor = sys.version_info[:2]
    name, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()
    return replace(
        pythons.PYTHON,
        implementation=sys.implementation.name,
        version=f"{major}.{minor}",
        machine=os.uname().machine,
        libc=(name, version),
    )


@pytest.mark.parametrize(
    ("libc", "platform"),
    [
        (("glibc", "2.31"), "x86_64-manylinux_2_31"),
        (("glibc", "2.36"), "x86_64-manylinux_2_36"),
        (("glibc", "2.99"), "x86_64-manylinux_2_40"),
        (("glibc", "2.27"), "x86_64-manylinux_2_17"),
        (("musl", "1.2"), "x86_64-unknown-linux-musl"),
    ],
)
def test_uv_is_asked_for_a_platform_it_knows(
    libc: tuple[str, str], platform: str
) -> None:
    assert _wheels.uv_platform(host(libc=libc)) == platform


@pytest.mark.parametrize("hashes", [{"md5": "0" * 32}, {}, None])
def test_an_index_that_tells_no_sha256(hashes: object) -> None:
    given = package(PURE)
    given["wheels"][0].pop("hashes")
    if hashes is not None:
        given["wheels"][0]["hashes"] = hashes
    with pytest.raises(_errors.ControllerError, match="not tell its SHA-256"):
        _wheels.choose(given, _wheels.host_tags(host()))
