# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract accepts what is documented and refuses all else."""

from __future__ import annotations

import copy
import datetime
from dataclasses import fields
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
    model,
)

MAIN = model.ServiceKey("main")
GOOD: dict[str, Any] = {
    "name": "hello",
    "source": {"packages": ["gunicorn==23.0.0"]},
    "services": {"main": {"exec": "gunicorn hello:app"}},
}


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the good application with one value replaced."""
    app = copy.deepcopy(GOOD)
    place: Any = app
    *parents, last = path.split(".")
    for name in parents:
        place = place.setdefault(name, {})
    place[last] = value
    return app


def test_a_good_application_is_accepted() -> None:
    assert contract.check_app(GOOD, "pyapp_") == []


@pytest.mark.parametrize(
    "name",
    [
        "", None, " app ", "app\n", "a\rb", "../etc", "a/b", "..", "-app",
        "--now", "app;id", "$(id)", "a%n", "app@x", "\u0430pp", "a\u200bb",
        "a" * 300, "app.service", 123, True, [], {},
    ],
)  # fmt: skip
def test_bad_names_are_refused(name: object) -> None:
    messages = contract.check_app(changed("name", name), "pyapp_")
    assert messages
    assert all(message.startswith("pyapp_name:") for message in messages)


@pytest.mark.parametrize(
    ("path", "value", "names"),
    [
        ("services", {}, "pyapp_services:"),
        ("services.main.exec", None, "pyapp_services.main.exec:"),
        ("services.main.exec", "a\nUser=root", "pyapp_services.main.exec:"),
        ("services.main.exec", [], "pyapp_services.main.exec:"),
        ("services.main.exec", ["a", "b\0"], "pyapp_services.main.exec[1]:"),
        ("services.Main", {"exec": "x"}, "pyapp_services key 'Main':"),
        ("services.main.exce", "x", "did you mean 'exec'?"),
        ("services.main.credentials", {"../a": "x"}, "file name"),
        ("services.main.credentials", {"a": {"file": 1}}, ".a.file"),
        ("services.main.credentials", {"a": ["x"]}, "is a list"),
        ("services.main.listen", ["80"], "not supported yet"),
        ("services.main.schedule", "daily", "not supported yet"),
        ("services.main.environment", {"1BAD": "x"}, "a variable name"),
        ("services.main.environment", {"A": "x\nUser=root"}, "line break"),
        ("services.main.environment", {"A": 5}, "in quotes"),
        ("services.main.environment", {"PATH": "/x:$PATH"}, "replaces none"),
        ("environment", {"PATH": "/x:${PATH}"}, "leave PATH out"),
        ("services.main.environment", {"LD_PRELOAD": "x"}, "ld-preload"),
        ("environment", {"PYTHONPATH": "x"}, "pythonpath"),
        ("services.main.restart_sec", 5, "in quotes"),
        ("services.main.restart_sec", "soon", "a time span"),
        ("services.main.health", {"http": "file:///etc/passwd"}, "a URL"),
        ("services.main.health", {"http": "http://127.0.0.1:0/"}, "port 0"),
        ("services.main.health", {"tcp": "localhost:70000"}, "port 70000"),
        ("services.main.health", {"tcp": "localhost:80a"}, "HOST:PORT"),
        ("services.main.health", {"timeout": 0}, "below the minimum"),
        ("services.main.health", {"timeout": float("inf")}, "above"),
        ("services.main.health", {"timeout": float("nan")}, "below"),
        ("services.main.health", {"settle": 30}, "never succeed"),
        ("services.main.health", {"unix": "run/x"}, "absolute path"),
        ("services.main.health", {"command": "'"}, "cannot be split"),
        ("services.main.health", {"command": "bin/x"}, "neither an abs"),
        ("services.main.health", {"match": "x"}, "without http"),
        (
            "services.main.health",
            {"http": "http://127.0.0.1/", "match": "("},
            "not a regular expression",
        ),
        (
            "services.main.health",
            {"unix": "/x", "tcp": "a:1"},
            "tcp and unix exclude",
        ),
        ("before_switch", [{"service": "main"}], "exec: is missing"),
        ("before_switch", [{"exec": "x", "service": "mai"}], "'main'?"),
        ("before_switch", [{"exec": "x", "once": "yes"}], "a boolean"),
        ("before_switch", ["x\ny"], "a command on one line"),
        ("name", "pyfleet", "choose another name"),
        ("services.main.health", {"http": "http://a..b/"}, "a URL"),
        ("services.main.health", {"tcp": f"{'a' * 64}:1"}, "HOST:PORT"),
        ("source", {}, "exactly one of packages, requirements"),
        ("source.requirements", "r.txt", "packages and requirements"),
        ("source", {}, "if nothing is needed, write packages: []"),
        ("source.packages", ["git+https://u@h/x"], "a repository is refused"),
        ("source.packages", ["gunicorn"], "a pinned requirement"),
        ("source.packages", ["x==1; rm", "-r x"], "[1]"),
        ("source.index", {"url": "http://example.org/"}, "https://"),
        ("source.index", {"url": "http://127.0.0.1:80@x.org/"}, "https://"),
        ("source.index", {"url": "http://evil?@127.0.0.1/"}, "https://"),
        ("source.index", {"url": "http://evil#@127.0.0.1/"}, "https://"),
        ("source.index", {"url": "http://evil\\@127.0.0.1/"}, "https://"),
        ("source.index", {"url": "http://evil/@127.0.0.1/"}, "https://"),
        ("source.index", {"url": "http://127.0.0.1.evil/"}, "https://"),
        ("source.index", {"url": "http://127.0.0.1\\.evil/"}, "https://"),
        ("source.index", {"url": "http://127.0.0.1\t@evil/"}, "https://"),
        ("source.index", {"url": "https://evil?@good/"}, "https://"),
        ("source.index", {"url": "https://a b/"}, "https://"),
        ("source.index", {"url": "https:///path"}, "https://"),
        ("source.index", {"url": "HTTPS://x/"}, "https://"),
        ("source.index", {"url": "https://\u0430.example/"}, "https://"),
        ("source.index", {"url": "http://localhost.x.org/"}, "https://"),
        ("source.exclude", ["x"], "without files"),
        ("source.allow", ["x"], "without files"),
        ("keep_releases", 0, "below the minimum"),
        ("keep_releases", 1.5, "an integer"),
        ("keep_releases", True, "an integer"),
        ("keep_releases", "3", "remove the quotes"),
        ("state", "gone", "present, absent"),
        ("config", {"../x": "y"}, "file name"),
        ("config", {"x": datetime.date(2026, 1, 1)}, "is a date"),
        ("python", 3.11, "in quotes"),
        ("servces", {}, "did you mean 'pyapp_services'?"),
        ("config", {"x": "\ud800"}, "pyapp_config.x: is not valid Unicode"),
        ("environment", {1: "x"}, "pyapp_environment: a key is an integer"),
        ("environment", {"A": "x" * 131_072}, "longer than 131071 bytes"),
        ("keep_releases", 1 << 70, "more than 64 bits"),
        ("services.main.needs", [{"write": {1, 2}}], "is of type set"),
        ("services.main.restart_sec", "9" * 60 + "!", "a time span"),
        ("services.main.health", {"http": "http://[::x]/"}, "a URL"),
        ("services.main.health", {"http": "http://[:::]/"}, "cannot be read"),
        ("services.main.health", {"http": "http://h:" + "9" * 5000}, "a URL"),
        ("build", ["x"], "pyapp_build: has no meaning without"),
        ("build", ["x\ny"], "pyapp_build[0]: 'x\\ny' is not a command"),
        ("build", [[]], "pyapp_build[0]: is empty"),
        ("build", ["x", {"timeout": "5s"}], "pyapp_build[1].exec: is miss"),
        ("build", [{"exec": "x", "timeout": 5}], "build[0].timeout: 5 is"),
        ("build", "x", "a list is wanted"),
    ],
)
def test_bad_values_are_refused_by_name(
    path: str, value: object, names: str
) -> None:
    messages = contract.check_app(changed(path, value), "pyapp_")
    assert any(names in message for message in messages), messages


def test_a_missing_source_is_named_with_the_remedy() -> None:
    app = {k: v for k, v in GOOD.items() if k != "source"}
    (message,) = contract.check_app(app, "pyapp_")
    assert message.startswith("pyapp_source: is missing")
    assert "packages" in message


def test_secrets_are_not_shown() -> None:
    url = "http://user:hunter2@index.example/simple"
    messages = contract.check_app(
        changed("source.index", {"url": url}), "pyapp_"
    )
    assert messages
    assert "hunter2" not in str(messages)
    messages = contract.check_app(
        changed("config", {"a": ["hunter2"]}), "pyapp_"
    )
    assert messages
    assert "hunter2" not in str(messages)


def test_lifted_refusals_are_accepted() -> None:
    app = changed("services.main.allow", ["pythonpath"])
    app["services"]["main"]["environment"] = {"PYTHONPATH": "/srv/x"}
    assert contract.check_app(app, "pyapp_") == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("services.main.health.http", "http://[::1]:80/x?y#z"),
        ("services.main.health.http", "http://localhost?x"),
        ("services.main.health.tcp", "[::1]:80"),
        ("services.main.restart_sec", "1h 30min 5.5 s"),
        ("services.main.restart_sec", "infinity"),
        ("config.big", "x" * 2_000_000),
        ("services.main.credentials.key", "x" * 1_000_000),
        ("source.packages", []),
        ("source.packages", ["a[b, c] == 1.0.0rc1+x ; python_version<'3'"]),
    ],
    ids=lambda value: str(value)[:20],
)
def test_good_values_are_accepted(path: str, value: object) -> None:
    assert contract.check_app(changed(path, value), "pyapp_") == []


def test_removal_needs_a_name_alone() -> None:
    assert (
        contract.check_app({"name": "hello", "state": "absent"}, "pyapp_")
        == []
    )


def test_defaults_are_filled_in_at_every_depth() -> None:
    app = contract.normalise_app(GOOD)
    assert app.keep_releases == 3
    main = app.services[MAIN]
    assert main.type == "exec"
    assert main.health.settle == 5
    assert main.start_limit == model.StartLimit("5min", 10)
    assert main.watchdog_sec is None


def test_the_schema_and_the_dataclasses_have_the_same_defaults() -> None:
    """A record may lack what the schema would have filled in."""
    app = {**GOOD, "services": {"main": {"exec": "x"}}}
    main = contract.normalise_app(app).services[MAIN]
    bare = model.Service("x")
    for field in fields(model.Service):
        filled, own = getattr(main, field.name), getattr(bare, field.name)
        assert filled == own or not (filled or own), field.name
    whole, name = contract.normalise_app(app), model.AppName("hello")
    assert whole.keep_releases == model.App(name).keep_releases
    assert whole.exposure_max == model.App(name).exposure_max
    assert whole.sandbox == model.App(name).sandbox


def test_credentials_in_files_stay_paths() -> None:
    given = {"a": "text", "b": {"file": "secret.txt"}}
    app = changed("services.main.credentials", given)
    main = contract.normalise_app(app).services[MAIN]
    assert main.credentials == {"a": "text"}
    assert main.credential_files == {"b": "secret.txt"}


def test_credentials_of_the_host_stay_paths() -> None:
    given = {"a": "text", "tls": {"host_path": "/etc/ssl/private/x.key"}}
    app = changed("services.main.credentials", given)
    assert contract.check_app(app, "pyapp_") == []
    main = contract.normalise_app(app).services[MAIN]
    assert main.credentials == {"a": "text"}
    assert main.credential_paths == {"tls": "/etc/ssl/private/x.key"}
    assert not main.credential_files


@pytest.mark.parametrize(
    "path", ["x.key", "/", "/a/../b", "/a/./b", "//a", "/a/", "/a\nb", ""]
)
def test_a_credential_of_the_host_has_an_absolute_path(path: str) -> None:
    app = changed("services.main.credentials", {"tls": {"host_path": path}})
    (message,) = contract.check_app(app, "pyapp_")
    assert message.startswith("pyapp_services.main.credentials.tls.host_path")
    assert "absolute path" in message


@pytest.mark.parametrize("given", [{}, {"file": "x", "host_path": "/x"}])
def test_a_credential_has_one_place(given: dict[str, str]) -> None:
    app = changed("services.main.credentials", {"tls": given})
    (message,) = contract.check_app(app, "pyapp_")
    assert "exactly one of file, host_path is wanted" in message


def test_every_form_of_a_build_command_is_filled_in() -> None:
    app = changed("source.files", "src")
    app["build"] = ["x y", ["x", "y"], {"exec": ["x"], "timeout": "5s"}]
    assert contract.check_app(app, "pyapp_") == []
    assert contract.normalise_app(app).build == [
        model.BuildCommand("x y", "15min"),
        model.BuildCommand(["x", "y"], "15min"),
        model.BuildCommand(["x"], "5s"),
    ]


def test_a_command_before_the_switch_runs_everywhere_unless_once() -> None:
    app = changed("before_switch", ["x", {"exec": "y", "once": True}])
    assert contract.check_app(app, "pyapp_") == []
    commands = contract.normalise_app(app).before_switch
    assert [command.once for command in commands] == [False, True]


def test_a_command_before_the_switch_runs_as_a_service_that_stays() -> None:
    services = {
        "old": {"exec": "x", "state": "absent"},
        "main": {"exec": "x"},
    }
    app = {**changed("services", services), "before_switch": ["x"]}
    assert contract.check_app(app, "pyapp_") == []
    (command,) = contract.normalise_app(app).before_switch
    assert command.service == "main"
    app["before_switch"] = [{"exec": "x", "service": "old"}]
    (message,) = contract.check_app(app, "pyapp_")
    assert "before_switch[0].service: 'old' is to be removed" in message
    app["services"] = {"old": services["old"]}
    (message,) = contract.check_app(app, "pyapp_")
    assert "pyapp_before_switch: its commands run in" in message
