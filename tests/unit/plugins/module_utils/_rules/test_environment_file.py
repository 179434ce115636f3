# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd drops of an environment file is said, never its values."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    environment_file,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)

TARGET = targets.Target(257)
DROPPED = "environment-line-dropped"


@pytest.mark.parametrize(
    ("content", "code", "line", "said"),
    [
        (b"A=1\nexport B=hunter2\n", DROPPED, 2, "write B="),
        (b"MY-VAR=hunter2\n", DROPPED, 1, "letters, digits and _"),
        (b"KFOO: hunter2\n", DROPPED, 1, "no equals sign"),
        (b"A=1\n\0B=hunter2", DROPPED, 2, "NUL byte"),
        (b"\xef\xbb\xbfA=hunter2\n", DROPPED, 1, "byte order mark"),
        (b"A=1\nB=\xe9hunter2\n", "environment-not-utf8", 2, "not UTF-8"),
        (b"A=1\nB='hunter2\nC=3\n", "environment-open-quote", 2, "close"),
        (b"A=30   # hunter2\n", "trailing-comment", 1, "behind #"),
        (b"A='30' # hunter2\n", "trailing-comment", 1, "behind #"),
    ],
)
def test_a_mistake(content: bytes, code: str, line: int, said: str) -> None:
    (found,) = environment_file.check(content, TARGET, "a.env")
    assert (found.code, found.line, found.file) == (code, line, "a.env")
    assert said in found.message
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"K=-----BEGIN\nhunTER2/a+b==\n", id="base64"),
        pytest.param(b"K=a\nhunTER2-a_b=\n", id="base64 for addresses"),
        pytest.param(b"K=a\nHUNTER2 A=====\n", id="base32"),
        pytest.param(b"u://a:hunter2@b/?c=d\n", id="address"),
        pytest.param(b"export hunTER2=1\n", id="export"),
        pytest.param(b"hunTER2=1 # 2\n", id="before a comment"),
        pytest.param(b"hunTER2='1\n", id="before open quotes"),
    ],
)
def test_a_name_that_may_be_a_secret(content: bytes) -> None:
    (found,) = environment_file.check(content, TARGET)
    assert "hunter2" not in str(found).lower()


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"MY-VAR=1\n", "'MY-VAR' is not"),
        (b"server.port=1\n", "'server.port' is not"),
        (b"export S3_KEY=1\n", "write S3_KEY="),
        (b"S3_KEY=1 # 2\n", "value of S3_KEY"),
        (b"S3_KEY='1\n", "quotes of S3_KEY"),
    ],
)
def test_a_name_is_shown(content: bytes, shown: str) -> None:
    (found,) = environment_file.check(content, TARGET)
    assert shown in found.message


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# only a comment\n",
        b"A=1\nB='two words # and a hash'\nC=\"x\\\ny\"\n",
        b"URL=https://example.org/#anchor\nCOLOUR=#fff\n",
        b"A=a#b\r\nB=2\r\n",
    ],
)
def test_a_file_without_mistakes(content: bytes) -> None:
    assert environment_file.check(content, TARGET) == []


def test_findings_are_in_the_order_of_their_lines() -> None:
    found = environment_file.check(b"A=1 # b\nB\nC=1 # d\n", TARGET)
    assert [one.line for one in found] == [1, 2, 3]
