# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python of a host, for tests that do not ask a real one."""

from __future__ import annotations

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)

PYTHON = model.Interpreter(
    path="/usr/bin/python3",
    real_path="/usr/bin/python3.11",
    implementation="cpython",
    version="3.11",
    patch="3.11.2",
    soabi="cpython-311-x86_64-linux-gnu",
    platform_tag="linux_x86_64",
    libc=("glibc", "2.36"),
    machine="x86_64",
)
