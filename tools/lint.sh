#!/usr/bin/env bash
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs every linter and fails at the end, so that one run shows all.

set -uo pipefail
cd "$(dirname "$0")/.." || exit

export NO_COLOR=1
failed=()

check() {
    echo "lint: $*"
    "$@" || failed+=("$1 $2")
}

check ruff check .
check ruff format --check .
check mypy --package ansible_collections.pyfleet.services.plugins
check mypy tools/fleet.py tools/testfleet tools/demo.py tools/sanity.py \
    tools/applications.py tools/stages.py tools/sweep.py tools/faultsweep
check yamllint --strict .
check ansible-lint --strict --offline

if [ "${#failed[@]}" -gt 0 ]; then
    printf 'lint: FAILED: %s\n' "${failed[@]}"
    exit 1
fi
echo "lint: all passed"
