# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids change with what they name, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    model,
)


def test_a_sealed_id_depends_on_the_host() -> None:
    assert ids.sealed(b"one", "secret") != ids.sealed(b"two", "secret")


def test_policies_are_not_part_of_what_is_wanted() -> None:
    app = model.App(model.AppName("x"), keep_releases=3)
    more = replace(app, keep_releases=5, retry_failed=True, prefix="app.")
    assert ids.wanted_id(b"k", app) == ids.wanted_id(b"k", more)
    other = replace(app, exposure_max=1.0)
    assert ids.wanted_id(b"k", app) != ids.wanted_id(b"k", other)
