# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library packaging, which ansible-core itself depends on.

ansible-test imports plugins where it is missing, so its names are looked
up when they are used: ``_packaging.Requirement``.
"""

from __future__ import annotations

import contextlib

with contextlib.suppress(ImportError):
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.tags import Tag, compatible_tags, cpython_tags
    from packaging.utils import canonicalize_name, parse_wheel_filename

__all__ = [
    "InvalidRequirement",
    "Requirement",
    "Tag",
    "canonicalize_name",
    "compatible_tags",
    "cpython_tags",
    "parse_wheel_filename",
]
