# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the database that is served."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

PLANETS = ("Mercury", "Venus", "Earth", "Mars")


def main() -> None:
    """Write the table anew."""
    path = Path(os.environ["STATE_DIRECTORY"]) / "planets.db"
    database = sqlite3.connect(path)
    with closing(database), database:
        database.execute("DROP TABLE IF EXISTS planets")
        database.execute("CREATE TABLE planets (name TEXT)")
        database.executemany(
            "INSERT INTO planets VALUES (?)", [(name,) for name in PLANETS]
        )


if __name__ == "__main__":
    main()
