# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The output of systemctl is understood, and nothing else is run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    systemctl,
)

EL8 = 'ID="rhel"\nPLATFORM_ID="platform:el8"\n'
Fake = Callable[..., list[list[str]]]


@pytest.mark.parametrize(
    ("text", "os_release", "version", "variant"),
    [
        ("252.39-1~deb12u1", "", 252, ""),
        ("247.3-7+deb11u8", "", 247, ""),
        ("262.1-1", "", 262, ""),
        ("v258", "", 258, ""),
        ("239-82.el8_10", "", 239, "el8"),
        ("252-46.el9_5.2", "", 252, "el9"),
        ("257-9.el10", "", 257, ""),
        ("239", EL8, 239, "el8"),
        ("252.39-1~deb12u1", 'ID=debian\nVERSION_ID="12"\n', 252, ""),
    ],
)
def test_version(
    text: str, os_release: str, version: int, variant: str
) -> None:
    found = systemctl.parse_manager(text, "", os_release)
    assert (found.version, found.variant) == (version, variant)
    assert found.version_text == text


def test_version_without_a_number() -> None:
    with pytest.raises(errors.HostError, match="holds no number"):
        systemctl.parse_manager("unknown", "")


def test_manager(fake: Fake) -> None:
    fake((0, "Version=252.39-1\nFeatures=+PAM -BTF default-hierarchy=x\n", ""))
    assert systemctl.manager().features == {"+PAM", "-BTF"}


def test_host_without_systemd(fake: Fake) -> None:
    fake((1, "", "System has not been booted with systemd"))
    with pytest.raises(errors.HostError, match="not been booted"):
        systemctl.manager()


class TestShow:
    def test_many_units_in_one_call(self, fake: Fake) -> None:
        calls = fake(
            (
                0,
                "Job=7\nNames=a.service b.service\nActiveState=active\n\n"
                "Names=c.socket\nJob=\n",
                "",
            )
        )
        assert systemctl.show(
            ["b.service", "c.socket"], ["Job", "ActiveState", "Unknown"]
        ) == {
            "b.service": {"Job": "7", "ActiveState": "active"},
            "c.socket": {"Job": ""},
        }
        assert calls[0][0] == "show"
        assert calls[0][-3:] == ["--", "b.service", "c.socket"]
        assert len(calls) == 1

    def test_names_are_given_only_where_asked(self, fake: Fake) -> None:
        fake((0, "Names=a.service\n", ""))
        shown = systemctl.show(["a.service"], ["Names"])
        assert shown == {"a.service": {"Names": "a.service"}}

    def test_repeated_lines_are_one_value(self, fake: Fake) -> None:
        fake((0, "Names=a.service\nExecStart=x\nmore\nExecStart=y\n", ""))
        shown = systemctl.show(["a.service"], ["ExecStart"])
        assert shown["a.service"]["ExecStart"] == "x\nmore\ny"

    @pytest.mark.parametrize(
        "first",
        [
            # An empty line in a value makes one block too many.
            "Names=a.service\nExecStart=x\n\ny\n\nNames=b.service\n",
            # The number of blocks is right, but they have other names.
            "Names=a.service\nExecStart=x\n\nNames=a.service\n",
        ],
    )
    def test_ambiguous_output_is_asked_again(
        self, fake: Fake, first: str
    ) -> None:
        calls = fake(
            (0, first, ""),
            (0, "Names=a.service\nExecStart=x\n\ny\n", ""),
            (0, "Names=b.service\nExecStart=\n", ""),
        )
        assert systemctl.show(["a.service", "b.service"], ["ExecStart"]) == {
            "a.service": {"ExecStart": "x\n\ny"},
            "b.service": {"ExecStart": ""},
        }
        assert len(calls) == 3

    def test_no_units_no_call(self, fake: Fake) -> None:
        assert (systemctl.show([], ["Job"]), fake()) == ({}, [])

    def test_a_string_is_no_list(self) -> None:
        with pytest.raises(TypeError, match="list of names"):
            systemctl.show("a.service", ["Job"])


@pytest.mark.parametrize(
    ("state", "expected"),
    [("loaded", True), ("masked", False), ("bad-setting", False)],
)
def test_loaded(state: str, expected: bool) -> None:
    assert systemctl.is_loaded_state({"LoadState": state}) is expected
    assert not systemctl.is_loaded_state({})
