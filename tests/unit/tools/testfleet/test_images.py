# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image is named by its recipe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from testfleet import images
from testfleet.specs import HOSTS


def test_image_tag_follows_the_recipe() -> None:
    trixie = HOSTS["trixie"]
    tag = images.tag(trixie)
    assert tag.startswith("localhost/pyfleet-fleet:trixie-")
    assert images.tag(replace(trixie, name="another")) == tag
    packages = tuple(reversed(trixie.packages))
    assert images.tag(replace(trixie, packages=packages)) == tag
    changed = {
        images.tag(replace(trixie, suite="sid")),
        images.tag(replace(trixie, packages=(*packages, "acl"))),
        images.tag(trixie, "mirror"),
    }
    assert len(changed) == 3
    assert tag not in changed


def test_build_command() -> None:
    archive = Path("out.tar")
    command = images.build_command(HOSTS["trixie"], archive, "")
    assert command[0] == "mmdebstrap"
    assert command[-2:] == ["trixie", "out.tar"]
    assert not [part for part in command if "gunicorn" in part]
    sid = images.build_command(HOSTS["sid"], archive, "mirror")
    assert sid[-3:] == ["sid", "out.tar", "mirror"]
    assert '--aptopt=Acquire::Check-Valid-Until "false"' in sid
