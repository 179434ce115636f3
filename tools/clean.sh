#!/usr/bin/env bash
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Removes the fleet's containers and images, then what tools left behind.

set -euo pipefail
cd "$(dirname "$0")/.."

python=.build/venv/bin/python
if [ ! -x "$python" ]; then
    python=python3
fi
if [ -d .build/fleet ]; then
    "$python" tools/fleet.py clean
fi
rm -rf .build .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis
rm -rf tests/output
find . -name __pycache__ -type d -prune -exec rm -rf {} +
