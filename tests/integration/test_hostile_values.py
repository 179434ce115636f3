# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd values reach the service byte for byte; bad ones reach no host."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab import DEPLOY, PACKAGES, Lab, as_variables, web_app

HOST = "trixie"
NAME = "it-odd"
PORT = 8280
UNIT, TWIN = f"{NAME}.service", f"{NAME}-twin.service"
# Characters that YAML, Jinja, systemd or a shell would interpret.
TEXTS = [
    "\\", "a\\", '"', "'", "'\"", "%", "%H", "50%", "a%20b", "$HOME",
    "${HOME}", "a b=c", ";", "; x", "#", "[Service]", "\u2028", "\x85",
    "\t", " ", "", "\x01\x1f\x7f", "\ufeff", "\u00e4\U0001f600", "\\;",
    "*", "~", "`id`", "$(id)", "no", "0644", "1e3", "2026-01-01", "null",
    "-r", "../x", "{{ x }}", "{% x %}", "{# x #}",
]  # fmt: skip
LINES = ["a\nUser=root", "a\rExecStartPre=+/bin/false", "\n[Service]\n"]
DESCRIPTION = (
    "50% of \"it\" \\ 'that' $HOME ${X} %n %H \u2028 \u00e4 ;#{{ x }}"
)
# These differ between two services with the same directives.
_OWN = re.compile(
    r"Id|Names|Description|Environment|FragmentPath|RuntimeDirectory.*"
    r"|LoadCredential|InvocationID|ControlGroup(Id)?|(Exec)?MainPID"
    r"|RequiresMountsFor|.*Timestamp(Monotonic)?|(CPU|IO|IP|Memory|Tasks).*"
)
# systemctl shows an argument's line breaks as they are, so arguments are
# read elsewhere, and ExecStart= is only counted.
LOOK = f"""
import json, subprocess
def show(unit, *options):
    return subprocess.run(
        ["systemctl", "show", "--all", *options, unit],
        check=True, stdout=subprocess.PIPE).stdout.decode()
names = {{line.split("=")[0] for line in show("{TWIN}").splitlines()}}
wanted = ",".join(names - {{"ExecStart", "ExecStartEx"}})
found = [show(unit, "-p", wanted) for unit in ("{UNIT}", "{TWIN}")]
commands = show("{UNIT}", "-p", "ExecStart").count("{{ path=")
pid = show("{UNIT}", "-p", "MainPID").strip().split("=")[1]
with open(f"/proc/{{pid}}/cmdline", "rb") as file:
    arguments = file.read().decode().split(chr(0))[:-1]
with open("/etc/pyfleet/{NAME}/credentials/main/token", "rb") as file:
    token = file.read().decode()
print(json.dumps([*found, commands, arguments, token]))
"""


class Unsafe(str):
    """A text that Ansible must not take for a template."""


class Dumper(yaml.SafeDumper):
    """Quotes all texts, and writes templates as Ansible wants them."""


def _quoted(tag: str) -> Callable[[yaml.SafeDumper, str], yaml.Node]:
    return lambda dumper, text: dumper.represent_scalar(tag, text, style='"')


Dumper.add_representer(str, _quoted("tag:yaml.org,2002:str"))
Dumper.add_representer(Unsafe, _quoted("!unsafe"))


def unsafe(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: unsafe(item) for name, item in value.items()}
    if isinstance(value, list):
        return [unsafe(item) for item in value]
    is_template = isinstance(value, str) and "{" in value
    return Unsafe(value) if is_template else value


@pytest.fixture(scope="module")
def app(
    claim: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    claim([HOST], NAME)
    return web_app(NAME, PORT, tmp_path_factory.mktemp("src"))


def deploy(lab: Lab, app: Mapping[str, Any], folder: Path) -> Any:
    file = folder / "odd.yml"
    variables = {f"pyapp_{name}": unsafe(v) for name, v in app.items()}
    file.write_text(yaml.dump(variables, Dumper=Dumper), encoding="utf-8")
    return lab.play(DEPLOY, [HOST], None, "-e", f"@{file}")


def others(shown: str) -> dict[str, list[str]]:
    """Return the properties that odd values must not change."""
    pairs = (line.partition("=") for line in shown.split("\n"))
    return {
        name: sorted(value.split())
        for name, _equals, value in pairs
        if not _OWN.fullmatch(name)
    }


def test_odd_values_arrive_byte_for_byte(
    lab: Lab, app: dict[str, Any], tmp_path: Path
) -> None:
    odd = copy.deepcopy(app)
    main = odd["services"]["main"]
    environment = {f"ODD_{n}": text for n, text in enumerate(TEXTS)}
    arguments = [*TEXTS, *LINES]
    content = "".join([*TEXTS, *LINES])
    main["exec"] = ["python", "serve.py", *arguments]
    main["environment"].update(environment, CONFIG=f"/etc/{NAME}")
    main["description"] = DESCRIPTION
    main["credentials"] = {"token": content}
    odd["services"]["twin"] = {
        "exec": "python serve.py",
        "needs": main["needs"],
        "environment": {"MODE": "mute"},
        "credentials": {"token": "x"},
        "health": {"settle": 0.5},
    }
    odd["config"] = {"odd.txt": content}

    run = deploy(lab, odd, tmp_path)

    assert run.status == 0, run.output
    said = lab.execute(HOST, ["python3", "-"], LOOK).stdout
    shown, twin, commands, got, token = json.loads(said)
    assert f"Description={DESCRIPTION}" in shown.split("\n")
    assert others(shown) == others(twin)
    assert others(shown)["User"] == [NAME]
    assert commands == 1
    assert got[2:] == arguments
    assert token == content
    answer = lab.get(HOST, PORT)
    kept = {k: v for k, v in answer["environment"].items() if "ODD_" in k}
    assert kept == environment
    # Python reads a text file's lone carriage return as a newline.
    assert answer["config"] == {"odd.txt": content.replace("\r", "\n")}
    assert deploy(lab, odd, tmp_path).changed() == {HOST: 0}


BAD: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "exec": (
        lambda app: app["services"]["main"].update(exec="x\nUser=root"),
        "services.main.exec:",
    ),
    "environment": (
        lambda app: app.update(environment={"A": "x\rUser=root"}),
        "environment.A:",
    ),
    "number": (
        lambda app: app["services"]["main"].update(restart_sec=5),
        "services.main.restart_sec: 5 is an integer",
    ),
    "span": (
        lambda app: app["services"]["main"].update(
            stop_timeout="9" * 60 + "!"
        ),
        "services.main.stop_timeout:",
    ),
    "url": (
        lambda app: app["services"]["main"].update(
            health={"http": "http://127.0.0.1:" + "9" * 5000}
        ),
        "services.main.health.http:",
    ),
    "length": (
        lambda app: app.update(environment={"A": "x" * 140_000}),
        "environment.A: is longer than 131071 bytes",
    ),
    "package": (
        lambda app: app["source"].update(packages=["x @ file:///x"]),
        "source.packages[0]:",
    ),
    "null": (
        lambda app: app["services"]["main"].update(after=None),
        "services.main.after: is empty (null)",
    ),
}


def assert_refused(
    lab: Lab, variables: Mapping[str, Any], words: list[str]
) -> None:
    before = lab.snapshot([HOST], NAME)
    run = lab.play(DEPLOY, [HOST], variables, "-vvv")
    assert run.status != 0, run.output
    assert "Traceback" not in run.output
    assert run.changed() == {HOST: 0}
    for word in words:
        assert word in run.messages()[HOST]
    assert lab.snapshot([HOST], NAME) == before


def test_bad_values_are_refused_in_one_go(
    lab: Lab, app: dict[str, Any]
) -> None:
    apps, words = {}, []
    for case, (spoil, said) in BAD.items():
        bad = copy.deepcopy(app)
        del bad["name"]
        bad["source"] = {"packages": PACKAGES}
        spoil(bad)
        apps[f"it-bad-{case}"] = bad
        words.append(f"pyapp_apps.it-bad-{case}.{said}")
    assert_refused(lab, {"pyapp_apps": apps}, words)


def test_what_the_host_alone_can_tell_is_refused(
    lab: Lab, app: dict[str, Any]
) -> None:
    bad = copy.deepcopy(app)
    options = {"Service": {"Nice": "1\nUser=root"}}
    bad["services"]["main"]["options"] = options
    variables = as_variables(bad)
    assert_refused(
        lab, variables, ["pyapp_services.main.options.Service.Nice: "]
    )
