# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks that are full or read-only, and files that are not as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faultsweep.stage import OTHER_PACKAGES
from lab import DEPLOY, Lab
from victim import NO_PIPELINING, Victim

HOST = "trixie"
NAME = "it-files"
PORT = 8255
# A small file system for the artifacts, so that it can be filled.
_SMALL = """
mkdir /tmp/$1-keep
cp -a /opt/$1/. /tmp/$1-keep
mount -t tmpfs -o size=64m,mode=0755 tmpfs /opt/$1
cp -a /tmp/$1-keep/. /opt/$1
rm -r /tmp/$1-keep
"""
_FILL = {
    "bytes": "dd if=/dev/zero of=/opt/$1/filler 2>/dev/null || :",
    "inodes": "mount -o remount,nr_inodes=$(($(find /opt/$1 | wc -l) + 3)) "
    "/opt/$1",
}
_EMPTY = {
    "bytes": "rm /opt/$1/filler",
    "inodes": "mount -o remount,nr_inodes=100000 /opt/$1",
}
_PLANT = """
cd /var/lib/$1
runuser -u $1 -- ln -s /etc/shadow shadow
runuser -u $1 -- ln -s /etc folder
runuser -u $1 -- mkfifo pipe
cd /var/cache/$1
runuser -u $1 -- ln -s /etc/pyfleet/$1 own
"""
ONE_RELEASE = {"keep_releases": 1}
# Runs the module again as Ansible left it, with one byte of its wheel
# exchanged.
_REPLAY_ALTERED = r"""
module=$(ls -t /root/.ansible/tmp/*/AnsiballZ_release.py | head -n 1)
python3 - $(dirname $module)/bundle.tar <<'PYTHON'
import os, sys, tarfile
path = sys.argv[1]
with tarfile.open(path) as tar:
    member = next(m for m in tar if m.name.startswith("iniconfig"))
with open(path, "r+b") as stream:
    stream.seek(member.offset_data + member.size // 2)
    byte = stream.read(1)[0]
    stream.seek(-1, os.SEEK_CUR)
    stream.write(bytes([byte ^ 1]))
PYTHON
python3 $module || :
rm -r /root/.ansible/tmp/*
"""
_FOREIGN = "stat -c '%n %a %U %G %Y' /etc /etc/shadow /etc/pyfleet/$1/key"


@pytest.fixture(scope="module")
def victim(
    lab: Lab,
    claim: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Victim]:
    lab.shell(HOST, f"umount /opt/{NAME} 2>/dev/null || :")
    claim([HOST], NAME)
    made = Victim(lab, HOST, NAME, PORT, tmp_path_factory.mktemp("src"))
    made.succeeds("a")
    yield made
    lab.shell(HOST, f"umount /opt/{NAME} 2>/dev/null || :")


@pytest.mark.parametrize("kind", ["bytes", "inodes"])
def test_the_disk_is_full(victim: Victim, kind: str) -> None:
    victim.succeeds("a")
    victim.shell(_SMALL)
    try:
        victim.shell(_FILL[kind])
        victim.fails(f"b-{kind}", "No space left on device")
        victim.serves("a")
        victim.shell(_EMPTY[kind])
        victim.succeeds(f"b-{kind}")
    finally:
        victim.shell("systemctl stop $1; umount -l /opt/$1")
    # The files below the mount are from before: a deploy mends them.
    victim.succeeds("a")


def test_read_only(victim: Victim) -> None:
    victim.succeeds("a")
    victim.shell("""
    mount --bind /etc/pyfleet /etc/pyfleet
    mount -o remount,ro,bind /etc/pyfleet
    """)
    try:
        victim.fails("b", "Read-only file system", "nothing was changed")
        victim.serves("a")
    finally:
        victim.shell("umount /etc/pyfleet")
    victim.succeeds("b")


@pytest.mark.parametrize(
    ("limit", "part"),
    [
        # Enough for the job and too little for pip.
        ("LimitAS=40M", "ran out of memory"),
        # The kernel does so to the biggest process.
        ("LimitCPU=1", "was killed by signal 9 (as the kernel does"),
    ],
)
def test_memory_runs_out(victim: Victim, limit: str, part: str) -> None:
    one = {**victim.describe("a"), **ONE_RELEASE}
    assert victim.lab.deploy([HOST], one).status == 0
    # A drop-in for all units whose name begins so: systemd.unit(5).
    place = "/run/systemd/system/pyfleet_it-.service.d"
    victim.shell(f"mkdir -p {place}")
    victim.lab.execute(
        HOST, ["sh", "-c", f"cat >{place}/limit.conf"], f"[Service]\n{limit}\n"
    )
    app = victim.describe("b")
    app["source"]["packages"] = OTHER_PACKAGES
    listed = "ls -A /opt/$1/*"
    before = victim.shell(listed)

    run = victim.lab.deploy([HOST], app)

    victim.shell(f"rm -r {place}")
    assert run.status != 0
    assert "Traceback" not in run.output
    assert part in run.messages()[HOST]
    assert victim.shell(listed) == before
    victim.serves("a")
    again = victim.lab.deploy([HOST], app)
    assert again.status == 0, again.output
    victim.serves("b")


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        ("rm $2 && mkdir $2", "see what it holds and move it away"),
        ("ln -sfn 999 $2", "has no generation.json"),
        ("ln -sfn /opt $2", "leads to '/opt', not to a generation"),
    ],
)
def test_current_is_not_what_we_made(
    victim: Victim, damage: str, part: str
) -> None:
    victim.succeeds("a")
    current = f"/etc/pyfleet/{NAME}/current"
    number = victim.shell(f"readlink {current}").strip()
    listed = "ls -1 /etc/pyfleet/$1 /opt/$1/*"
    before = victim.shell(listed)
    victim.shell(damage.replace("$2", current))

    victim.fails("b", part)

    assert victim.shell(listed) == before
    assert victim.current()["environment"]["VERSION"] == "a"
    victim.shell(f"rm -d {current}; ln -s {number} {current}")
    victim.succeeds("b")


def test_order_is_by_number_not_by_time(victim: Victim) -> None:
    """A clock that was off by a year does not change what is newest."""
    for version in ("a", "b", "c"):
        victim.succeeds(version)
    victim.shell("""
    cd /etc/pyfleet/$1
    touch -d '1 year ago' $(readlink current) $(readlink current)/*
    """)

    run = victim.lab.play(
        "pyfleet.services.rollback", [HOST], {"pyapp_name": NAME}
    )

    assert run.status == 0, run.output
    victim.serves("b")
    victim.succeeds("d")
    # Three are kept, whatever their times say.
    kept = victim.shell("cat /opt/$1/code/*/version.txt")
    assert sorted(kept) == ["b", "c", "d"]


def test_prune_keeps_what_runs(victim: Victim) -> None:
    for version in ("a", "b"):
        victim.succeeds(version)
    run = victim.lab.play(
        "pyfleet.services.rollback", [HOST], {"pyapp_name": NAME}
    )
    assert run.status == 0, run.output
    # It was the older of the two, and is to be the only one.
    app = {**victim.describe("a"), "keep_releases": 1}
    app["services"]["main"]["description"] = "the same, in other words"

    run = victim.lab.deploy([HOST], app)

    assert run.status == 0, run.output
    victim.serves("a")
    assert victim.shell("ls -d /etc/pyfleet/$1/[0-9]* | wc -l").strip() == "1"


def test_what_the_service_planted(victim: Victim) -> None:
    victim.succeeds("a")
    victim.shell(_PLANT)
    before = victim.shell(_FOREIGN)

    victim.succeeds("b")

    assert victim.shell(_FOREIGN) == before
    gone = {"pyapp_name": NAME, "pyapp_state": "absent"}
    run = victim.lab.play(DEPLOY, [HOST], {**gone, "pyapp_remove_data": True})
    assert run.status == 0, run.output
    # The account went from it, and nothing else.
    shadow = victim.shell(
        "test ! -e /var/lib/$1 && stat -c %a%U%G /etc/shadow"
    )
    assert shadow == "640rootshadow\n"


def test_poisoned_cache(victim: Victim, tmp_path: Path) -> None:
    """A wheel that was changed in the controller's cache is fetched anew."""
    victim.lab.purge([HOST], NAME)
    cache = {"XDG_CACHE_HOME": str(tmp_path)}
    app = victim.describe("a")
    assert victim.lab.deploy([HOST], app, **cache).status == 0
    wheels = list(tmp_path.glob("pyfleet/wheels/*/*.whl"))
    assert wheels
    for wheel in wheels:
        content = bytearray(wheel.read_bytes())
        content[len(content) // 2] ^= 1
        wheel.write_bytes(content)
    victim.lab.purge([HOST], NAME)

    run = victim.lab.deploy([HOST], app, **cache)

    assert run.status == 0, run.output
    victim.serves("a")


def test_the_hosts_python_is_another_one(victim: Victim) -> None:
    """The interpreter of the virtualenv is gone: it is built anew."""
    victim.succeeds("a")
    move = """
    python=$(readlink -f /usr/bin/python3)
    mv $python $python-moved
    ln -sfn $python-moved /usr/bin/python3
    """
    back = """
    moved=$(readlink -f /usr/bin/python3)
    mv $moved ${moved%-moved}
    ln -sfn $(basename ${moved%-moved}) /usr/bin/python3
    """
    victim.shell(move)
    try:
        victim.succeeds("a")
        python = victim.shell("readlink -f /opt/$1/envs/*/bin/python")
        assert python.strip().endswith("-moved")
        victim.succeeds("b")
    finally:
        victim.shell(back)
    victim.succeeds("b")


def test_a_wheel_was_altered_on_the_way(victim: Victim) -> None:
    other = {"packages": OTHER_PACKAGES}
    kept = {"ANSIBLE_KEEP_REMOTE_FILES": "1"}
    victim.succeeds("a")
    # The host has never had this code, so that it is shipped as well.
    app = victim.describe("altered")
    app["source"] = {**app["source"], **other}
    run = victim.lab.deploy([HOST], app, *NO_PIPELINING, **kept)
    assert run.status == 0, run.output
    # The environment goes, so that the same payload builds it again.
    run = victim.lab.deploy([HOST], {**victim.describe("a"), **ONE_RELEASE})
    assert run.status == 0, run.output

    said = victim.shell(_REPLAY_ALTERED)

    assert '"failed": true' in said
    assert "Traceback" not in said
    assert "iniconfig" in said
    victim.serves("a")
    victim.succeeds("b")
