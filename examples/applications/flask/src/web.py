# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A greeting by Flask."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/")
def greet() -> dict[str, str]:
    """Return a greeting as JSON."""
    return {"greeting": "Hello from Flask"}
