# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make plugins/module_utils/_values/_names.py: names that systems have.

Run from the root of the repository:

    python tools/names.py >plugins/module_utils/_values/_names.py

The source is tools/data/values.json: the output of `systemd-analyze` of
247, 252, 257 and 262 about system calls, file systems and capabilities.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tools" / "data" / "values.json"
# The oldest version that was asked; its names may be older.
OLDEST_ASKED = 247

_HEADER = '''\
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or \
https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the kernel and of libseccomp; made by tools/names.py.

``name@version`` is a name that systemd knows from that version on. The
names are in texts instead of lists, since a text loads faster.
"""

from __future__ import annotations
'''


def dated(names: Mapping[str, int]) -> Iterable[str]:
    """Yield each name with its first version, if it has one."""
    for name, since in sorted(names.items()):
        yield name if since <= OLDEST_ASKED else f"{name}@{since}"


def constant(name: str, words: Iterable[str]) -> str:
    """Return the source of one text constant."""
    lines = textwrap.wrap(
        " ".join(words), 78, break_long_words=False, break_on_hyphens=False
    )
    return f'\n{name} = """\\\n' + "\n".join(lines) + '\n"""\n'


def make_module() -> str:
    """Return the text of the generated module."""
    data = json.loads(SOURCE.read_text(encoding="utf-8"))
    return _HEADER + "".join(
        (
            constant("SYSTEM_CALLS", dated(data["system_calls"])),
            constant("SYSTEM_CALL_GROUPS", dated(data["system_call_groups"])),
            constant("FILESYSTEM_GROUPS", sorted(data["filesystem_groups"])),
            constant("CAPABILITIES", data["capabilities"]),
        )
    )


if __name__ == "__main__":
    sys.stdout.write(make_module())
