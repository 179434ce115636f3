# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the directories of the queue."""

from __future__ import annotations

from tasks import QUEUE, RESULTS


def main() -> None:
    """Make what is missing."""
    for folder in (QUEUE, RESULTS):
        folder.mkdir(parents=True, exist_ok=True)


if __name__ == "__main__":
    main()
