# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directive or value that is not taken is told with its remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    messages,
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    registry,
)

SECTIONS = table.SECTIONS["service"]


def unusable(section: str, name: str, version: int = 257) -> report.Finding:
    """Return what is said of a directive that is not in a section."""
    item = syntax.Assignment(section, name, "x", 1, 1)
    return messages.unusable(
        item, table.find(section, name), SECTIONS, targets.Target(version)
    )


def bad_value(name: str, value: str, version: int = 257) -> report.Finding:
    """Return what is said of a value of [Service]."""
    item = syntax.Assignment("Service", name, value, 1, 1)
    directive = table.find("Service", name)
    assert directive is not None
    target = targets.Target(version)
    context = contexts.Context(target, "a.service", "Service", name)
    with pytest.raises(contexts.BadValueError) as caught:
        registry.check_value(directive.form(target).kind, value, context)
    return messages.bad_value(item, caught.value, directive, context)


def test_a_directive_of_another_section() -> None:
    found = unusable("Service", "WantedBy")
    assert found.code == "misplaced-directive"
    assert "[Install]" in found.message


def test_a_directive_that_nobody_knows_names_the_nearest() -> None:
    found = unusable("Service", "ProtectSytem")
    assert found.code == "unknown-directive"
    assert found.replacement == "ProtectSystem"


def test_a_directive_that_comes_later() -> None:
    found = unusable("Service", "PrivatePIDs", 252)
    assert (found.code, found.since) == ("directive-too-new", 257)


def test_a_directive_that_is_gone() -> None:
    found = unusable("Service", "MemoryLimit", 262)
    assert found.code == "directive-removed"
    assert found.replacement == "MemoryMax"


def test_a_bad_value_names_what_was_meant() -> None:
    found = bad_value("ProtectSystem", "strct")
    assert (found.code, found.replacement) == ("invalid-value", "strict")
    assert "strct" in found.message


def test_a_value_that_comes_later() -> None:
    found = bad_value("Type", "notify-reload", 252)
    assert (found.code, found.since) == ("value-too-new", 253)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Environment", "DB_PASSWORD=hunter2%5"),
        ("SetCredential", "a/b:hunter2"),
    ],
)
def test_a_secret_is_not_repeated(name: str, value: str) -> None:
    assert "hunter2" not in bad_value(name, value).message


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("RuntimeDirectory", "%t/x", "%t/x, with its specifiers replaced"),
        ("RuntimeDirectory", "/x%%", "/x%%: "),
        ("RuntimeDirectory", "/x", "/x: '/x'"),
    ],
)
def test_a_text_that_specifiers_made_is_told_as_such(
    name: str, value: str, told: str
) -> None:
    assert f"{name}={told}" in bad_value(name, value).message


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("--port 80", "end the line before in a backslash"),
        ("--port=80", "that line must end in a backslash"),
        ("${A}=b", "that line must end in a backslash"),
    ],
)
def test_a_line_that_should_continue_the_one_before(
    line: str, advice: str
) -> None:
    text = f"[Service]\nExecStart=/bin/x\n{line}\n"
    (found,) = validator.check(text, "a.service", targets.Target(257))
    assert advice in found.message


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("ConditionACPower", "maybe", "must be yes or no (systemd counts"),
        ("AssertFirstBoot", "yess", "did you mean yes? (systemd counts"),
        ("ConditionCPUs", "many", "such as >= 2 (systemd counts"),
    ],
)
def test_a_condition_fails_where_others_are_ignored(
    option: str, value: str, wanted: str
) -> None:
    text = f"[Unit]\n{option}={value}\n[Service]\nExecStart=/bin/x\n"
    (found,) = validator.check(text, "a.service", targets.Target(257))
    assert f"{wanted} it as a condition that failed)" in found.message


def test_a_secret_is_named_without_the_quote_before_it() -> None:
    text = '[Service]\nExecStart=/bin/x\nEnvironment="SECRET_KEY=a"\n'
    (found,) = validator.check(text, "a.service", targets.Target(257))
    assert found.message.startswith("SECRET_KEY= looks like a secret")


def test_a_version_beyond_the_table_is_told() -> None:
    text = "[Service]\nExecStart=/bin/x\n"
    assert validator.check(text, "a.service", targets.Target(262)) == []
    for version in (263, 400):
        target = targets.Target.parse(f"systemd {version}")
        (found,) = validator.check(text, "a.service", target)
        assert (found.code, found.level) == ("version-unknown", "notice")
        assert str(version) in found.message


# Right and wrong values of many types.
VALUES = (
    "x", "yes", "yess", "YES ", "none", "nobody", "syslog", "5 # why",
    "/a # why", "%t/../x", "%i/a", "%n", "%!", "17E", "99999999999d", "-1",
    "a b", "a  b", "/var/run/x", "/a/../b", "~", "always", "infinity",
    "$(date) > /x", "/bin/x $(date) > /y # z", "!!/bin/x", "s390x",
    "CAP_CHOWNN", "AF_INET7", "@mont", "sigterm", "1GB", "5 mins", "EPERMM",
    "daily", "dayly", "*-*-*", "a.service", "x.servic", "private", "on-fail",
)  # fmt: skip


def one_of_each_type() -> Iterator[tuple[str, str]]:
    """Yield a directive of each value type, and all conditions."""
    seen = set()
    for kind, sections in table.SECTIONS.items():
        for section in sections:
            for name in table.names(section):
                directive = table.find(section, name)
                assert directive is not None
                value_type = directive.form(targets.Target(262)).kind
                key = name if value_type == "condition" else value_type
                if key not in seen:
                    seen.add(key)
                    yield f"a.{kind}", f"{section}.{name}"


def everything() -> Iterator[report.Finding]:
    """Yield the findings about many values of every type."""
    for unit, place in one_of_each_type():
        section, name = place.split(".")
        lines = "\n".join(f"{name}={value}" for value in VALUES)
        text = f"[{section}]\n{lines}\n"
        for version in (252, 262):
            yield from validator.check(text, unit, targets.Target(version))


def test_messages_of_all_rules_read_well() -> None:
    bad = set()
    for found in everything():
        text, name = found.message, re.escape(found.option)
        nearest = re.search(r"did you mean (.+?)=?\?", text)
        quoted = [
            part
            for part in re.findall(r"'([^'%]+)' is", text)
            if part not in found.value
        ]
        if not found.option:
            continue
        if re.search(rf"\b{name}= ?\S*{name}=", text):
            bad.add(f"names the directive twice: {found}")
        if re.match(rf"{name}= (?![a-z])", text):
            bad.add(f"has no verb behind the name: {found}")
        if text.startswith(f"{found.option}= {found.value} "):
            bad.add(f"has no verb before the value: {found}")
        if nearest and nearest[1] == found.value:
            bad.add(f"suggests the value itself: {found}")
        if found.replacement and found.replacement == found.value:
            bad.add(f"replaces the value by itself: {found}")
        is_condition = name.startswith(("Condition", "Assert"))
        if is_condition and "(systemd ignores" in text and "failed" in text:
            bad.add(f"tells two outcomes: {found}")
        if quoted and "%" in found.value and "replaced" not in text:
            bad.add(f"quotes what nobody wrote, {quoted}: {found}")
    assert not bad, "\n".join(sorted(bad)[:40])
