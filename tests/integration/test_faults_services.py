# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that do not do as they should when they are exchanged."""

from __future__ import annotations

from lab import port_holder
from victim import Victim

HOST = "bookworm"
NAME = "it-faulty"
PORT = 8250
OTHER_PORT = 8251
_HOLDER = port_holder("it-faulty-holder", OTHER_PORT)


def test_ready_and_then_a_deadlock(victim: Victim) -> None:
    victim.succeeds("a")
    victim.fails(
        "b",
        "Rolled back to release",
        type="notify",
        environment={"MODE": "deadlock"},
        health={"timeout": 4},
    )
    victim.serves("a")


def test_flapping_health(victim: Victim) -> None:
    victim.succeeds("a")
    victim.fails(
        "b",
        "not healthy within 4 seconds",
        "Rolled back to release",
        environment={"MODE": "flap"},
        health={"timeout": 4, "consecutive": 3},
    )
    victim.serves("a")


def test_somebody_else_answers_the_check(victim: Victim) -> None:
    victim.succeeds("a")
    victim.shell(_HOLDER)
    try:
        message = victim.fails(
            "b",
            "was not answered by it-faulty.service",
            "Rolled back to release",
            environment={"MODE": "mute"},
            port=OTHER_PORT,
        )
    finally:
        victim.shell("systemctl stop it-faulty-holder.service")
    assert "python3" in message
    victim.serves("a")


def test_the_old_one_hangs_on_stop(victim: Victim) -> None:
    victim.succeeds("a", environment={"MODE": "stubborn"})
    victim.succeeds("b")


def test_start_limit_is_hit(victim: Victim) -> None:
    victim.succeeds("a")
    victim.shell("""
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do systemctl restart $1 || :; done
    test "$(systemctl show --value -p Result $1)" = start-limit-hit
    """)

    victim.succeeds("a")


def test_nothing_to_go_back_to(victim: Victim) -> None:
    """The old release cannot start again: down, and no loop."""
    victim.succeeds("a")
    shown = f"systemctl show --value -p WorkingDirectory {NAME}"
    code = victim.shell(shown).strip()
    victim.shell(f"mv {code}/serve.py {code}/.gone")

    message = victim.fails("b", environment={"MODE": "exit"})

    victim.shell(f"mv {code}/.gone {code}/serve.py")
    assert "is DOWN" in message
    assert "No further attempt was made" in message
    assert message.count("Going back failed too") == 1
    victim.succeeds("c")


def test_a_foreign_drop_in_is_reported(victim: Victim) -> None:
    victim.succeeds("a")
    victim.shell("""
    mkdir /etc/systemd/system/$1.service.d
    printf '[Service]\\nNice=5\\n' >/etc/systemd/system/$1.service.d/x.conf
    systemctl daemon-reload
    """)
    try:
        run = victim.deploy("a")
    finally:
        victim.shell("""
        rm -r /etc/systemd/system/$1.service.d
        systemctl daemon-reload
        """)
    assert run.status == 0
    assert "it-faulty.service.d/x.conf, which is not ours" in run.output
    victim.succeeds("a")


def test_a_masked_unit_is_refused(victim: Victim) -> None:
    victim.succeeds("a")
    victim.shell("""
    ln -sfn /dev/null /etc/systemd/system/$1.service
    systemctl daemon-reload
    """)

    victim.fails("b", "`systemctl unmask it-faulty.service` lifts that")

    victim.shell("""
    ln -sfn /etc/pyfleet/$1/current/$1.service /etc/systemd/system/$1.service
    systemctl daemon-reload
    """)
    victim.succeeds("b")
