# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deploy is refused on this host before it changes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rendering

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    failures,
    inputs,
    observe,
    refusals,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    ancestors,
    errors,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
)


@pytest.mark.parametrize("is_enforced", [True, False])
def test_a_limit_must_be_one_even_where_it_is_left_out(
    is_enforced: bool,
) -> None:
    void = frozenset() if is_enforced else frozenset({"memory"})
    context = replace(
        rendering.CONTEXT, weakness=sandbox.Weakness(frozenset(), void)
    )
    good = rendering.unit(context, resources={"memory_max": "64M"})
    refusals.invalid("pyapp_", [good], rendering.CONTEXT.target)
    bad = rendering.unit(context, resources={"memory_max": "banana"})
    name = r"pyapp_services\.main\.resources\.memory_max: in hello\.service"
    with pytest.raises(errors.HostError, match=name):
        refusals.invalid("pyapp_", [bad], rendering.CONTEXT.target)


def test_a_specifier_of_root_is_told() -> None:
    celery = rendering.unit(exec="celery worker -n worker1@%h")
    (warning,) = refusals.invalid("pyapp_", [celery], rendering.CONTEXT.target)
    assert warning.startswith("pyapp_services.main.exec: in hello.service")
    assert "write %%h" in warning
    literal = rendering.unit(exec=["celery", "-n", "worker1@%h"])
    assert not refusals.invalid("pyapp_", [literal], rendering.CONTEXT.target)


def test_the_host_has_the_last_word() -> None:
    doubtful = rendering.unit(options={"Service": {"Personality": "arm64"}})
    where = "pyapp_services.main.options.Service.Personality: in hello.service"
    target = rendering.CONTEXT.target
    (warning,) = refusals.invalid("pyapp_", [doubtful], target)
    assert warning.startswith(f"{where}, Personality= has arm64, which counts")

    asked = []

    def says(level: str) -> verdict.Consult:
        def consult(
            name: str, text: object, _drop_ins: object, _target: object,
            found: Iterable[report.Finding],
        ) -> list[report.Finding]:  # fmt: skip
            asked.append((name, text))
            return [replace(one, level=level) for one in found]

        return consult

    assert refusals.invalid("pyapp_", [doubtful], target, says("notice")) == []
    assert asked == [("hello.service", doubtful.text)]
    with pytest.raises(errors.HostError, match=where):
        refusals.invalid("pyapp_", [doubtful], target, says("error"))


def test_a_mask_on_a_unit_that_goes_is_told_too(
    layout: layouts.Layout,
) -> None:
    unit = "hello-old.service"
    inputs.write_claim(layout, b"key")
    Path(layout.unit_link(unit)).symlink_to("/dev/null")
    state = observe.UnitState({}, None, (), "")
    observed = observe.Observed(layout, True, b"", None, {unit: state})
    with pytest.raises(errors.HostError, match="Nothing was changed") as told:
        refusals.taken("pyapp_", observed, ["hello.service"])
    assert f"`systemctl unmask {unit}`" in str(told.value)
    assert "seize" not in str(told.value)


def test_what_is_in_the_way_of_a_unit_of_ours(layout: layouts.Layout) -> None:
    names = ["hello.service", "hello-x.service"]
    refusals.in_the_way(layout, names)
    Path(layout.unit_link(names[1])).write_text("[Service]\n")
    with pytest.raises(errors.HostError, match="move it away") as told:
        refusals.in_the_way(layout, [*names, *names])
    assert str(told.value).startswith(f"{names[1]}: ")


def account(**traits: Any) -> accounts.Account:
    """Return the account of a builder, with some traits changed."""
    known = accounts.Account(
        name="_hello",
        uid=990,
        gid=990,
        group="_hello",
        comment=accounts.MARK,
        home="/nonexistent",
        shell="/usr/sbin/nologin",
    )
    return replace(known, **traits)


def bare(command: str, key: str = "main", **traits: Any) -> units.Unit:
    """Return a unit that runs a command, and has nothing else."""
    plain = units.Unit(
        name="hello.service",
        key=model.ServiceKey(key),
        text="",
        assignments=(("Service", "ExecStart", command),),
        notices=(),
    )
    return replace(plain, **traits)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (None, None),
        ("opt/hello", "/opt/hello exists and is not ours"),
        ("var/lib/hello", "/var/lib/hello exists and is not ours"),
        ("etc/systemd/system/hello.service", "the unit hello.service exists"),
        ("etc/systemd/system/other.service", None),
    ],
)
def test_a_name_of_somebody_else(
    path: str | None,
    words: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claims, "is_known", lambda *_unused: False)
    layout = layouts.Layout("hello", str(tmp_path))
    if path:
        (tmp_path / path).mkdir(parents=True)
    observed = observe.Observed(layout, False, None, None, {})
    if words is None:
        refusals.taken("pyapp_", observed, ["hello.service"])
        return
    with pytest.raises(errors.HostError) as error:
        refusals.taken("pyapp_", observed, ["hello.service"])
    assert str(error.value).startswith("pyapp_name: 'hello' would seize")
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, None),
        (account(), None),
        (account(comment="a person"), "was not made by this collection"),
        (account(group="users"), "its group is now users"),
        (account(uid=65534), "uid 65534 is reserved"),
    ],
)
def test_a_builder_that_is_somebody_elses(
    found: accounts.Account | None,
    words: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def lookup(name: str) -> accounts.Account | None:
        asked.append(name)
        return found

    monkeypatch.setattr(accounts, "lookup", lookup)
    layout = layouts.Layout("hello")
    if words is None:
        refusals.builder("pyapp_", layout)
    else:
        with pytest.raises(errors.HostError) as error:
            refusals.builder("pyapp_", layout)
        assert str(error.value).startswith("pyapp_name: ")
        assert words in str(error.value)
    assert asked == ["_hello"]


def test_all_mistakes_of_all_units_are_listed() -> None:
    first = rendering.unit(options={"Service": {"Nice": "99"}})
    second = rendering.unit(options={"Service": {"UMask": "abc"}})
    with pytest.raises(errors.HostError) as error:
        refusals.invalid("pyapp_", [first, second], rendering.CONTEXT.target)
    first_line, *listed = str(error.value).splitlines()
    assert first_line.startswith("systemd 257 on this host would not take")
    assert [line.split(": ")[0] for line in listed] == [
        "  - pyapp_services.main.options.Service.Nice",
        "  - pyapp_services.main.options.Service.UMask",
    ]


@pytest.mark.parametrize(
    ("unenforced", "mode", "is_refused"),
    [
        ((), "require", False),
        ((), "degrade", False),
        (("no PrivateNetwork= here",), "require", True),
        (("no PrivateNetwork= here",), "degrade", False),
    ],
)
def test_a_sandbox_that_would_be_in_the_file_alone(
    unenforced: tuple[str, ...], mode: str, is_refused: bool
) -> None:
    found = [bare("/bin/x"), bare("/bin/x", unenforced=unenforced)]
    if not is_refused:
        refusals.weak("pyapp_", found, mode)
        return
    with pytest.raises(errors.HostError) as error:
        refusals.weak("pyapp_", found, mode)
    said = str(error.value)
    assert said.count("\n  - hello.service: ") == 1
    assert "  - hello.service: no PrivateNetwork= here\n" in said
    assert "pyapp_sandbox: degrade" in said


NOTHING = sandbox.Weakness(frozenset(), frozenset())
NO_NETWORK = sandbox.Weakness(
    frozenset({"network", "seccomp"}), frozenset({"network", "seccomp"})
)
OPEN = {"options": {"Service": {"ProtectSystem": "no", "NoNewPrivileges": ""}}}


@pytest.mark.parametrize(
    ("options", "weakness", "limit", "is_refused"),
    [
        ({}, NOTHING, 2.0, False),
        ({}, NOTHING, 0.2, False),
        ({}, NOTHING, 0.1, True),
        ({"needs": ["network"]}, NOTHING, 1.0, True),
        ({"needs": ["network"]}, NOTHING, 1.1, False),
        # A line of the unit counts only where the host enforces it.
        ({}, NO_NETWORK, 2.0, True),
        ({}, NO_NETWORK, 10.0, False),
        (OPEN, NOTHING, 0.2, True),
        (OPEN, NOTHING, 2.0, False),
    ],
)
def test_a_unit_above_the_exposure_that_is_allowed(
    options: dict[str, Any],
    weakness: sandbox.Weakness,
    limit: float,
    is_refused: bool,
) -> None:
    target = rendering.CONTEXT.target
    rendered = rendering.unit(**options)
    if not is_refused:
        refusals.exposed("pyapp_", [rendered], target, weakness, limit)
        return
    with pytest.raises(errors.HostError) as error:
        refusals.exposed("pyapp_", [rendered], target, weakness, limit)
    first_line, *gains = str(error.value).splitlines()
    assert first_line.startswith("hello.service would have an exposure of ")
    assert f"pyapp_exposure_max is {limit:.1f}" in first_line
    assert gains
    assert all(line.startswith("  - ") for line in gains)


@pytest.mark.parametrize(
    ("digest", "wanted", "is_refused"),
    [
        ("aaaa", "1111", True),
        ("aaaa", "2222", False),
        ("bbbb", "1111", False),
    ],
)
def test_a_release_that_failed_before(
    digest: str,
    wanted: str,
    is_refused: bool,
    layout: layouts.Layout,
    generation_of: Callable[..., records.Generation],
) -> None:
    Path(layout.etc).mkdir(parents=True)
    failed = generation_of(digest="aaaa", wanted="1111")
    failures.remember(layout, failed, "a\nb\nit ended at once")
    release = generation_of(digest=digest, wanted=wanted)
    if not is_refused:
        refusals.failed_before("pyapp_", layout, release)
        return
    with pytest.raises(errors.HostError) as error:
        refusals.failed_before("pyapp_", layout, release)
    said = str(error.value)
    assert said.startswith("this release of hello failed its proof")
    assert "(it ended at once)" in said
    assert said.endswith("pyapp_retry_failed: true")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("{bin}/python -m x", None),
        ('"{bin}/python" -m x', None),
        ("/no/such/program of the host", None),
        ("{bin}/gunicorn x", "no program 'gunicorn'; it has data, python."),
        ('"{bin}/gunicorn" x', "no program 'gunicorn'; it has data, python."),
        # The file is there, but nobody may run it.
        ("{bin}/data", "no program 'data'; it has data, python."),
        ("{opt}/envs/1/bin/x", "no program 'x'; it has nothing."),
    ],
)
def test_a_program_that_the_virtualenv_lacks(
    command: str, words: str | None, tmp_path: Path
) -> None:
    layout = layouts.Layout("hello", str(tmp_path))
    folder = Path(layout.environment("0")) / "bin"
    folder.mkdir(parents=True)
    for name, mode in (
        ("activate.fish", 0o755),
        ("Activate.ps1", 0o755),
        ("data", 0o644),
        ("python", 0o755),
    ):
        (folder / name).touch(mode)
    line = command.format(bin=folder, opt=layout.opt)
    found = [bare(f"{folder}/python"), bare(line, "worker")]
    if words is None:
        refusals.missing_programs("pyapp_", layout, found)
        return
    with pytest.raises(errors.HostError) as error:
        refusals.missing_programs("pyapp_", layout, found)
    assert str(error.value).startswith("pyapp_services.worker.exec: ")
    assert words in str(error.value)


def with_credential(path: object, **main: Any) -> model.App:
    """Return an application with a credential of the host."""
    given = {"tls": {"host_path": str(path)}}
    return rendering.app(credentials=given, **main)


def refusal_of_credential(path: Path) -> str:
    """Return the rule that a credential of the host breaks."""
    with pytest.raises(errors.HostError) as error:
        refusals.missing_credentials("pyapp_", with_credential(path))
    place = f"pyapp_services.main.credentials.tls.host_path: {path} "
    text = str(error.value)
    assert text.startswith(place) and text.endswith("; nothing was changed")
    return text[len(place) :]


def test_a_credential_of_the_host_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(ancestors, "check", seen.append)
    key, link, large = (tmp_path / n for n in ("key", "link", "large"))
    key.touch()
    link.symlink_to(key)
    with large.open("wb") as file:
        file.truncate((1 << 20) + 1)
    refusals.missing_credentials("pyapp_", with_credential(link))
    assert seen == [str(link), str(key)]
    gone = with_credential(tmp_path / "none", state="absent")
    refusals.missing_credentials("pyapp_", gone)

    for path, words in (
        (tmp_path / "none", "does not exist"),
        (key / "none", "does not exist"),
        (tmp_path, "is a directory"),
        (large, "is larger than 1048576 bytes"),
    ):
        assert words in refusal_of_credential(path)


def test_a_credential_that_others_could_exchange(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    found = refusal_of_credential(tmp_path / "key")
    assert "must be in a directory that only root can change" in found


@pytest.mark.parametrize("prefix", ["pyapp_", "app.", "pyapp_apps.hello."])
def test_a_refusal_names_the_variable_as_its_user_wrote_it(
    prefix: str,
) -> None:
    odd = rendering.unit(options={"Service": {"Nice": "banana"}})
    with pytest.raises(errors.HostError) as error:
        refusals.invalid(prefix, [odd], rendering.CONTEXT.target)
    assert f"{prefix}services.main.options.Service.Nice: " in str(error.value)
