# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host is sent the code that it lacks, and nothing else."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _index,
    _sources,
    _task,
)

FILES, ENVIRONMENT = "0123456789ab", "ba9876543210"
CODE = _sources.Code(FILES, ())
WANTED: dict[str, Any] = {
    "code": FILES,
    "build": [{"exec": "python x", "timeout": "15min"}],
    "environment": {},
    "source": {"inputs": "same"},
}
BUILT = ids.code_artifact(WANTED, ENVIRONMENT)


@pytest.mark.parametrize(
    ("wanted", "there", "is_shipped"),
    [
        (WANTED, [], True),
        # What was laid down before anything was built is not it.
        (WANTED, [FILES], True),
        (WANTED, [BUILT], False),
        ({**WANTED, "build": []}, [FILES], False),
        ({**WANTED, "build": []}, [BUILT], True),
    ],
)
def test_code_is_shipped_where_it_is_not_there(
    wanted: dict[str, Any], there: list[str], is_shipped: bool
) -> None:
    info = {
        "deploy": {
            "environment": ENVIRONMENT,
            "interpreter": {"version": "3.11"},
            "made_with": {"version": "3.11"},
            "source": {"inputs": "same"},
            "environments": [ENVIRONMENT],
            "codes": there,
        },
    }

    lock = _task.decide(
        _task.Application(wanted, [], _index.Index(None), CODE), info
    )

    assert lock.facts["environment"] == ENVIRONMENT
    assert lock.code == (CODE if is_shipped else None)


def test_a_file_that_changes_meanwhile_is_not_shipped(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_bytes(b"one")
    digest = hashlib.sha256(b"one").hexdigest()
    code = _sources.Code(
        FILES, (_sources.Member("a.py", str(source), "file", "", digest),)
    )
    packed = str(tmp_path / "code.tar")
    _task._pack(code, packed)
    with tarfile.open(packed) as tar:
        assert tar.getnames() == ["a.py"]

    source.write_bytes(b"another")
    with pytest.raises(_errors.ControllerError, match="was changed while"):
        _task._pack(code, packed)
    source.unlink()
    with pytest.raises(_errors.ControllerError, match="cannot be read"):
        _task._pack(code, packed)


def test_a_directory_that_cannot_be_read_is_not_left_out() -> None:
    with pytest.raises(
        _errors.ControllerError, match="exclude it, or let the user"
    ):
        list(_sources._walk("/nonexistent", ()))
