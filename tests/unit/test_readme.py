# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""README.md names the variables that the contract has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
    installer,
    options,
    schema,
)

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def section(title: str) -> str:
    """Return one section of the README."""
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def not_yet(
    options: dict[str, schema.Field], of: str
) -> Iterator[tuple[str, str]]:
    """Yield what is planned, with the word the README has for its place."""
    for name, field in options.items():
        prefix = "pyapp_" if of == "the application" else ""
        if field.not_yet:
            yield of, prefix + name
        inner = field.elements or field
        place = {
            "services": "a service",
            "health": "its `health`",
            "source": "`pyapp_source`",
            "index": "`pyapp_source.index`",
        }.get(name, name)
        yield from not_yet(dict(inner.options), place)


def test_not_yet_is_what_the_contract_refuses() -> None:
    rows = re.findall(r"^\| (.*) \| (`.*`) \|$", section("Not yet"), re.M)

    assert {
        (of, name) for of, names in rows for name in re.findall(r"\w+", names)
    } == set(not_yet(options.OPTIONS, "the application"))


def test_every_variable_is_listed() -> None:
    listed = re.findall(r"^\| `pyapp_(\w+)` \|", section("Variables"), re.M)

    # The playbooks take these beside the application's own.
    of_playbooks = ["apps", "hosts", "serial"]
    assert sorted(listed) == sorted(
        [name for name, f in options.OPTIONS.items() if not f.not_yet]
        + of_playbooks
    )


def test_smallest_application_keeps_the_contract() -> None:
    (text,) = re.findall(
        "```yaml\n(.*?)```", section("The smallest application"), re.S
    )
    (play,) = yaml.safe_load(text)
    variables = play["roles"][0]["vars"]

    app = {name.removeprefix("pyapp_"): v for name, v in variables.items()}

    assert contract.check_app(app, "pyapp_") == []


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_role_names_the_installer_that_an_index_must_have() -> None:
    readme = (ROOT / "roles" / "pyapp" / "README.md").read_text()
    assert f"`{installer.FILE}`" in readme
