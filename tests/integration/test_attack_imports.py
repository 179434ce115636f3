# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service does not import files that it can write."""

from __future__ import annotations

from collections.abc import Callable

from lab import PACKAGES, Lab

# Python 3.9, which knows no PYTHONSAFEPATH=, and two that do.
HOSTS = ["bullseye", "bookworm", "trixie"]
NAME = "it-evil-import"
PORT = 8661
STATE = f"/var/lib/{NAME}"
PLANT = f"""
for name in socketserver html sitecustomize usercustomize; do
    echo "open('{STATE}/hijacked', 'w')" |
        runuser -u {NAME} -- tee {STATE}/$name.py
done >/dev/null
systemctl restart {NAME}
sleep 1
ls {STATE}/hijacked 2>&1 || :
"""


def test_files_of_the_service_hijack_no_import(
    lab: Lab, claim: Callable[..., None]
) -> None:
    claim(HOSTS, NAME)
    run = lab.deploy(
        HOSTS,
        {
            "name": NAME,
            "source": {"packages": PACKAGES},
            "services": {
                "main": {
                    "exec": f"python -m http.server -b 127.0.0.1 {PORT}",
                    "needs": ["localhost"],
                    "health": {"tcp": f"127.0.0.1:{PORT}", "settle": 0.5},
                }
            },
        },
    )
    assert run.status == 0, run.output
    for host, said in lab.shells(HOSTS, PLANT).items():
        assert "No such file" in said, host
        assert lab.show(host, NAME, "ActiveState") == "active"
