# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record that is damaged or of another schema is not believed."""

from __future__ import annotations

import json

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    records,
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        json.dumps({"schema": records.SCHEMA}).encode(),
        json.dumps({"schema": records.SCHEMA, "units": []}).encode(),
        json.dumps({"schema": records.SCHEMA, "units": {"a": {}}}).encode(),
    ],
)
def test_a_damaged_record(content: bytes) -> None:
    with pytest.raises(records.RecordError, match="damaged"):
        records.load(content)


def test_a_record_of_another_schema() -> None:
    content = json.dumps({"schema": records.SCHEMA + 1}).encode()
    with pytest.raises(records.RecordError, match="another version"):
        records.load(content)
