# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases that did not become current: the error, and the record."""

from __future__ import annotations

import json
import time

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    generations,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
)

_KEPT = 20


class ActivationError(errors.HostError):
    """A generation did not become current, or does not work.

    Args:
        text: The step, the reason, and the end of the deploy.
        is_verdict: Whether the generation is to blame, and not the
            host. Such a generation is not tried again as it is.
        is_settled: Whether the units run the files on the disk.
    """

    def __init__(
        self, text: str, *, is_verdict: bool, is_settled: bool
    ) -> None:
        self.is_verdict = is_verdict
        self.is_settled = is_settled
        super().__init__(text)


def of(
    layout: layouts.Layout, release: records.Generation
) -> dict[str, str] | None:
    """Return when and why a release failed, with the very same inputs."""
    found = generations.failed(layout).get(release.digest)
    is_same = found and found.get("wanted") == release.wanted
    return found if is_same else None


def remember(
    layout: layouts.Layout, release: records.Generation, reason: str
) -> None:
    """Add a release that failed; the oldest entries are dropped.

    Args:
        layout: Paths of the application.
        release: The release.
        reason: The error; its third line tells the fault that was seen.
    """
    digest = release.digest
    others = [
        item
        for item in generations.failed(layout).items()
        if item[0] != digest
    ]
    lines = [line for line in reason.split("\n") if line]
    entry = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "reason": lines[min(2, len(lines) - 1)],
        # This id also covers health checks and credentials, which the
        # digest does not cover.
        "wanted": release.wanted,
    }
    kept = dict([*others[-(_KEPT - 1) :], (digest, entry)])
    content = json.dumps(kept, indent=1)
    files.write_atomic(layout.failures, content.encode(), mode=0o600)
