# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module unit_validate asks the host's systemd, on every systemd."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab import Lab

HOSTS = ["bullseye", "bookworm", "trixie", "sid"]
MODULE = "pyfleet.services.unit_validate"
SERVICE = "[Service]\nExecStart=/bin/sleep infinity\n"
FOLDER = "/run/pyfleet-lint"
# A value that a later systemd than any here may know, and one which
# breaks off the reading.
NEWER = "ProtectSystem=newer\n"
FATAL = "[Service] # broken\n"

Results = dict[str, Mapping[str, Any]]
Validate = Callable[..., Results]


@pytest.fixture
def validate(lab: Lab, tmp_path: Path) -> Iterator[Validate]:
    """Return a function that runs the module, and leave nothing."""

    def run(hosts: list[str], become: bool = True, **given: Any) -> Results:
        task = {MODULE: given, "ignore_errors": True}
        play = {"hosts": "all", "gather_facts": False, "tasks": [task]}
        playbook = tmp_path / "site.yml"
        playbook.write_text(yaml.safe_dump([play]))
        run = lab.play(playbook, hosts, {"ansible_become": become})
        assert len(run.results) == len(hosts), run.output
        return {one.host: one.result for one in run.results}

    yield run
    lab.shells(HOSTS, 'rm -rf "$1" /etc/systemd/system/pyfleet-lint-*', FOLDER)


def codes(result: Mapping[str, Any]) -> list[str]:
    assert "findings" in result, result
    return [finding["code"] for finding in result["findings"]]


def test_a_name_leads_nowhere(lab: Lab, validate: Validate) -> None:
    """A path for a name was once where root wrote the text."""
    script = (
        'mkdir -p "$1"; for f in a.service b.conf; do echo 1 >"$1/$f"; done'
    )
    lab.shells(HOSTS, script, FOLDER)
    own = {"name": "pyfleet-lint-a.service", "content": SERVICE}
    for given in (
        {"name": f"{FOLDER}/a.service", "content": SERVICE},
        {"files": {f"{FOLDER}/a.service": SERVICE}},
        {**own, "drop_ins": {f"{FOLDER}/b.conf": "[Service]\nNice=5\n"}},
        {"files": {f"pyfleet-lint-a.service.d/{FOLDER}/b.conf": SERVICE}},
    ):
        for result in validate(HOSTS, **given).values():
            assert (
                "is not the name" in result["msg"] or "files:" in result["msg"]
            )
    for said in lab.shells(HOSTS, 'cat "$1"/*', FOLDER).values():
        assert said == "1\n1\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # Every one of them reads its lines to the end, and says so.
        ({"pyfleet-lint-a.service": SERVICE + "Nice=99\n"}, "invalid-value"),
        ({"pyfleet-lint-a.service": SERVICE + "Nice=99 \\"}, "invalid-value"),
        (
            {"pyfleet-lint-a.service": f"{SERVICE}ProtectSystem=a \\\nb\n"},
            "invalid-value",
        ),
        # None of them is read to its end, so silence means nothing.
        (
            {
                "pyfleet-lint-a.service": FATAL,
                "pyfleet-lint-a.service.d/b.conf": f"[Service]\n{NEWER}",
            },
            "invalid-value",
        ),
        (
            {"pyfleet-lint-a.service": f"{SERVICE}{FATAL}{NEWER}"},
            "invalid-value",
        ),
        # These are read although the unit is not there.
        (
            {"pyfleet-lint-a.service.d/b.conf": f"[Service]\n{NEWER}"},
            "invalid-value",
        ),
        (
            {"pyfleet-lint-a@1.timer.d/b.conf": "[Timer]\nOnCalendar=x\n"},
            "invalid-value",
        ),
    ],
)
def test_what_the_host_does_not_take(
    validate: Validate, files: dict[str, str], expected: str
) -> None:
    for result in validate(HOSTS, files=files).values():
        assert expected in codes(result), result
        assert "host-accepts" not in codes(result)


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("pyfleet-lint-a.service", "Service"),
        ("pyfleet-lint-a@.service", "Service"),
        ("pyfleet-lint-a@1.service", "Service"),
        ("pyfleet-lint-a.timer", "Timer"),
        ("pyfleet-lint-a.socket", "Socket"),
        ("pyfleet-lint-a.mount", "Mount"),
        ("pyfleet-lint-a.path", "Path"),
        ("pyfleet-lint-a.slice", "Slice"),
        ("service", "Service"),
    ],
)
def test_a_drop_in_alone_is_read(
    validate: Validate, name: str, section: str
) -> None:
    """The host reads a lone drop-in, and objects to its line alone."""
    text = f"[{section}]\n[Unit]\nStartLimitIntervalSec=nonsense\n"
    for result in validate(HOSTS, files={f"{name}.d/b.conf": text}).values():
        assert codes(result) == ["invalid-value"], result


def test_environment_files_of_the_host(lab: Lab, validate: Validate) -> None:
    script = (
        'mkdir -p "$1"; printf "A=1\\nexport B=hunter2\\n" >"$1/a.env"; '
        'printf "A=1\\n" >"$1/b.env"; mkfifo "$1/pipe.env"'
    )
    lab.shells(HOSTS, script, FOLDER)
    bad = f"{FOLDER}/a.env"
    unit = f"{SERVICE}EnvironmentFile=-{FOLDER}/*.env\n"
    for given in (
        {"name": "pyfleet-lint-a.service", "content": unit},
        {"type": "environment", "path": bad},
    ):
        for result in validate(HOSTS, **given).values():
            (found,) = (
                one
                for one in result["findings"]
                if one["code"] == "environment-line-dropped"
            )
            assert result["valid"] is False
            assert (found["file"], found["line"]) == (bad, 2)
            assert "hunter2" not in str(result)
    good = {"type": "environment", "path": f"{FOLDER}/b.env"}
    for result in validate(HOSTS, **good).values():
        assert result["valid"], result


def test_what_the_host_has_is_not_judged(lab: Lab, validate: Validate) -> None:
    """Nobody gave the module the host's own drop-ins.

    With them the unit has two commands, which systemd refuses.
    """
    script = """
        for d in a-b.service a-.service a-b@.service; do
            d=pyfleet-lint-$d
            mkdir -p "/etc/systemd/system/$d.d"
            printf "[Service]\\nExecStart=/bin/true\\n" \
                >"/etc/systemd/system/$d.d/pyfleet-lint-own.conf"
        done
        """
    lab.shells(HOSTS, script)
    for name in ("pyfleet-lint-a-b.service", "pyfleet-lint-a-b@1.service"):
        files = {name: SERVICE, f"{name}.d/pyfleet-lint-own.conf": "[Unit]\n"}
        for result in validate(HOSTS, files=files).values():
            assert codes(result) == [], result


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "pyfleet-lint-a.service",
            f"{SERVICE}PIDFile=/var/run/pyfleet-lint.pid\n",
            ["var-run"],
        ),
        (
            "pyfleet-lint-a.socket",
            "[Socket]\nListenFIFO=/var/run/pyfleet-lint\n"
            "ListenStream=/var/run/pyfleet-lint.sock\n",
            ["var-run", "var-run"],
        ),
        (
            "pyfleet-lint-a.service",
            f"{SERVICE}ExecStartPre=/bin/grep '\\.x' /etc/passwd\n",
            ["unknown-escape"],
        ),
    ],
)
def test_a_line_that_the_host_takes_with_a_message(
    validate: Validate, name: str, text: str, expected: list[str]
) -> None:
    """The host says something, and uses the line: no error is right."""
    for result in validate(HOSTS, name=name, content=text).values():
        assert result["valid"], result
        assert codes(result) == expected


def test_a_mistake_that_makes_the_host_say_more(validate: Validate) -> None:
    """The host has a message about each line, we have one about all."""
    text = f"{SERVICE}Environment=A=1 \\ \n  B=2 \\\n  C=3\nNice=5\n"
    for result in validate(
        HOSTS, name="pyfleet-lint-a.service", content=text
    ).values():
        assert codes(result) == ["blank-behind-backslash"], result


def test_the_paths_of_a_template(validate: Validate) -> None:
    """The host refuses them with any instance, and we know it."""
    lines = (
        "EnvironmentFile=etc/%i",
        "StateDirectory=../%i",
        "LogsDirectory=/abs/%i",
        "WorkingDirectory=-tmp/%i",
        "ReadWritePaths=%i/x",
        "BindPaths=/a:b/%i",
        "StandardOutput=append:x/%i",
        "LoadCredential=a:x/%i",
        "PIDFile=../%i",
    )
    files = {
        f"pyfleet-lint-{number}@.service": f"{SERVICE}{line}\n"
        for number, line in enumerate(lines)
    }
    for result in validate(HOSTS, files=files).values():
        assert codes(result) == ["invalid-value"] * len(lines), result


def test_a_tree(lab: Lab, validate: Validate) -> None:
    script = """
        mkdir -p "$1/pyfleet-lint-a.service.d" "$1/sub"; cd "$1"
        printf "[Service]\\nExecStart=/bin/true\\n" >pyfleet-lint-a.service
        printf "[Service]\\nNice=99\\n" >pyfleet-lint-a.service.d/b.conf
        printf "[Service]\\nUser=\\377\\n" >sub/pyfleet-lint-b.service
        mkfifo pyfleet-lint-c.txt; ln -s /dev/null pyfleet-lint-d.service
        """
    lab.shells(HOSTS, script, FOLDER)
    for result in validate(HOSTS, path=FOLDER).values():
        assert sorted(result["units"]) == [
            "pyfleet-lint-a.service",
            "pyfleet-lint-d.service",
            "sub/pyfleet-lint-b.service",
        ]
        found = {(one["file"], one["code"]) for one in result["findings"]}
        assert ("pyfleet-lint-a.service.d/b.conf", "invalid-value") in found
        assert ("sub/pyfleet-lint-b.service", "invalid-utf8") in found
        assert ("pyfleet-lint-d.service", "masked") in found
        assert "exposure" not in result["units"]["pyfleet-lint-d.service"]


def test_without_root(validate: Validate) -> None:
    """Who may not ask the host is told how to do without."""
    given: dict[str, Any] = {
        "name": "pyfleet-lint-a.service",
        "content": SERVICE,
    }
    (result,) = validate(["unkind"], become=False, **given).values()
    assert "become: true" in result["msg"]
    assert "verify: false" in result["msg"]
    given["verify"] = False
    (result,) = validate(["unkind"], become=False, **given).values()
    assert result["valid"]
