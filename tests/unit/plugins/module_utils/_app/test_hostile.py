# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option meets every bad value, and none slips in or explodes.

The options are those of the contract, found by walking it, so that a
new one is tried without a line being added here. A value is refused by
an error that names its variable, or it reaches the units as the value
of its own directive alone: nothing else in them is another than in the
units of a harmless value.
"""

from __future__ import annotations

import copy
import datetime
import math
from collections.abc import Iterator
from typing import Any, NamedTuple, Union

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    oneshots,
    options,
    records,
    schema,
    services,
    units,
    wire,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    checks,
    refusals,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    health,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
    targets,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _variables,
)

Part = Union[str, int]
Place = tuple[Part, ...]
Assignment = tuple[str, str, str]

TARGET = targets.Target(257)
CONTEXT = units.Facts(
    collection="1.2.3",
    target=TARGET,
    environment="0123456789ab",
    code="ba9876543210",
    config="c0c0c0c0c0c0",
    environment_files={model.ServiceKey("main"): ["eeeeeeeeeeee"]},
)
URL = "http://127.0.0.1:8000/health"
HARMLESS: dict[str, Any] = {
    "name": "hello",
    "source": {
        "packages": ["a==1"],
        "files": "src",
        "exclude": ["x"],
        "allow": ["x"],
        "index": {"url": "https://index.example/simple"},
    },
    "python": "3.11",
    "services": {
        "main": {
            "exec": "gunicorn hello:app",
            "needs": [{"write": ["/srv/x"]}],
            "environment": {"NAME": "value"},
            "environment_files": ["x.env"],
            "credentials": {"token": "secret"},
            "health": {"http": URL, "status": 200, "match": "x"},
            "resources": {
                "memory_max": "512M",
                "memory_high": "400M",
                "cpu_quota": "50%",
            },
            "description": "words",
            "documentation": ["https://example.org/"],
            "start_limit": {"interval": "5min"},
            "on_failure": ["other.service"],
            "after": ["other.service"],
            "requires": ["other.service"],
            "wants": ["other.service"],
            "options": {"Service": {"UMask": "0077"}},
        }
    },
    "environment": {"OTHER": "value"},
    "config": {"app.toml": "x = 1"},
    "before_switch": [{"exec": "python -m hello", "service": "main"}],
    "build": [{"exec": "python -m hello", "timeout": "15min"}],
}
# A harmless value of what is not above, by its rule.
BY_RULE = {
    "a command on one line": "python -m hello",
    "a time span such as 5s, 2min or infinity": "7s",
    "a path on one line": "files/x",
    "HOST:PORT": "127.0.0.1:80",
    "an absolute path of at most 107 characters": "/run/hello/s",
    "an argument without a NUL byte": "python",
    "an absolute path without //, . and ..": "/etc/x.key",
}
# The directives that an option sets, by its last name.
OWN = {
    "exec": ["ExecStart"],
    "type": ["Type"],
    "needs": ["ReadWritePaths"],
    "write": ["ReadWritePaths"],
    "environment": ["Environment"],
    "environment_files": ["EnvironmentFile"],
    "credentials": ["LoadCredential"],
    "description": ["Description"],
    "documentation": ["Documentation"],
    "on_failure": ["OnFailure"],
    "after": ["After"],
    "requires": ["Requires"],
    "wants": ["Wants"],
    "restart": ["Restart"],
    "restart_sec": ["RestartSec"],
    "start_timeout": ["TimeoutStartSec"],
    "stop_timeout": ["TimeoutStopSec"],
    "watchdog_sec": ["WatchdogSec"],
    "start_limit": ["StartLimitIntervalSec", "StartLimitBurst"],
    "resources": ["MemoryMax", "MemoryHigh", "CPUQuota"],
    "options": ["UMask", "Nice"],
    "memory_max": ["MemoryMax"],
    "memory_high": ["MemoryHigh"],
    "cpu_quota": ["CPUQuota"],
    "cpu_weight": ["CPUWeight"],
    "io_weight": ["IOWeight"],
    "tasks_max": ["TasksMax"],
    "nofile": ["LimitNOFILE"],
    "nice": ["Nice"],
    "oom_score_adjust": ["OOMScoreAdjust"],
    # Of the command before the switch.
    "timeout": ["TimeoutStartSec"],
}
# The key under which an element of a free-form mapping is tried.
KEYS = {
    "services": "main",
    "environment": "NAME",
    "credentials": "token",
    "config": "app.toml",
    "options": "Service",
}

# What YAML and JSON may make of a value, and what is none of theirs.
OTHER_TYPES: list[object] = [
    None, True, False, 0, -1, 1.5, 1e3, 420, 45045, 1 << 63, 1 << 70,
    1 << 20_000, -(1 << 20_000), math.inf, -math.inf, math.nan,
    datetime.date(2026, 1, 1), datetime.datetime(2026, 1, 1),
    b"bytes", {"a", "b"}, object(), [], {}, [[]], [None], [[["x"]]],
    {"a": {"b": None}}, {"a": "b"}, {1: "x"}, {None: "x"}, {True: "x"},
    {1.5: "x", "a": "y"}, {datetime.date(2026, 1, 1): "x"}, {"": "x"},
    {"1BAD": "x"}, {"A-B": "x"}, {"A=B": "x"}, {"A\nB": "x"},
    {"../x": "x"}, {"\ud800": "x"}, {"A": datetime.date(2026, 1, 1)},
    {"A": b"x"}, {"file": "../x"}, {"file": None}, {"write": "x"},
    {"write": ["../x"]}, {"write": ["/x\nUser=root"]}, {"write": ["/%H"]},
    {"home": True}, {"Service": {1: "x"}}, {"Service": {"A]\n[Unit": "x"}},
    {"Service": {"Nice": [["1"]]}}, {"Service": {"Nice": {"a": "b"}}},
    {"Service": {"Nice": 1e3}}, {"Service": {"": "x"}},
    {"Service": {"#": "x"}}, {"Service": None}, {"Service\n": {}},
    {"Service": {"Nice": "1\nUser=root"}}, {"Service": {"Nice": "1\\"}},
    {"Service": {"ProtectSytem": "strict"}}, [1], ["a", 1], ("a",),
]  # fmt: skip
TEXTS = [
    "", " ", " app ", "\t", "a\nUser=root", "a\rExecStartPre=+/bin/x",
    "a\r\n[Service]\nUser=root", "a\0b", "\n", "\ud800", "\udcff",
    "\\", "a\\", '"', 'a"b', "'", "a'", "%", "%H", "50%", "%%n", "a%20b",
    "$HOME", "${X}", "$", "a b=c", ";x", "#x", "[Service]", "=", "a=b",
    "\u2028", "\x85", "\u2029User=root", "\ufeffx", "\u200bx", "\u0430pp",
    "\u0663s", "\x1b[31m", "\x7f", "\\x0aUser=root", "\\n", "{{ x }}",
    "{% x %}", "../etc", "/etc/../x", "..", "/", "//a/", "~root", "/proc",
    "-rf", "--now", "-", "+/bin/x", "!x", "!!/bin/x", "@x", ":x", "|x",
    "no", "yes", "0644", "0o644", "1e3", "1.10", "12:30:45", "2026-01-01",
    "~", "null", "NaN", "inf", "-1", "0", "$(id)", "`id`", "app;id",
    "a|b", "a&b", "*", "app.service", "app@x", "root", "latest", "1.0; rm",
    "-r x", "--index-url=http://x/", "pkg @ file:///x", "a==1 -r x",
    "https://u:p@h/", "http://h/", "http://h:0/", "http://h:70000/",
    "http://h:80a/", "http://127.0.0.1:" + "9" * 5000, "http://[::1",
    "http://[:::]/", "http://[zz]:1/", "http://\u0430/", "http:///x",
    "http://127.0.0.1/\u2028", "http://h:\u0661/", "http://[::1]:8/x",
    "file:///etc/passwd", "h:70000", "h:80a", "[zz]:1", "[::1]:80",
    "\u0430:80", ":80", "bin/x", "x y", "(", "[", "9" * 40 + "!",
    ("9 " * 40) + "!", "9" * 5000, "a" * 300, "\u00e9" * 600_000,
    "a==" + "1" * 130_000 + "_", "x" * 130_000 + "\n",
]  # fmt: skip


class Leaf(NamedTuple):
    """One place of the contract that holds a value."""

    path: Place
    field: schema.Field

    def __str__(self) -> str:
        return ".".join(map(str, self.path))


class RefusedToUserError(Exception):
    """What the user would read."""


class Deployed(NamedTuple):
    """All that is set in the unit of a service, and in that of a job."""

    service: list[Assignment]
    job: list[Assignment]


def leaves(spec: schema.Field, path: Place = ()) -> Iterator[Leaf]:
    """Walk the contract, alternatives included."""
    if path:
        yield Leaf(path, spec)
    for name, option in spec.options.items():
        if not option.not_yet:
            yield from leaves(option, (*path, name))
    if spec.elements:
        key = 0 if spec.kind == "list" else KEYS[str(path[-1])]
        yield from leaves(spec.elements, (*path, key))
    for other in spec.alternatives:
        for leaf in leaves(other, path):
            if leaf.path != path:
                yield leaf


LEAVES = [
    *leaves(schema.Field("dict", options=options.OPTIONS)),
    Leaf(("services", "main", "needs", 0, "write", 0), schema.Field("str")),
]


def harmless(leaf: Leaf) -> object:
    """Return a harmless value of a leaf."""
    inside: Any = HARMLESS
    for part in leaf.path:
        try:
            inside = inside[part]
        except (KeyError, IndexError, TypeError):
            break
    else:
        return inside
    spec = leaf.field
    if spec.rule:
        return BY_RULE[spec.rule]
    if spec.choices:
        return spec.choices[0]
    if spec.default is not None:
        return spec.default
    if spec.kind in ("int", "float"):
        return 2 if spec.minimum is None else math.ceil(spec.minimum) + 1
    return {"str": "x", "bool": False, "list": [], "dict": {}}[spec.kind]


def described(leaf: Leaf, value: object) -> dict[str, Any]:
    """Return the harmless application with one value replaced."""
    app = copy.deepcopy(HARMLESS)
    path = leaf.path
    if path[:2] == ("source", "requirements"):
        del app["source"]["packages"]
    if path[-2:-1] == ("health",) and path[-1] in ("tcp", "unix", "command"):
        app["services"]["main"]["health"] = {}
    if path == ("remove_data",):
        app["state"] = "absent"
    inside: Any = app
    for part, after in zip(path, path[1:]):
        empty: Any = [None] if isinstance(after, int) else {}
        if isinstance(part, str):
            inside.setdefault(part, empty)
        if not isinstance(inside[part], type(empty)):
            # Another of its alternatives.
            inside[part] = empty
        inside = inside[part]
    inside[path[-1]] = value
    return app


def deployed(app: dict[str, Any]) -> Deployed:
    """Take an application all the way to its units.

    Raises:
        RefusedToUserError: By one of the errors that a user is meant to read.
    """
    try:
        (checked,) = _variables.applications(app, {}, None)
    except _errors.RefusedError as error:
        raise RefusedToUserError("\n".join(error.messages)) from None
    if not checked.is_wanted:
        return Deployed([], [])
    wanted = wire.Wanted("1", {checked.name: checked})
    arrived = wire.decode(wire.encode(wanted))
    # Bytes, since NaN is not equal to itself.
    assert wire.encode(arrived) == wire.encode(wanted)
    travelled = arrived.apps[checked.name]
    try:
        rendered = services.render(travelled, CONTEXT)
        jobs = oneshots.render_before(rendered, travelled, CONTEXT)
        probes = [
            oneshots.render_probe(unit, travelled, CONTEXT)
            for unit in rendered
        ]
        refusals.invalid(
            "pyapp_", [*rendered, *jobs, *filter(None, probes)], TARGET
        )
    except (units.RenderError, errors.HostError) as error:
        raise RefusedToUserError(str(error)) from None
    for service in travelled.services.values():
        ask(service.health)
    return Deployed(
        [found for unit in rendered for found in read(unit.text)],
        [found for job in jobs for found in read(job.text)],
    )


def read(text: str) -> list[Assignment]:
    document = syntax.parse(text.encode())
    assert document.mistakes == []
    return [(a.section, a.name, a.value) for a in document.assignments()]


def ask(check: model.Health) -> None:
    """See that a health check can be asked: later, it is too late."""
    unit = records.UnitRecord(
        model.ServiceKey("main"), "", "started", True, check
    )
    generation = records.Generation(
        *("hello", 1, "", "", "", "", model.Origin("", "")),
        *("0", None, None, {}, pythons.PYTHON, {}),
        units={"hello.service": unit},
    )
    layout = layouts.Layout("hello")
    probe = checks.probe_of(layout, generation, "hello.service")
    if probe is not None and probe.kind in ("http", "tcp"):
        health.endpoint(probe)


def problem(leaf: Leaf, value: object, twin: Deployed) -> str | None:
    """Tell what is wrong with what became of a value, if anything."""
    try:
        got = deployed(described(leaf, value))
    except RefusedToUserError as refusal:
        return message_problem(leaf, value, str(refusal))
    except Exception as error:
        return f"explodes: {type(error).__name__}: {str(error)[:200]}"
    own = {
        name
        for part in leaf.path
        for name in OWN.get(str(part), ())
        if leaf.path[0] == "services" or part in ("environment", "timeout")
    }
    if leaf.path[0] == "before_switch":
        own |= {"ExecStart"}
    is_single = not isinstance(value, (list, dict, tuple))
    for kind in ("service", "job"):
        before, after = getattr(twin, kind), getattr(got, kind)
        if leaf.path[-1] in ("name", "state") or value == []:
            # They change all, or whether there is anything at all.
            continue
        if others(before, own) != others(after, own):
            return f"changes other directives of the {kind}"
        if is_single and names(before) != names(after):
            return f"adds or removes directives of the {kind}"
    return None


def others(found: list[Assignment], own: set[str]) -> list[Assignment]:
    return [item for item in found if item[1] not in own]


def names(found: list[Assignment]) -> list[tuple[str, str]]:
    return [(section, name) for section, name, _value in found]


def message_problem(leaf: Leaf, value: object, message: str) -> str | None:
    where = leaf.path
    if isinstance(where[-1], int):
        where = where[:-1]
    named = ".".join(map(str, where)).replace(".0.write", "")
    if named.endswith("health.timeout"):
        # It may be at odds with `settle`.
        named = named.removesuffix(".timeout")
    if where[0] == "before_switch":
        # Which of the commands it was is told by its text.
        named = "before_switch"
    if where[0] == "build":
        named = "build"
    if named.replace(".0.", "[0].") not in message:
        return f"is refused without its name: {message[:200]}"
    if "Traceback" in message:
        return "is refused with a traceback"
    if leaf.field.secret and isinstance(value, str) and len(value) > 6:
        said = message.replace(f"app.{named}", "")
        is_shown = value in said or repr(value)[1:-1] in said
        return "is secret and shown" if is_shown else None
    if len(message) > 4000:
        return f"is refused at length: {len(message)} characters"
    return None


@pytest.mark.parametrize("leaf", LEAVES, ids=str)
def test_bad_values_are_refused_or_stay_where_they_belong(leaf: Leaf) -> None:
    twin = deployed(described(leaf, harmless(leaf)))

    found = {
        repr(value)[:60]
        if not isinstance(value, int)
        else str(type(value)): said
        for value in (*OTHER_TYPES, *TEXTS)
        if (said := problem(leaf, value, twin))
    }

    assert found == {}
