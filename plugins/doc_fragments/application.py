# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that describe an application."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of `app_info` and `release`."""

    DOCUMENTATION = r"""
options:
  app:
    description:
      - The application, with the options of role C(pyapp) without their
        prefix, such as C(name), C(source), C(services).
      - By default the play's variables C(pyapp_*) describe it, or
        C(pyapp_apps) describes several by name.
    type: dict
  wanted:
    description:
      - The wanted state as the controller sends it. The action plugin
        sets this option.
    type: str
  verify:
    description:
      - V(full) reads every file of the virtualenv and of the code, and
        compares it with the manifest of the build. The result names each
        difference, and a deploy builds that artifact anew. V(quick) does
        so only if a service is not as it should be.
    type: str
    choices: [quick, full]
    default: quick
"""
