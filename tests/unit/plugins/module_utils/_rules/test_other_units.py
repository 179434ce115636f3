# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules across directives of units that are no services.

The versions are those on which real systemd was asked.
"""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)

EVERY = [247, 252, 257, 262]


@pytest.mark.parametrize(
    ("code", "name", "text", "versions"),
    [
        *[
            ("invalid-unit-name", name, text, versions)
            for text, names, versions in (
                (
                    "[Mount]\nWhat=tmpfs\n",
                    (
                        "a@b.mount",
                        "a-.mount",
                        "-a.mount",
                        "a--b.mount",
                        "a-..-b.mount",
                        "\\x2e-a.mount",
                        "\\x61.mount",
                    ),
                    EVERY,
                ),
                (
                    "[Mount]\nWhat=tmpfs\n",
                    (
                        "-.mount",
                        "a-b.mount",
                        "a\\x2db.mount",
                        "a-.b.mount",
                        "\\xc3\\xa4.mount",
                        "\\xff.mount",
                    ),
                    [],
                ),
                ("[Automount]\n", ("a--b.automount", "a@b.automount"), EVERY),
                ("[Swap]\n", ("a--b.swap", "a@b.swap"), EVERY),
                (
                    "[Slice]\n",
                    ("a--b.slice", "a-.slice", "-a.slice", "a@b.slice"),
                    EVERY,
                ),
                ("[Slice]\n", ("-.slice", "a-b.slice", "..-b.slice"), []),
                (
                    "[Service]\nExecStart=/bin/x\n",
                    ("a@b.service", "a--b.service"),
                    [],
                ),
            )
            for name in names
        ],
        *[
            ("swap-name", name, f"[Swap]\nWhat={what}\n", versions)
            for name, what, versions in (
                ("dev-disk-by\\x2duuid-12.swap", "UUID=12", []),
                ("dev-disk-by\\x2dlabel-a\\x5cx20b.swap", "LABEL=a b", []),
                ("dev-disk-by\\x2dlabel-a.swap", 'LABEL="a"', []),
                ("dev-disk-by\\x2dpartuuid-a\\x2d1.swap", "PARTUUID=a-1", []),
                ("dev-disk-by\\x2dlabel-\\xc3\\xa4.swap", "LABEL=\u00e4", []),
                # Before 256 systemd ignores a value that is not a path.
                ("dev-a.swap", "UUID=12", [257, 262]),
                ("a.swap", "a", [257, 262]),
                ("a.swap", "%i", []),
            )
        ],
        *[
            (
                "socket-accept-listen",
                "a.socket",
                f"[Socket]\n{line}\nAccept=yes\n",
                EVERY,
            )
            for line in (
                "ListenDatagram=80",
                "ListenFIFO=/a",
                "ListenSpecial=/a",
                "ListenNetlink=route",
                "ListenMessageQueue=/a",
                "ListenUSBFunction=/a",
                "ListenStream=80\nListenFIFO=/a",
            )
        ],
        *[
            (
                "mount-name",
                "srv-a.mount",
                f"[Mount]\nWhat=x\nWhere={where}\n",
                versions,
            )
            for where, versions in (
                ("/srv/a", []),
                ("/srv/%j", []),
                ("%f", []),
                ("/srv/a/.", []),
                ("/./srv//a/", []),
                ("%i", []),
                ("/srv/b", EVERY),
            )
        ],
        ("mount-no-what", "srv-a.mount", "[Mount]\nWhat=%i\n", EVERY),
        ("mount-api", "run-host-a.mount", "[Mount]\nWhat=x\n", EVERY),
        (
            "mount-api",
            "run-credentials-a.mount",
            "[Mount]\nWhat=x\n",
            [257, 262],
        ),
        ("swap-name", "dev-a.swap", "[Swap]\nWhat=/dev/%j\n", []),
        ("swap-name", "dev-a.swap", "[Swap]\nWhat=/dev/a/.\n", []),
        ("swap-name", "dev-a.swap", "[Swap]\nWhat=/b/../a\n", []),
        ("swap-name", "dev-a.swap", "[Swap]\nWhat=/../a\n", [257, 262]),
        ("swap-name", "dev-a.swap", "[Swap]\nWhat=../a\n", [257, 262]),
        (
            "trigger-twice",
            "a.timer",
            "[Timer]\nOnBootSec=1\nUnit=b.service\nUnit=b.service\n",
            EVERY,
        ),
        (
            "trigger-twice",
            "a.timer",
            "[Timer]\nOnBootSec=1\nUnit=b.service\n",
            [],
        ),
        (
            "duplicate-directive",
            "a.timer",
            "[Timer]\nOnBootSec=1\nUnit=b.service\nUnit=c.service\n",
            [],
        ),
        (
            "trigger-device",
            "a.path",
            "[Path]\nPathExists=/a\nUnit=a.device\n",
            EVERY,
        ),
        (
            "unsupported-directive",
            "a.slice",
            "[Unit]\nOnFailure=a.service\n",
            EVERY,
        ),
        (
            "socket-max-connections",
            "a.socket",
            "[Socket]\nListenFIFO=/a\nMaxConnections=00\n",
            [257, 262],
        ),
        ("no-exec", "a.service", "[Service]\nExecStart=;\n", EVERY),
        (
            "no-exec",
            "a.service",
            "[Service]\nExecStart=; ;\nExecStop=/a\n",
            EVERY,
        ),
        (
            "socket-accept-listen",
            "a.socket",
            "[Socket]\nListenSequentialPacket=/a\nListenStream=80\nAccept=yes\n",
            [],
        ),
        (
            "socket-accept-listen",
            "a.socket",
            "[Socket]\nListenDatagram=80\nAccept=no\n",
            [],
        ),
        (
            "socket-accept-defer",
            "a.socket",
            "[Socket]\nListenStream=80\nAccept=yes\nDeferTrigger=yes\n",
            [262],
        ),
        (
            "socket-accept-defer",
            "a.socket",
            "[Socket]\nListenStream=80\nAccept=yes\nDeferTrigger=no\n",
            [],
        ),
        *[
            (
                "socket-symlinks",
                "a.socket",
                f"[Socket]\n{line}\nSymlinks=/z\n",
                EVERY,
            )
            for line in (
                "ListenStream=/a\nListenStream=/b",
                "ListenStream=80",
                "ListenStream=@a",
                "ListenStream=/a\nListenFIFO=/b",
                "ListenSpecial=/a",
                "ListenNetlink=route",
            )
        ],
        *[
            (
                "socket-symlinks",
                "a.socket",
                f"[Socket]\n{line}\nSymlinks=/z\n",
                [],
            )
            for line in (
                "ListenStream=/a",
                "ListenDatagram=/a",
                "ListenFIFO=/a",
                "ListenStream=/a\nListenStream=80",
                "ListenStream=%t/a",
                "ListenStream=/a\nListenSpecial=/b",
            )
        ],
        *[
            (
                "pam-kill-mode",
                name,
                f"{text}PAMName=login\nKillMode={mode}\n",
                versions,
            )
            for name, text in (
                ("a.socket", "[Socket]\nListenStream=80\n"),
                ("a.mount", "[Mount]\nWhat=tmpfs\n"),
                ("a.swap", "[Swap]\n"),
            )
            for mode, versions in (
                ("process", EVERY),
                ("mixed", [247, 252]),
                ("control-group", []),
            )
        ],
        ("mount-no-what", "a.mount", "[Mount]\nWhere=/a\n", EVERY),
        ("mount-no-what", "a.mount", "[Mount]\nWhat=tmpfs\n", []),
        ("mount-api", "sys-fs-cgroup-a.mount", "[Mount]\nWhat=tmpfs\n", EVERY),
        ("mount-api", "a.mount", "[Mount]\nWhat=tmpfs\n", []),
        ("automount-root", "-.automount", "[Automount]\n", EVERY),
        *[
            (
                "automount-options",
                "a.automount",
                f"[Automount]\nExtraOptions={option}\n",
                [252, 257, 262],
            )
            for option in (
                "fd=3",
                "pgrp=1",
                "minproto=5",
                "maxproto=5",
                "direct",
                "ro,indirect",
            )
        ],
        (
            "automount-options",
            "a.automount",
            "[Automount]\nExtraOptions=uid=3,ro\n",
            [],
        ),
    ],
)
def test_what_each_version_refuses(
    code: str, name: str, text: str, versions: list[int]
) -> None:
    refused = [
        version
        for version in EVERY
        if code
        in [
            one.code
            for one in validator.check(text, name, targets.Target(version))
        ]
    ]
    assert refused == versions
