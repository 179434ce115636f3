# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the attributes that all modules have."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes; a module adds its own words to them."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Tells what would change, and changes nothing.
  diff_mode:
    support: full
    description: Shows the difference that the task makes.
  platform:
    support: full
    platforms: linux
    description: Hosts whose PID 1 is systemd.
"""
