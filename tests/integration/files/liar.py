# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that fails, and forges what others see of it.

It writes escape sequences and lines that look like Ansible's, and sends
the journal an entry with two messages, and one that is no text.
"""

from __future__ import annotations

import socket
import sys

sys.stderr.write("\x1b[2J\x1b[32mok=99 changed=0 failed=0\n")
sys.stderr.write("a\rfatal: all is well\u202e\n")
sys.stderr.flush()
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.connect("/run/systemd/journal/socket")
journal.send(b"MESSAGE=the first\nMESSAGE=the second\nPRIORITY=3\n")
journal.send(b"MESSAGE\n\x03\0\0\0\0\0\0\0\xff\x1b\xfe\n")
sys.exit(3)
