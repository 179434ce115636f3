# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several applications in one play, from somebody else's playbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, Run, web_app

HOST = "bookworm"
PORT = 8130
APPS = ["it-imported", "it-included", "it-loop-a", "it-loop-b"]
ROLE = """
- name: Import the first
  ansible.builtin.import_role:
    name: pyfleet.services.pyapp
  vars:
    pyapp_name: it-imported
    pyapp_source: "{{ site['it-imported'].source }}"
    pyapp_services: "{{ site['it-imported'].services }}"
    pyapp_environment: "{{ site['it-imported'].environment }}"
    pyapp_config:
      settings.toml: of the first

- name: Include the second
  ansible.builtin.include_role:
    name: pyfleet.services.pyapp
  vars:
    pyapp_name: it-included
    pyapp_source: "{{ site['it-included'].source }}"
    pyapp_services: "{{ site['it-included'].services }}"

- name: Include more in a loop
  ansible.builtin.include_role:
    name: pyfleet.services.pyapp
  vars:
    pyapp_name: "{{ item }}"
    pyapp_source: "{{ site[item].source }}"
    pyapp_services: "{{ site[item].services }}"
    pyapp_environment: "{{ site[item].environment | default(omit) }}"
    pyapp_config: "{{ site[item].config | default(omit) }}"
  loop: [it-loop-a, it-loop-b]
"""
PLAYBOOK = """
- hosts: all
  become: true
  gather_facts: false
  roles:
    - role: site
"""
TWICE = """
- hosts: all
  become: true
  gather_facts: false
  roles:
    - role: pyfleet.services.pyapp
      vars:
        pyapp_name: it-imported
        pyapp_source: "{{ site['it-imported'].source }}"
        pyapp_services: "{{ site['it-imported'].services }}"
        pyapp_environment: {ONLY_FIRST: again}
        pyapp_config: {settings.toml: of the first}
    - role: pyfleet.services.pyapp
      vars:
        pyapp_name: it-included
        pyapp_source: "{{ site['it-included'].source }}"
        pyapp_services: "{{ site['it-included'].services }}"
"""


class Site:
    """Somebody's playbook and role, and what they describe."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self._lab, self._folder = lab, folder
        tasks = folder / "roles" / "site" / "tasks"
        tasks.mkdir(parents=True)
        (tasks / "main.yml").write_text(ROLE, encoding="utf-8")
        self.apps: dict[str, Any] = {}
        for number, name in enumerate(APPS):
            self.apps[name] = web_app(
                name,
                PORT + number,
                folder / "src",
                environment={"CONFIG": f"/etc/{name}"},
            )
        self.apps["it-imported"]["environment"] = {"ONLY_FIRST": "yes"}
        self.apps["it-loop-a"]["environment"] = {"ONLY_LOOP_A": "yes"}
        self.apps["it-loop-a"]["config"] = {"loop.toml": "of the loop"}

    def run(self, playbook: str) -> Run:
        """Run a playbook that lies in the directory."""
        path = self._folder / "site.yml"
        path.write_text(playbook, encoding="utf-8")
        return self._lab.play(path, [HOST], {"site": self.apps})

    def answers(self) -> Mapping[str, Any]:
        """Return what each application says of its surroundings."""
        return {
            name: self._lab.get(HOST, PORT + number)
            for number, name in enumerate(APPS)
        }


@pytest.fixture(scope="module")
def site(
    lab: Lab,
    claim: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Site:
    claim([HOST], *APPS)
    made = Site(lab, tmp_path_factory.mktemp("site"))
    run = made.run(PLAYBOOK)
    assert run.status == 0, run.output
    return made


def test_variables_stay_with_their_application(site: Site) -> None:
    answers = site.answers()

    config = {name: answer["config"] for name, answer in answers.items()}
    assert config == {
        "it-imported": {"settings.toml": "of the first"},
        "it-included": {},
        "it-loop-a": {"loop.toml": "of the loop"},
        "it-loop-b": {},
    }
    seen = {
        name: {key for key in answer["environment"] if "ONLY" in key}
        for name, answer in answers.items()
    }
    assert seen == {
        "it-imported": {"ONLY_FIRST"},
        "it-included": set(),
        "it-loop-a": {"ONLY_LOOP_A"},
        "it-loop-b": set(),
    }


def test_a_change_restarts_its_application_alone(site: Site) -> None:
    before = site.answers()
    site.apps["it-loop-a"]["environment"]["ONLY_LOOP_A"] = "changed"

    run = site.run(PLAYBOOK)

    assert run.status == 0, run.output
    assert run.changed() == {HOST: 1}
    after = site.answers()
    restarted = [n for n in APPS if before[n]["pid"] != after[n]["pid"]]
    assert restarted == ["it-loop-a"]
    assert after["it-loop-a"]["environment"]["ONLY_LOOP_A"] == "changed"


def test_a_play_may_list_the_role_twice(site: Site) -> None:
    run = site.run(TWICE)

    assert run.status == 0, run.output
    answers = site.answers()
    first, second = answers["it-imported"], answers["it-included"]
    assert first["environment"]["ONLY_FIRST"] == "again"
    assert first["config"] == {"settings.toml": "of the first"}
    assert "ONLY_FIRST" not in second["environment"]
    assert second["config"] == {}
