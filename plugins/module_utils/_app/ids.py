# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests, which name the wanted state and releases."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)

# No digest covers these options: they say how a deploy runs and what it
# reports, and do not change what it deploys.
_POLICY = ("keep_releases", "retry_failed", "prefix", "source")


def canonical(value: object) -> bytes:
    """Return the one JSON form of a value, as UTF-8."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return text.encode("utf-8", "surrogateescape")


def digest(value: object) -> str:
    """Return the id of data without a secret."""
    return hashlib.sha256(canonical(value)).hexdigest()


def sealed(key: bytes, value: object) -> str:
    """Return the id of something that may hold a secret.

    Names are readable by everybody, and a plain digest of a short
    secret can be guessed; the host's root-only key prevents that.
    """
    seal = hmac.new(key, canonical(value), hashlib.sha256)
    return seal.hexdigest()


def wanted_id(key: bytes, app: model.App) -> str:
    """Return the id of all that a deploy of this app asks for."""
    wanted = asdict(app)
    for name in _POLICY:
        del wanted[name]
    return sealed(key, wanted)
