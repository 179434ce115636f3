# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of containers that boot systemd, to test the collection on.

Controller-side development tool: standard library only, Python 3.11 or
later. ``specs`` says what the hosts are, ``machine`` what this machine
can do, ``images`` and ``containers`` act, ``inventory`` renders.
"""
