#!/usr/bin/env bash
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs every linter and fails at the end, so that one run shows all.

set -uo pipefail
cd "$(dirname "$0")/.." || exit

export NO_COLOR=1
readonly plugins=ansible_collections.pyfleet.services.plugins
failed=()

check() {
    echo "lint: $*"
    "$@" || failed+=("$*")
}

check ruff check .
check ruff format --check .
# The code of the hosts, for the oldest Python that mypy knows (theirs may
# be 3.9), then the code of the controller.
check mypy --package "$plugins.module_utils" --package "$plugins.modules"
check mypy --python-version 3.11 --package "$plugins.plugin_utils" \
    --package "$plugins.action" --package "$plugins.doc_fragments"
# Tools and tests run on the Python of setup.sh. Two folders of tests
# have a conftest.py at their top, and mypy accepts one at a time.
check mypy --python-version 3.11 tools tests/helpers tests/unit \
    tests/integration
check mypy --python-version 3.11 tests/oracle
# At most ten branches and forty lines in a function.
check python tools/complexity.py plugins tools
check yamllint --strict .
check ansible-lint --strict --offline

if [ "${#failed[@]}" -gt 0 ]; then
    printf 'lint: FAILED: %s\n' "${failed[@]}"
    exit 1
fi
echo "lint: all passed"
