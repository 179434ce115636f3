# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the site: no secret is in them."""

from __future__ import annotations

import os
from pathlib import Path

# systemd sets it: the one place that the service may write to.
_STATE = Path(os.environ["STATE_DIRECTORY"])

ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _STATE / "site.sqlite3",
    }
}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
ROOT_URLCONF = "web"
USE_TZ = True
