# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that describe a unit file."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of `unit` and `unit_validate`."""

    DOCUMENTATION = r"""
options:
  content:
    description:
      - The text of the unit file.
    type: str
  options:
    description:
      - The unit file as a dictionary of sections, each a dictionary of
        directives and their values. A list gives one line per item, an
        empty text resets a directive, booleans become C(yes) and C(no).
      - The module refuses a number for a file mode or a time, such as
        C(UMask) or C(RestartSec), since YAML may have changed it. Put it
        in quotes.
      - The module writes values as they are. Quote them, and double C(%)
        and C($), where systemd needs it.
    type: dict
  drop_ins:
    description:
      - Drop-ins of the unit, texts by file name, such as
        C(10-limits.conf). The module judges the unit together with them.
      - The names must end in C(.conf), because systemd reads no others.
    type: dict
    default: {}
  strict:
    description:
      - Whether warnings fail as errors do.
    type: bool
    default: false
  exposure_max:
    description:
      - Refuse a service whose exposure is above this number, from 0 to
        10. The exposure is the score of C(systemd-analyze security).
    type: float
"""
