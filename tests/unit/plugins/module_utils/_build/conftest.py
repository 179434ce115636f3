# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory that becomes an artifact."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    sealing,
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a directory with all that an artifact must not keep."""
    root = tmp_path / "artifact"
    (root / "lib" / "__pycache__").mkdir(parents=True)
    (root / "lib" / "module.py").write_text("VALUE = 1\n")
    (root / "lib" / "old.py").write_text("print 'Python 2'\n")
    (root / "lib" / "__pycache__" / "evil.pyc").write_bytes(b"")
    (root / "run").write_text("#!/bin/sh\n")
    (root / "run").chmod(0o4777)
    (root / "lib" / "module.py").chmod(0o600)
    (root / "link").symlink_to("lib/module.py")
    return root


@pytest.fixture
def sealed(tree: Path) -> Path:
    """Return the same directory as an artifact that is complete."""
    sealing.seal(
        str(tree),
        digest="0a1b2c3d" * 8,
        python=sys.executable,
        compiled=[str(tree / "lib")],
    )
    return tree
