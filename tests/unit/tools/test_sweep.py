# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The campaigns of the sweep, and the points that are chosen of them."""

from __future__ import annotations

import errno

import sweep


def test_all_campaigns_are_run_by_default() -> None:
    options = sweep._parser().parse_args([])
    assert options.campaigns == list(sweep.CAMPAIGNS)
    assert options.hosts == list(sweep.HOSTS)
    assert (options.first, options.step) == (1, 1)


def test_a_part_of_one_campaign() -> None:
    words = ["kill", "--hosts", "trixie", "--step", "10"]
    options = sweep._parser().parse_args(words)
    assert options.campaigns == ["kill"]
    assert options.hosts == ["trixie"]
    assert options.step == 10


def test_every_error_is_one_of_the_kernel() -> None:
    for _does_build, fault in sweep.CAMPAIGNS.values():
        if "error" in fault:
            assert hasattr(errno, fault["error"])


def test_states_are_of_campaigns() -> None:
    assert set(sweep.STATES) <= set(sweep.CAMPAIGNS)
