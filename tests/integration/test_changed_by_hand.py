# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of ours that somebody changed, and each verb after that.

A verb heals the change and keeps what was written, or it refuses with
the reason before it touches anything. It never leaves half a state, and
loses no file of somebody else's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from faultsweep.stage import Stage
from lab import HERE, Lab, web_app

HOSTS = ["bookworm", "trixie"]
NAME = "it-changed"
UNIT = f"{NAME}.service"
PORT = 8711
PLACE = "/root/pyfleet-changes"
KEPT = {"ANSIBLE_KEEP_REMOTE_FILES": "1"}
SLOW = ("-e", '{"ansible_pipelining": false}')
LINK = f"/etc/systemd/system/{UNIT}"
WANTS = f"/etc/systemd/system/multi-user.target.wants/{UNIT}"
ETC = f"/etc/pyfleet/{NAME}"
OPT = f"/opt/{NAME}"
STATE = f"/var/lib/{NAME}"
OWNER = "does not belong to root"
FILE = f"{ETC}/$(readlink {ETC}/current)/{UNIT}"
OLD_FILE = f"{ETC}/1/{UNIT}"
# The directory of the current release, by its record.
CONFIG = f"""
config=$(python3 -c 'import json
print(json.load(open("{ETC}/current/generation.json"))["config"][:12])')
"""
RELOAD = "\nsystemctl daemon-reload"
EDIT = "sed -i 's/^Restart=.*/Restart=always/'"
# systemctl edits only at a terminal.
EDIT_FULL = f"""
export SYSTEMD_EDITOR="sed -i s/^Restart=.*/Restart=always/"
python3 -c '
import os, pty
assert pty.spawn(["systemctl", "edit", "--full", "{UNIT}"]) == 0
'
test ! -L {LINK}
"""
FOREIGN = "printf '[Service]\\nExecStart=/bin/sleep inf\\n'"
HEALED = ""
VERBS = ("deploy", "rollback", "remove")


@dataclass(frozen=True)
class Change:
    """A change by hand, and its consequences.

    Attributes:
        name: Of the cell of the matrix.
        script: The change.
        told: A part of the answer of app_info.
        deploy: A part of the refusal; empty if it is healed.
        rollback: The same.
        remove: The same.
        kept: A part of the file that is kept.
        keepers: The verbs that keep it.
        still: A condition of the shell that holds after a refusal, and
            if `is_theirs` after each verb.
        is_theirs: Whether what was put there is somebody else's.
        verbs: The verbs that the change matters to.
    """

    name: str
    script: str
    told: str
    deploy: str = HEALED
    rollback: str = HEALED
    remove: str = HEALED
    kept: str = ""
    keepers: tuple[str, ...] = VERBS
    still: str = "true"
    is_theirs: bool = False
    verbs: tuple[str, ...] = VERBS


def edited(name: str, script: str, path: str) -> Change:
    """Return a change of a unit file of ours."""
    return Change(
        name,
        script + RELOAD,
        f"{path} was changed by hand: line ",
        kept="\nRestart=always\n",
    )


def refused(name: str, script: str, told: str, still: str) -> Change:
    """Return a change that each verb refuses."""
    return Change(
        name, script + RELOAD, told, told, told, told, still=still,
        is_theirs=True,
    )  # fmt: skip


UNMASK = f"`systemctl unmask {UNIT}` lifts that"
CHANGES = (
    edited("the link: sed -i", f"{EDIT} {LINK}", LINK),
    edited("the link: edit --full", EDIT_FULL, LINK),
    edited("the file: through the link", f"{EDIT} {FILE}", f"{ETC}/2/{UNIT}"),
    refused(
        "the link: a file of somebody else",
        f"rm {LINK}; {FOREIGN} >{LINK}",
        UNIT,
        f"grep -q sleep {LINK}",
    ),
    refused(
        "the link: masked",
        f"systemctl mask --force {UNIT}",
        UNMASK,
        f'test "$(readlink {LINK})" = /dev/null',
    ),
    refused(
        "the link: an empty file",
        f"rm {LINK}; touch {LINK}",
        UNMASK,
        f"test -f {LINK} -a ! -s {LINK}",
    ),
    refused(
        "the link: masked until a reboot",
        f"systemctl mask --runtime {UNIT}",
        f"`systemctl unmask --runtime {UNIT}` lifts that",
        f"test -L /run/systemd/system/{UNIT}",
    ),
    Change("the link: deleted", f"rm {LINK}{RELOAD}", "links"),
    Change("the link: disabled", f"systemctl disable {UNIT}", "links"),
    Change(
        "the link: to one release",
        f"ln -sfn {ETC}/2/{UNIT} {LINK}{RELOAD}",
        "links",
    ),
    Change("the boot link: deleted", f"rm {WANTS}", "links"),
    Change(
        "the boot link: a file",
        f"rm {WANTS}; {FOREIGN} >{WANTS}",
        "links",
        kept="sleep",
    ),
    Change(
        "a drop-in",
        f"mkdir {LINK}.d; printf '[Service]\\nNice=5\\n' >{LINK}.d/x.conf"
        + RELOAD,
        f"changed by {LINK}.d/x.conf, which is not ours",
        still=f"grep -q Nice {LINK}.d/x.conf",
        is_theirs=True,
    ),
    Change("the file: deleted", f"rm {FILE}{RELOAD}", "its file is missing"),
    Change(
        "the file: a directory",
        f"path={FILE}; rm $path; mkdir $path",
        "its file is missing",
    ),
    Change("the file: of another owner", f"chown 12345 {FILE}", OWNER),
    Change(
        "the file of the release before: edited",
        f"{EDIT} {OLD_FILE}",
        "",
        verbs=("rollback", "remove"),
    ),
    Change(
        "the file of the release before: deleted",
        f"rm {OLD_FILE}",
        "",
        verbs=("rollback", "remove"),
    ),
    Change(
        "the configuration: edited",
        f"{CONFIG}\necho mine >>{ETC}/config/$config/app.ini",
        f"{ETC}/config/",
        kept="mine",
        keepers=("deploy",),
    ),
    Change(
        "the configuration: a file more",
        f"{CONFIG}\necho mine >{ETC}/config/$config/app.ini~",
        f"{ETC}/config/",
        kept="mine",
        keepers=("deploy",),
    ),
    Change(
        "the environment file: edited",
        f"echo MINE=1 >>$(ls {ETC}/environment/*)",
        f"{ETC}/environment/",
        kept="MINE",
        keepers=("deploy",),
    ),
    Change(
        "the environment file: deleted",
        f"rm {ETC}/environment/*",
        "is missing",
        verbs=("deploy", "remove"),
    ),
    Change(
        "the environment file: of another owner",
        f"chown 12345 {ETC}/environment/*",
        OWNER,
    ),
    Change(
        "the credential: edited",
        f"echo mine >{ETC}/credentials/main/token",
        "the credentials of service main",
    ),
    Change(
        "the credential: deleted",
        f"rm {ETC}/credentials/main/token",
        "the credentials of service main",
        verbs=("deploy", "remove"),
    ),
    Change("the claim: deleted", f"rm {ETC}/claim.json", "claim.json"),
    Change("the key: deleted", f"rm {ETC}/key", "key is missing"),
    Change("the failures: edited", f"echo x >{ETC}/failures.json", ""),
    Change("the records: of another owner", f"chown 12345 {ETC}", OWNER),
    Change(
        "`current`: deleted",
        f"rm {ETC}/current",
        "not deployed here",
        rollback="not deployed on this host",
    ),
    refused(
        "`current`: a directory",
        f"rm {ETC}/current; mkdir {ETC}/current",
        "see what it holds and move it away",
        f"test -d {ETC}/current",
    ),
    refused(
        "the record: deleted",
        f"rm {ETC}/2/generation.json",
        "which has no generation.json",
        f"test -e {ETC}/current",
    ),
    refused(
        "the record: edited",
        f"echo x >{ETC}/2/generation.json",
        "the record is damaged",
        f"test -e {ETC}/current",
    ),
    Change(
        "the code: of another owner",
        f"chown 12345 $(readlink -f {OPT}/code/*/)",
        "is not complete",
        verbs=("remove",),
    ),
    Change(
        "the state: of another owner",
        f"chown 12345 {STATE}",
        "belongs to uid 12345",
    ),
    Change("the state: deleted", f"rm -r {STATE}", "is missing: put"),
)


@pytest.fixture(scope="module")
def deployed(
    lab: Lab,
    claim: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Deploy two releases, and keep the payloads of each verb."""
    folder = tmp_path_factory.mktemp("src")
    claim(HOSTS, NAME)
    hosts = [Stage(lab, host, NAME, PORT, folder) for host in HOSTS]
    for stage in hosts:
        stage.install_tools()

    def capture(verb: str) -> None:
        for stage in hosts:
            stage.keep(f"{PLACE}/{verb}")

    for version in ("a", "b"):
        app = describe(version, folder)
        run = lab.deploy(HOSTS, app, *SLOW, **KEPT)
        assert run.status == 0, run.output
    capture("deploy")
    source = (HERE / "files" / "changes.py").read_text(encoding="utf-8")
    for host in HOSTS:
        lab.execute(host, ["tee", f"{PLACE}/changes.py"], source)
    assert all(not found for found in cases(lab, [], save=True).values())
    gone = {"pyapp_name": NAME}
    run = lab.play(
        "pyfleet.services.rollback", HOSTS, gone, *SLOW, cwd=None, **KEPT
    )
    assert run.status == 0, run.output
    capture("rollback")
    gone["pyapp_state"] = "absent"
    run = lab.deploy(HOSTS, {"name": NAME, "state": "absent"}, *SLOW, **KEPT)
    assert run.status == 0, run.output
    capture("remove")
    yield
    lab.shells(HOSTS, f"rm -rf {PLACE} /root/.ansible/tmp/*")


def describe(version: str, folder: Path) -> dict[str, Any]:
    """Return the variables of a release."""
    app = web_app(
        NAME, PORT, folder / version,
        environment={"VERSION": version},
        health={"settle": 0.1, "interval": 0.05, "consecutive": 1},
        stop_timeout="2s",
    )  # fmt: skip
    app["config"] = {"app.ini": f"version={version}\n"}
    main = app["services"]["main"]
    # Both releases read the same file, and each has a configuration.
    main["environment_files"] = [str(variables(folder))]
    main["credentials"] = {"token": "secret"}
    return app


def variables(folder: Path) -> Path:
    """Write an environment file on the controller."""
    path = folder / "main.env"
    path.write_text("EXTRA=1\n", encoding="utf-8")
    return path


def cases(
    lab: Lab, listed: list[dict[str, Any]], *, save: bool = False
) -> dict[str, list[dict[str, Any]]]:
    """Run cases on all hosts at once; return the findings of each."""
    payloads = {
        "status": f"{PLACE}/deploy/app_info/payload.py",
        **{verb: f"{PLACE}/{verb}/release/payload.py" for verb in VERBS},
    }
    plan = {
        "app": NAME, "ports": {UNIT: PORT}, "payloads": payloads,
        "cases": listed, "save": save,
    }  # fmt: skip

    def run(host: str) -> list[dict[str, Any]]:
        text = lab.shell(
            host,
            f"python3 {PLACE}/changes.py <<'END'\n{json.dumps(plan)}\nEND\n",
        )
        return [json.loads(line) for line in text.splitlines()]

    with ThreadPoolExecutor() as pool:
        return dict(zip(HOSTS, pool.map(run, HOSTS)))


# `make test` tries a third of them, `make faults` the others.
PARAMETERS = [
    pytest.param(
        change,
        id=change.name,
        marks=[pytest.mark.slow] if number % 3 else [],
    )
    for number, change in enumerate(CHANGES)
]


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("change", PARAMETERS)
def test_each_verb_after_a_change(lab: Lab, change: Change) -> None:
    wrong = {}
    for verb in change.verbs:
        case = {
            "id": change.name,
            "change": change.script,
            "verb": verb,
            "is_asked": verb == change.verbs[0],
            "still": change.still,
        }
        for host, (found,) in cases(lab, [case]).items():
            problems = list(faults(change, found))
            if problems:
                wrong[f"{host}, {verb}"] = problems
    assert wrong == {}, json.dumps(wrong, indent=1)


def faults(change: Change, found: dict[str, Any]) -> Iterator[str]:
    """Yield why an ending is not the one that the change asks for."""
    said = json.dumps([found["info"], found["answer"]])
    if "Traceback" in said or "a defect of the collection" in said:
        yield said
    if found["is_open"]:
        yield "a transaction is left open"
    told = json.dumps(found["info"])
    if found["info"] and change.told not in told:
        yield f"app_info says {told}"
    refusal = getattr(change, found["verb"])
    answer = found["answer"]
    if bool(answer.get("failed")) is not bool(refusal):
        yield f"{found['verb']} says {answer}"
    if refusal and refusal not in str(answer.get("msg")):
        yield f"it is refused with {answer}"
    if refusal and not found["serves"]:
        yield "it does not serve any more"
    if not refusal:
        yield from found["faults"]
    if (refusal or change.is_theirs) and not found["still"]:
        yield "what somebody put there is gone"
    yield from _kept(change, found)


def _kept(change: Change, found: dict[str, Any]) -> Iterator[str]:
    answer = found["answer"]
    is_keeper = change.kept and found["verb"] in change.keepers
    if not is_keeper or answer.get("failed"):
        return
    if not any(change.kept in text for text in found["kept"].values()):
        yield f"it keeps {found['kept']}"
    if UNIT in change.told or LINK in change.told:
        said = json.dumps(answer)
        missing = [name for name in found["kept"] if name not in said]
        if missing:
            yield f"it does not tell of {missing}: {said}"
