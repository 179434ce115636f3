# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/needs.md is what tools/needs_table.py makes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    needs,
)

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "needs.md"


def test_the_page_is_up_to_date() -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "needs_table.py")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout
    assert made == PAGE.read_text(encoding="utf-8")


def test_the_page_has_every_need() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = [word for word in needs.NEEDS if f"\n### {word}\n" not in text]
    assert not missing
