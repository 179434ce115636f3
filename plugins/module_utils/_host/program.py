# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source of programs that run in a process of another user.

The programs are modules of the collection. They reach the host in an
archive that only root can read.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import importlib.util
from types import ModuleType

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)


def source(module: ModuleType) -> str:
    """Return a module's source, from a file or Ansible's archive."""
    name = module.__name__
    spec = importlib.util.find_spec(name)
    get_source = getattr(spec.loader if spec else None, "get_source", None)
    text = get_source(name) if get_source else None
    if not isinstance(text, str):
        raise errors.HostError(
            f"the source of {name} cannot be read; install the collection "
            "again"
        )
    return text
