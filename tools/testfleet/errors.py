# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error of the fleet, a line that names the remedy."""

from __future__ import annotations


class FleetError(Exception):
    """Something is missing or failed; the message is one line."""
