# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one installer that hosts run, by its hash.

It is part of the collection and not of any index: an index that serves
another pip under this name is not asked to run code on hosts.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

NAME = "pip"
# It runs on Python 3.9 to 3.14.
VERSION = "26.0.1"
FILE = f"{NAME}-{VERSION}-py3-none-any.whl"
SHA256 = "bdb1b08f4274833d62c1aa29e20907365a2ceb950410df15fc9521bad440122b"
REQUIREMENT = f"{NAME}=={VERSION} --hash=sha256:{SHA256}"
