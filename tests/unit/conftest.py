# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from hypothesis import settings

# The same examples in each run, none of which fails for being slow.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
