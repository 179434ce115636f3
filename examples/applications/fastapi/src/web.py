# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arithmetic by FastAPI, with arguments that are validated."""

from __future__ import annotations

from fastapi import FastAPI

app = FastAPI()


@app.get("/sum")
async def add(left: int, right: int) -> dict[str, int]:
    """Return the sum of two numbers."""
    return {"sum": left + right}
