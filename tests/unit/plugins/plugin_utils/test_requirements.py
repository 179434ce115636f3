# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requirements are read strictly, and held against their hashes."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _requirements,
    _wheels,
)

ONE = "1" * 64
TWO = "2" * 64
FILE = f"""\
# A comment.
gunicorn==23.0.0 \\
    --hash=sha256:{ONE} \\
    --hash=sha256:{TWO}   # both of its files

typing-extensions>=4 ; python_version < "3.11"
"""


def wheel(name: str, sha256: str) -> _wheels.IndexedWheel:
    return _wheels.IndexedWheel(
        name, "1", f"{name}-1-py3-none-any.whl", sha256, ""
    )


def test_comments_and_continuations_are_read() -> None:
    first, second = _requirements.read_requirements(
        FILE, "pyapp_source.requirements"
    )
    assert first.split() == [
        "gunicorn==23.0.0",
        f"--hash=sha256:{ONE}",
        f"--hash=sha256:{TWO}",
    ]
    assert second == 'typing-extensions>=4 ; python_version < "3.11"'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-r other.txt", "'-r'"),
        ("--index-url=https://x/", "'--index-url'"),
        ("-e .", "a directory is refused"),
        ("pkg @ file:///tmp/x.whl", "the file of a wheel is refused"),
        ("pkg @ https://example.org/x", "an address is refused"),
        ("../1.0", "a directory is refused"),
        ("a b", "PEP 508"),
        ("pkg==1.0; rm", "PEP 508"),
        ("pkg==1 --hash=md5:abc", "sha256"),
        ("pkg==1 --hash=sha256:abc", "64 hexadecimal digits"),
    ],
)
def test_other_lines_are_refused_by_number(line: str, said: str) -> None:
    with pytest.raises(_errors.RefusedError) as refusal:
        _requirements.read_requirements(f"a==1\n{line}\n", "reqs")
    (message,) = refusal.value.messages
    assert message.startswith("reqs, line 2:")
    assert said in message


@pytest.mark.parametrize(
    "package",
    [
        "-r x",
        "a==1 --index-url=https://x/",
        "a==1; python_version<'3' --index-url=https://x/",
        "a==1 ;\r-r x",
        "a==1 ;\u2028-e .",
        "a @ file:///x.whl",
        "a @ git+https://x/",
    ],
)
def test_a_package_is_one_requirement_and_no_option(package: str) -> None:
    assert _requirements.check_packages(
        ["a==1", "b==2; python_version<'3'"], "v"
    )
    with pytest.raises(_errors.RefusedError) as refusal:
        _requirements.check_packages(
            ["b==2", package], "pyapp_source.packages"
        )
    (message,) = refusal.value.messages
    assert message.startswith("pyapp_source.packages[1]: ")


def test_a_file_of_comments_alone_is_for_the_standard_library() -> None:
    assert _requirements.read_requirements("# nothing\n\n", "reqs") == []


def test_wheels_with_a_given_hash_pass() -> None:
    lines = [f"a==1 --hash=sha256:{ONE} --hash=sha256:{TWO}"]
    _requirements.check_hashes(lines, [wheel("a", TWO)])


def test_no_hashes_means_no_check() -> None:
    _requirements.check_hashes(["a==1"], [wheel("a", ONE), wheel("b", TWO)])


def test_a_wheel_with_another_hash_is_refused() -> None:
    with pytest.raises(
        _errors.ControllerError, match="not one of its given hashes"
    ):
        _requirements.check_hashes(
            [f"a==1 --hash=sha256:{ONE}"], [wheel("a", TWO)]
        )


def test_an_unhashed_dependency_beside_hashes_is_refused() -> None:
    lines = [f"a==1 --hash=sha256:{ONE}"]
    with pytest.raises(_errors.ControllerError, match="b 1 has no hash"):
        _requirements.check_hashes(lines, [wheel("a", ONE), wheel("b", TWO)])
