# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application as the code sees it: checked, complete and typed.

`contract.normalise_app` makes it of a user's variables, `wire` takes it
to the host. The values and their rules are those of `options`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NewType, Union

AppName = NewType("AppName", str)
ServiceKey = NewType("ServiceKey", str)
# SHA-256 in hexadecimal, in full.
VirtualenvId = NewType("VirtualenvId", str)
CodeId = NewType("CodeId", str)

# A line in systemd's Exec syntax, or arguments taken literally.
Command = Union[str, Sequence[str]]
# A word, or a word with its arguments: {"write": ["/srv/data"]}.
Need = Union[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Source:
    """The source of an application. It stays on the controller.

    Attributes:
        packages: Pinned requirements.
        requirements: Path of a requirements file.
        files: Path of the directory that becomes the code directory.
        exclude: Patterns of files to leave out of it.
        allow: Patterns of files that may be in it although they look
            like secrets.
        index_url: URL of the package index; may carry credentials.
    """

    packages: Sequence[str] | None = None
    requirements: str | None = None
    files: str | None = None
    exclude: Sequence[str] = ()
    allow: Sequence[str] = ()
    index_url: str | None = None


@dataclass(frozen=True)
class Origin:
    """The source of a release, as the host remembers it.

    Attributes:
        label: One line for people.
        inputs: Digest of the requirements that were asked for.
    """

    label: str
    inputs: str


@dataclass(frozen=True)
class Health:
    """The health check of a service: one of the first four, or none.

    Attributes:
        http: URL that must answer.
        tcp: HOST:PORT that must accept a connection.
        unix: Path of a socket that must accept a connection.
        command: Command that must succeed.
        socket: Path of the Unix socket over which `http` is asked.
        status: The one status that `http` must answer.
        match: Regular expression that the body of `http` must match.
        timeout: Seconds until the service counts as unhealthy.
        interval: Seconds between two probes.
        consecutive: Successes in a row that are wanted.
        settle: Seconds that the service must stay good after that.
    """

    http: str | None = None
    tcp: str | None = None
    unix: str | None = None
    command: str | None = None
    socket: str | None = None
    status: int | None = None
    match: str | None = None
    timeout: float = 30
    interval: float = 0.5
    consecutive: int = 2
    settle: float = 5

    @property
    def is_probed(self) -> bool:
        """Whether there is a check beside systemd's own readiness."""
        probes = (self.http, self.tcp, self.unix, self.command)
        return any(probe is not None for probe in probes)


@dataclass(frozen=True)
class StartLimit:
    """The number of starts that are allowed within an interval."""

    interval: str = "5min"
    burst: int = 10


@dataclass(frozen=True)
class Service:
    """One service of an application; see `options` for the values.

    Attributes:
        environment_files: Paths on the controller, which keeps them.
        environment_texts: The contents of these files.
        credential_files: Paths on the controller, by credential.
        credential_paths: Paths on the host, by credential.
        credentials: The secrets by name.
    """

    exec: Command
    type: str = "exec"
    needs: Sequence[Need] = ()
    profile: str = "strict"
    allow: Sequence[str] = ()
    state: str = "started"
    enabled: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    environment_files: Sequence[str] = ()
    environment_texts: Sequence[str] = ()
    credential_files: Mapping[str, str] = field(default_factory=dict)
    credential_paths: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)
    health: Health = Health()
    resources: Mapping[str, str | int] = field(default_factory=dict)
    description: str | None = None
    documentation: Sequence[str] = ()
    restart: str = "on-failure"
    restart_sec: str = "5s"
    start_limit: StartLimit = StartLimit()
    stop_timeout: str = "90s"
    start_timeout: str = "90s"
    watchdog_sec: str | None = None
    on_failure: Sequence[str] = ()
    after: Sequence[str] = ()
    requires: Sequence[str] = ()
    wants: Sequence[str] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether the service is to exist."""
        return self.state != "absent"


@dataclass(frozen=True)
class BuildCommand:
    """A command that works in the new code directory."""

    exec: Command
    timeout: str = "15min"


@dataclass(frozen=True)
class SwitchCommand:
    """A command that runs before any unit changes.

    Attributes:
        exec: The command.
        service: The service whose sandbox and variables it gets.
        timeout: How long it may take.
        irreversible: Whether a rollback past it is refused.
        once: Whether the first host of the fleet alone runs it.
    """

    exec: str
    service: ServiceKey
    timeout: str = "15min"
    irreversible: bool = False
    once: bool = False


@dataclass(frozen=True)
class App:
    """One application.

    Attributes:
        name: Its name, which is that of its account and directories.
        prefix: How the names of the user's variables begin, for
            messages: ``pyapp_``, ``app.`` or ``pyapp_apps.NAME.``.
        source: Its source, on the controller.
        origin: Its source, on the host.
        code: Digest of the files that become its code directory.
    """

    name: AppName
    prefix: str = "pyapp_"
    state: str = "present"
    source: Source | None = None
    origin: Origin | None = None
    code: str | None = None
    python: str = ""
    services: Mapping[ServiceKey, Service] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)
    build: Sequence[BuildCommand] = ()
    before_switch: Sequence[SwitchCommand] = ()
    exposure_max: float = 2.0
    sandbox: str = "require"
    keep_releases: int = 3
    remove_data: bool = False
    retry_failed: bool = False

    @property
    def is_wanted(self) -> bool:
        """Whether the application is to exist."""
        return self.state != "absent"


@dataclass(frozen=True)
class Interpreter:
    """The properties of a Python interpreter that wheels depend on.

    Args:
        path: The path that was asked for.
        real_path: The path of the executable, behind all links.
        implementation: Such as `cpython`.
        version: Such as `3.11`.
        patch: Such as `3.11.2`.
        soabi: The tag of its extension modules, such as
            `cpython-311-x86_64-linux-gnu`: PEP 3149.
        platform_tag: Such as `linux_x86_64`.
        libc: Name and version, such as `("glibc", "2.36")`; the
            version of musl is empty.
        machine: The architecture of its code, such as `x86_64`.
    """

    path: str
    real_path: str
    implementation: str
    version: str
    patch: str
    soabi: str
    platform_tag: str
    libc: tuple[str, str]
    machine: str


@dataclass(frozen=True)
class Wheel:
    """One wheel of a lock: a file of which the hash is known."""

    name: str
    version: str
    sha256: str
    file: str


@dataclass(frozen=True)
class Lock:
    """The packages that one host installs for one application.

    Attributes:
        environment: Id of the virtualenv.
        interpreter: The host's Python.
        wheels: Its wheels; None if the host has the virtualenv.
    """

    environment: VirtualenvId
    interpreter: Interpreter
    wheels: Sequence[Wheel] | None = None


# Stands where nothing is installed: a removal, or a way back.
NO_LOCK = Lock(
    VirtualenvId(""), Interpreter("", "", "", "", "", "", "", ("", ""), "")
)


def load_app(data: Mapping[str, Any]) -> App:
    """Return an application of plain data, whose keys are the fields.

    Args:
        data: As `contract` fills it in and `wire` sends it; parts that
            are objects already stay as they are.
    """
    given = {**data}
    given["services"] = {
        ServiceKey(key): _load_service(service)
        for key, service in data.get("services", {}).items()
    }
    given["build"] = [BuildCommand(**c) for c in data.get("build", ())]
    given["before_switch"] = [
        SwitchCommand(**c) for c in data.get("before_switch", ())
    ]
    given["source"] = _made(Source, data.get("source"))
    given["origin"] = _made(Origin, data.get("origin"))
    return App(**given)


def load_lock(data: Mapping[str, Any]) -> Lock:
    """Return a lock of plain data, whose keys are the fields."""
    wheels = data.get("wheels")
    made = None if wheels is None else [Wheel(**wheel) for wheel in wheels]
    python = load_interpreter(data["interpreter"])
    return Lock(**{**data, "interpreter": python, "wheels": made})


def load_interpreter(data: Mapping[str, Any]) -> Interpreter:
    """Return an interpreter of plain data, whose keys are the fields."""
    libc, version = data["libc"]
    return Interpreter(**{**data, "libc": (libc, version)})


def _load_service(data: Mapping[str, Any]) -> Service:
    given = {**data}
    given["health"] = Health(**data.get("health", {}))
    given["start_limit"] = StartLimit(**data.get("start_limit", {}))
    return Service(**given)


def _made(kind: Any, data: Mapping[str, Any] | None) -> Any:
    return None if data is None else kind(**data)
