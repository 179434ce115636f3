# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have a task done, and exit with 0 if its result is right."""

from __future__ import annotations

import sys

from tasks import add


def main() -> int:
    """Send a task, await its result and print it."""
    result = add.delay(2, 3).get(timeout=20)
    sys.stdout.write(f"2 + 3 = {result}\n")
    return 0 if result == 5 else 1


if __name__ == "__main__":
    sys.exit(main())
