# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A package that is named by its place is refused with a remedy."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    addresses,
)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("git+https://hunter2@example.org/a/b", "a repository is"),
        ("git+https://example.org/a/b.git@v1#egg=b", "a repository is"),
        ("git+ssh://git@example.org/a", "a repository is"),
        ("b @ git+https://hunter2@example.org/a/b", "a repository is"),
        ("b[x] @ hg+https://example.org/a", "a repository is"),
        ("-e git+https://example.org/a/b", "a repository is"),
        ("git@example.org:a/b.git", "a repository is"),
        ("https://example.org/a/b.git", "a repository is"),
        ("./x-1.0-py3-none-any.whl", "write x==1.0,"),
        ("my_app-1.0+a-cp311-cp311-linux_x86_64.whl", "write my-app==1.0+a,"),
        ("./x.whl", "write NAME==VERSION,"),
        ("/srv/x-1.0-py3-none-any.whl", "write x==1.0,"),
        ("x @ file:///srv/x-1.0-py3-none-any.whl", "write x==1.0,"),
        ("https://u:hunter2@h/x-1-py3-none-any.whl#sha256=a", "write x==1,"),
        ("https://example.org/x-1.0.tar.gz", "an archive is"),
        ("./x.zip ; python_version < '4'", "an archive is"),
        ("https://u:hunter2@example.org/x", "an address is"),
        ("x @ https://example.org/x", "an address is"),
        (".", "a directory is"),
        ("..", "a directory is"),
        ("./shop", "a directory is"),
        ("../1.0", "a directory is"),
        ("~/shop", "a directory is"),
        ("libs/shop", "a directory is"),
        ("-e .", "a directory is"),
        ("--editable=./shop", "a directory is"),
        ("file:///srv/shop", "an address is"),
    ],
)
def test_a_place_is_refused(line: str, said: str) -> None:
    refusal = addresses.refusal(line)
    assert said in refusal
    assert "hunter2" not in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize(
    "line",
    [
        "a==1",
        "a-extra==1",
        "a[b,c]==1.0+local",
        'a==1 ; python_version < "3.11"',
        f"a==1 --hash=sha256:{'1' * 64}",
        "a>=1,<2",
        "-r other.txt",
        "--index-url=https://example.org/",
        "",
    ],
)
def test_another_line_is_not_judged(line: str) -> None:
    assert addresses.refusal(line) == ""


@pytest.mark.parametrize("part", [" ", "a/", "a.whl ", "[", "a@", ".git"])
def test_a_long_line_takes_no_time(part: str) -> None:
    addresses.refusal("a" + part * 60000)
