# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle holds what was digested, and nothing else."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _bundle,
    _errors,
    _sources,
)


def test_a_file_that_changes_meanwhile_is_not_shipped(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_bytes(b"one")
    digest = hashlib.sha256(b"one").hexdigest()
    code = _sources.Code(
        "0123456789ab",
        (_sources.Member("a.py", str(source), "file", "", digest),),
    )
    packed = str(tmp_path / "code.tar")
    _bundle._pack(code, packed)
    with tarfile.open(packed) as tar:
        assert tar.getnames() == ["a.py"]

    source.write_bytes(b"another")
    with pytest.raises(_errors.ControllerError, match="was changed while"):
        _bundle._pack(code, packed)
    source.unlink()
    with pytest.raises(_errors.ControllerError, match="cannot be read"):
        _bundle._pack(code, packed)
