# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installer that hosts run, fixed by its hash.

The hash is part of the collection: an index that serves another pip
under this name cannot make a host run it.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

NAME = "pip"
# This version of pip runs on Python 3.9 to 3.14.
VERSION = "26.0.1"
FILE = f"{NAME}-{VERSION}-py3-none-any.whl"
SHA256 = "bdb1b08f4274833d62c1aa29e20907365a2ceb950410df15fc9521bad440122b"
REQUIREMENT = f"{NAME}=={VERSION} --hash=sha256:{SHA256}"
