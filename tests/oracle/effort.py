# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of an oracle is asked: a share, or all of it.

`make oracle` asks a share that takes minutes; PYFLEET_ORACLE=full, as
`make oracle-full` sets it, asks everything. A variable of its own sets
each amount, such as PYFLEET_ORACLE_SHARE=0.1.
"""

from __future__ import annotations

import os


def amount(name: str, usual: float, full: float) -> float:
    """Return an amount.

    Args:
        name: Its variable without ``PYFLEET_ORACLE_``.
        usual: What it is by default.
        full: What it is in a full sweep.
    """
    given = os.environ.get(f"PYFLEET_ORACLE_{name}")
    if given:
        return float(given)
    return full if os.environ.get("PYFLEET_ORACLE") == "full" else usual


SEED = int(amount("SEED", 1, 1))
