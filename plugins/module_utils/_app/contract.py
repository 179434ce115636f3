# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of role ``pyapp``: check and complete its variables.

The argument specs of the role are generated from the same schema, so
that the documentation and the checks cannot drift apart.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    liberties,
    model,
    options,
    schema,
)

_KINDS = ("packages", "requirements")
_HEALTH_KINDS = ("http", "tcp", "unix", "command")


def check_app(
    app: Mapping[str, object], prefix: str, *, is_named: bool = False
) -> list[str]:
    """Check one application against the contract.

    Args:
        app: The options of the application, without the role's prefix.
        prefix: The start of the user's variables: ``pyapp_`` or
            ``pyapp_apps.NAME.``.
        is_named: Whether a name is enough, because the task is about
            an application that is deployed already.

    Returns:
        One message for each broken rule; empty if no rule is broken.
    """
    known = dict(options.OPTIONS)
    if is_named or app.get("state") == "absent":
        for name in {"source", "services"} - set(app):
            del known[name]
    messages = list(schema.check_data(app, prefix))
    messages = messages or list(schema.check_options(known, app, prefix))
    # The rules across options rely on the types of each.
    return messages or [
        *_check_state(app, prefix),
        *_check_app_source(app, prefix),
        *_check_services(app, prefix),
    ]


def check_source(source: Mapping[str, object], prefix: str) -> list[str]:
    """Check a source alone, as `check_app` does for an application.

    Args:
        source: The source: packages or requirements, and an index.
        prefix: The start of the names of the user's variables.
    """
    messages = list(schema.check_data(source, prefix))
    messages = messages or list(
        schema.check_options(options.SOURCE.options, source, prefix)
    )
    if not messages and source.get("packages") == []:
        # An application may do without packages, a virtualenv alone has
        # no use then.
        messages = [f"{prefix}packages: is empty; name at least one package"]
    return messages or list(_check_source(source, prefix or "source"))


def normalise_app(
    app: Mapping[str, object], prefix: str = "pyapp_"
) -> model.App:
    """Fill in every default of an application that `check_app` accepts.

    Args:
        app: The options as the user wrote them.
        prefix: The start of the names of the user's variables.
    """
    filled: Any = schema.with_defaults(
        schema.Field("dict", options=options.OPTIONS), app
    )
    if "source" in filled:
        filled["source"] = _with_index_url(filled["source"])
    services = filled.get("services", {})
    for service in services.values():
        service.update(_split(service.pop("credentials")))
    filled["build"] = [_as_mapping(command) for command in filled["build"]]
    if services:
        first = next(iter(_live(services) or services))
        filled["before_switch"] = [
            {"service": first, **_as_mapping(command)}
            for command in filled["before_switch"]
        ]
    return model.load_app({**filled, "prefix": prefix})


def normalise_source(source: Mapping[str, object]) -> model.Source:
    """Fill in every default of a source that `check_source` accepts."""
    filled: Any = schema.with_defaults(options.SOURCE, source)
    return model.Source(**_with_index_url(filled))


def _with_index_url(source: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: source[name] for name in source if name != "index"}
    return {**kept, "index_url": source.get("index", {}).get("url")}


def _split(
    credentials: Mapping[str, Any],
) -> dict[str, dict[str, str]]:
    """Return credentials by value, and those in files by path."""
    fields = {"file": "credential_files", "host_path": "credential_paths"}
    found: dict[str, dict[str, str]] = {"credentials": {}}
    found.update({field: {} for field in fields.values()})
    for name, given in credentials.items():
        if isinstance(given, str):
            found["credentials"][name] = given
        else:
            ((kind, path),) = given.items()
            found[fields[kind]][name] = path
    return found


def _as_mapping(command: object) -> Mapping[str, Any]:
    return command if isinstance(command, Mapping) else {"exec": command}


def _live(services: Mapping[str, Any]) -> list[str]:
    """Return the keys of the services that are not to be removed."""
    return [
        key
        for key, service in services.items()
        if service.get("state") != "absent"
    ]


def _check_source(source: Mapping[str, object], where: str) -> Iterator[str]:
    kinds = [kind for kind in _KINDS if kind in source]
    if len(kinds) != 1:
        given = " and ".join(kinds) if kinds else "none of them"
        remedy = "" if kinds else "; if nothing is needed, write packages: []"
        yield (
            f"{where}: exactly one of {', '.join(_KINDS)} is wanted, "
            f"{given} is given{remedy}"
        )
    for option in ("exclude", "allow"):
        if source.get(option) and "files" not in source:
            yield f"{where}.{option}: has no meaning without files"


def _check_state(app: Mapping[str, object], prefix: str) -> Iterator[str]:
    if app.get("remove_data") and app.get("state") != "absent":
        yield (
            f"{prefix}remove_data: has no meaning without "
            f"{prefix}state: absent"
        )
    if app.get("name") == "pyfleet":
        yield (
            f"{prefix}name: 'pyfleet' is the name of the collection, whose "
            "records are in /etc/pyfleet; choose another name"
        )


def _check_app_source(app: Mapping[str, object], prefix: str) -> Iterator[str]:
    source = app.get("source")
    if isinstance(source, Mapping):
        yield from _check_source(source, f"{prefix}source")
        yield from _check_build(app, source, prefix)


def _check_build(
    app: Mapping[str, object], source: Mapping[str, object], prefix: str
) -> Iterator[str]:
    if app.get("build") and "files" not in source:
        yield (
            f"{prefix}build: has no meaning without {prefix}source.files, "
            "the directory that the commands work in"
        )


def _check_services(app: Mapping[str, object], prefix: str) -> Iterator[str]:
    services = app.get("services")
    if not isinstance(services, Mapping):
        return
    if not services:
        yield f"{prefix}services: is empty; name at least one service"
    yield from _check_before(app.get("before_switch", []), services, prefix)
    lifted: set[str] = set()
    for key, service in services.items():
        where = f"{prefix}services.{key}"
        yield from _check_health(service.get("health", {}), where)
        yield from _check_credentials(service.get("credentials", {}), where)
        allow = set(service.get("allow", ()))
        lifted |= allow
        yield from _check_environment(
            service.get("environment", {}), allow, f"{where}.environment"
        )
        for option in ("wants", "requires", "on_failure"):
            for said in liberties.of_dependencies(
                service.get(option, ()), allow
            ):
                yield f"{where}.{option}: {said}"
        for said in liberties.of_options(
            service.get("options", {}), str(app.get("name")), allow
        ):
            yield f"{where}.options.{said}"
    environment = app.get("environment", {})
    if isinstance(environment, Mapping):
        yield from _check_environment(
            environment, lifted, f"{prefix}environment"
        )


def _check_credentials(
    credentials: Mapping[str, Any], where: str
) -> Iterator[str]:
    for name, given in credentials.items():
        if isinstance(given, Mapping) and len(given) != 1:
            found = " and ".join(given) or "none of them"
            yield (
                f"{where}.credentials.{name}: exactly one of file, host_path "
                f"is wanted, {found} is given"
            )


def _check_before(
    commands: Any, services: Mapping[str, Any], prefix: str
) -> Iterator[str]:
    live = _live(services)
    if commands and services and not live:
        yield (
            f"{prefix}before_switch: its commands run in the sandbox of a "
            "service, and all services have state: absent; keep a service, "
            "or remove the commands"
        )
        return
    for number, command in enumerate(commands):
        key = command.get("service") if isinstance(command, Mapping) else None
        if key is None or key in live:
            continue
        problem = (
            "is to be removed (state: absent)"
            if key in services
            else f"is not one of the services{schema.suggest(str(key), live)}"
        )
        yield (
            f"{prefix}before_switch[{number}].service: {schema.shown(key)}"
            f" {problem}"
        )


def _check_environment(
    environment: Mapping[str, str], allow: set[str], where: str
) -> Iterator[str]:
    for name, value in environment.items():
        for said in liberties.of_environment(name, value, allow):
            yield f"{where}.{name}: {said}"
        if name == "PATH" and "$" in value:
            yield (
                f"{where}.PATH: {schema.shown(value)} refers to a variable, "
                "and systemd replaces none here; leave PATH out and name "
                "the program by its absolute path, or write all "
                "directories"
            )
        if re.search(r"[\0\r\n]", value):
            yield (
                f"{where}.{name}: holds a line break or a NUL byte, which "
                "would end the directive; use an environment file or "
                "config instead"
            )


def _check_words(health: Mapping[str, Any], where: str) -> Iterator[str]:
    try:
        re.compile(health.get("match", ""))
    except re.error as error:
        yield f"{where}.health.match: is not a regular expression: {error}"
    try:
        words = shlex.split(health.get("command", "x"))
    except ValueError as error:
        yield f"{where}.health.command: cannot be split: {error}"
        return
    if not re.fullmatch(r"/.*|[A-Za-z0-9][A-Za-z0-9._+-]*", words[0]):
        yield (
            f"{where}.health.command: {schema.shown(words[0])} is neither an "
            "absolute path nor the name of a program in the virtualenv"
        )


def _check_endpoint(health: Mapping[str, Any], where: str) -> Iterator[str]:
    """Refuse an address that no host can be asked at."""
    for kind in ("http", "tcp"):
        if kind not in health:
            continue
        url = health[kind] if kind == "http" else f"//{health[kind]}"
        try:
            place = urlsplit(url).netloc
        except ValueError as error:
            # An example is a word in brackets that is not an IPv6
            # address.
            yield (
                f"{where}.health.{kind}: {url!r} cannot be read as an "
                f"address: {error}"
            )
            continue
        port = re.search(r":([0-9]+)$", place)
        if port and not 0 < int(port[1]) < 65536:
            yield (
                f"{where}.health.{kind}: port {port[1]} is not between 1 "
                "and 65535"
            )


def _check_health(health: Mapping[str, Any], where: str) -> Iterator[str]:
    kinds = [kind for kind in _HEALTH_KINDS if kind in health]
    if len(kinds) > 1:
        yield (
            f"{where}.health: {' and '.join(kinds)} exclude each other; "
            "keep one"
        )
    for option in ("socket", "status", "match"):
        if option in health and "http" not in health:
            yield f"{where}.health.{option}: has no meaning without http"
    yield from _check_words(health, where)
    yield from _check_endpoint(health, where)
    settle = health.get("settle", 5)
    timeout = health.get("timeout", 30)
    if settle >= timeout:
        yield (
            f"{where}.health.settle: {settle:g} is not below timeout "
            f"({timeout:g}), so the check could never succeed"
        )
