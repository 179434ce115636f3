# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every refusal comes before any host is changed."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import DEPLOY, Lab, Run, as_variables, web_app

# Something is in the way on the first alone, and none is changed.
HOSTS = ["bullseye", "trixie"]
PORT = 8140
NAME = "it-refused"


@pytest.fixture(scope="module")
def accepted(
    claim: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Return variables that would be accepted on a clean host."""
    claim(HOSTS, NAME)
    folder = tmp_path_factory.mktemp("src")
    described = web_app(NAME, PORT, folder)
    return as_variables(described)


@pytest.fixture
def app(
    accepted: dict[str, Any], claim: Callable[..., None]
) -> dict[str, Any]:
    """Return the variables, on hosts where the last test left nothing."""
    claim(HOSTS, NAME)
    return accepted


def refused(lab: Lab, variables: dict[str, Any]) -> Run:
    """Run the playbook, which must fail and leave every host alone."""
    before = lab.snapshot(HOSTS, NAME)

    run = lab.play(DEPLOY, HOSTS, variables, "-vvv")

    assert run.status != 0, run.output
    assert "Traceback" not in run.output
    assert lab.snapshot(HOSTS, NAME) == before
    assert run.changed() == dict.fromkeys(HOSTS, 0)
    return run


def without_source(variables: dict[str, Any]) -> None:
    del variables["pyapp_source"]


def with_service_option(variables: dict[str, Any]) -> None:
    variables["pyapp_services"]["main"]["enviroment"] = {}


def with_variable(variables: dict[str, Any]) -> None:
    variables["pyapp_exposure_maximum"] = 1.0


def with_name(name: object) -> Callable[[dict[str, Any]], None]:
    def change(variables: dict[str, Any]) -> None:
        variables["pyapp_name"] = name

    return change


def with_need(variables: dict[str, Any]) -> None:
    variables["pyapp_services"]["main"]["needs"] = ["locahost"]


def with_directive(variables: dict[str, Any]) -> None:
    options = {"Service": {"ProtectSytem": "strict"}}
    variables["pyapp_services"]["main"]["options"] = options


def with_later_option(variables: dict[str, Any]) -> None:
    variables["pyapp_services"]["main"]["schedule"] = "daily"


def exposed(variables: dict[str, Any]) -> None:
    variables["pyapp_exposure_max"] = 0.5


def without_file(variables: dict[str, Any]) -> None:
    variables["pyapp_services"]["main"]["environment_files"] = ["no.env"]


def with_file_of_a_shell(variables: dict[str, Any]) -> None:
    path = Path(f"{variables['pyapp_source']['files']}.env")
    path.write_text("A=1\nexport B=hunter2\n", encoding="utf-8")
    variables["pyapp_services"]["main"]["environment_files"] = [str(path)]


def with_secret_file(variables: dict[str, Any]) -> None:
    folder = Path(variables["pyapp_source"]["files"])
    variables["pyapp_source"]["files"] = str(folder.with_name("secret"))
    shutil.copytree(folder, folder.with_name("secret"))
    (folder.with_name("secret") / ".env").write_text("A=hunter2\n")


CASES = {
    "name": (with_name("../etc"), ["pyapp_name", "lower-case letter"]),
    "name with a line break": (
        with_name("it-refused\n"),
        ["pyapp_name", "lower-case letter"],
    ),
    "name that is a number": (
        with_name(123),
        ["pyapp_name", "123", "put the value in quotes"],
    ),
    "option of a service": (
        with_service_option,
        ["pyapp_services.main.enviroment", "did you mean 'environment'?"],
    ),
    "source": (without_source, ["pyapp_source", "is missing"]),
    "variable": (
        with_variable,
        ["pyapp_exposure_maximum", "did you mean 'pyapp_exposure_max'?"],
    ),
    "option for later": (
        with_later_option,
        ["pyapp_services.main.schedule", "not supported yet", "remove it"],
    ),
    "need": (
        with_need,
        ["pyapp_services.main.needs", "locahost", "did you mean 'localhost'?"],
    ),
    "directive": (with_directive, ["ProtectSytem", "ProtectSystem"]),
    "exposure": (exposed, ["pyapp_exposure_max", "exposure of 0.9"]),
    "file": (
        without_file,
        ["pyapp_services.main.environment_files[0]", "no.env", "looked for"],
    ),
    "secret file": (
        with_secret_file,
        ["pyapp_source.files: .env is", "pyapp_source.allow: ['.env']"],
    ),
    "file of a shell": (
        with_file_of_a_shell,
        ["pyapp_services.main.environment_files[0]", "line 2", "write B="],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_wrong_variable(lab: Lab, accepted: dict[str, Any], case: str) -> None:
    spoil, words = CASES[case]
    variables = copy.deepcopy(accepted)
    spoil(variables)

    run = refused(lab, variables)

    messages = run.messages()
    assert messages
    for host, message in messages.items():
        for word in words:
            assert word in message, host
    assert "hunter2" not in run.output


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            f"useradd --system {NAME}",
            ["the account it-refused exists"],
        ),
        (f"groupadd {NAME}", ["the group it-refused exists"]),
        (f"mkdir /opt/{NAME}", ["/opt/it-refused exists"]),
        (f"mkdir /var/lib/{NAME}", ["/var/lib/it-refused exists"]),
        (f"mkdir /etc/{NAME}", ["/etc/it-refused exists"]),
        (
            f"printf '[Service]\\nExecStart=/bin/true\\n' "
            f">/etc/systemd/system/{NAME}.service",
            ["the unit it-refused.service exists"],
        ),
    ],
)
def test_name_would_seize(
    lab: Lab, app: dict[str, Any], script: str, words: list[str]
) -> None:
    lab.shell(HOSTS[0], script)

    run = refused(lab, app)

    assert list(run.messages()) == [HOSTS[0]]
    message = run.messages()[HOSTS[0]]
    for word in ["pyapp_name", "Choose another name", *words]:
        assert word in message


def test_a_host_names_the_variable_as_its_user_wrote_it(
    lab: Lab, app: dict[str, Any]
) -> None:
    prefix = "pyapp_"
    options = {key[len(prefix) :]: value for key, value in app.items()}
    main = {**options["services"]["main"]}
    main["options"] = {"Service": {"Nice": "banana"}}
    wanted = {**options, "services": {"main": main}}
    del wanted["name"]

    run = refused(lab, {"pyapp_apps": {NAME: wanted}})

    place = f"pyapp_apps.{NAME}.services.main.options.Service.Nice: "
    for message in run.messages().values():
        assert place in message


def test_name_of_a_package_is_refused(lab: Lab, app: dict[str, Any]) -> None:
    # PID 1 would give /var/lib/apt to the service's account.
    run = refused(lab, {**app, "pyapp_name": "apt"})

    assert set(run.messages()) == set(HOSTS)
    assert "/var/lib/apt exists and is not ours" in run.output


def test_unit_that_systemd_ships_is_refused(
    lab: Lab, app: dict[str, Any]
) -> None:
    run = refused(lab, {**app, "pyapp_name": "ssh"})

    assert set(run.messages()) == set(HOSTS)
    assert "the unit ssh.service exists" in run.output


def test_current_dangles(lab: Lab, app: dict[str, Any]) -> None:
    assert lab.play(DEPLOY, [HOSTS[0]], app).status == 0
    current = f"/etc/pyfleet/{NAME}/current"
    lab.shell(HOSTS[0], f"ln -sfn 99 {current}")

    run = refused(lab, app)

    assert "remove the link and deploy again" in run.output
    lab.shell(HOSTS[0], f"rm {current}")
    again = lab.play(DEPLOY, [HOSTS[0]], app)
    assert again.status == 0, again.output
    assert lab.get(HOSTS[0], PORT)["environment"]["PORT"] == str(PORT)
