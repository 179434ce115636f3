# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of containers that boot systemd, to test the collection on.

It is a development tool for the controller, on Python 3.11 or later
and the standard library alone. ``specs`` describes the hosts,
``machine`` describes this machine, ``images`` and ``containers`` act,
``inventory`` renders.
"""
