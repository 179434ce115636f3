# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins share: from variables to the wanted state."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import (
    Callable,
    Collection,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import yaml
from ansible.plugins.action import ActionBase

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    liberties,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    printable,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _index,
    _requirements,
    _sources,
    _variables,
    _wheels,
)


@dataclass(frozen=True)
class Application:
    """One application, as the controller sees it.

    Attributes:
        wanted: What travels to the host.
        requirements: What has to be installed.
        index: Where that comes from.
        code: The code directory, if there is one.
        where: The user's name for the source, for messages.
    """

    wanted: Mapping[str, Any]
    requirements: list[str]
    index: _index.Index
    code: _sources.Code | None
    where: str = ""


@dataclass(frozen=True)
class Lock:
    """What one host installs of one application.

    Attributes:
        facts: What travels to the host.
        wheels: The wheels to ship with it, by file name.
        code: The code to ship with it.
    """

    facts: Mapping[str, Any]
    wheels: tuple[_wheels.Wheel, ...]
    code: _sources.Code | None


# An option of every module that looks at artifacts.
VERIFY: dict[str, Any] = {
    "verify": {
        "type": "str",
        "choices": ["quick", "full"],
        "default": "quick",
    }
}


class AppAction(ActionBase):  # type: ignore[misc]
    """Base of the action plugins that describe applications."""

    _supports_check_mode = True
    # The options of the task, as the module documents them.
    SPEC: ClassVar[dict[str, Any]] = {"app": {"type": "dict"}}

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Run the task, and report what is wrong without a traceback."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        self.validate_argument_spec(argument_spec=self.SPEC)
        try:
            result.update(self.work(task_vars or {}))
        except _errors.ControllerError as error:
            result.update(failed=True, msg=printable.block(str(error)))
        return result

    def work(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Do what the action is for; return its result."""
        raise NotImplementedError

    def collect(
        self,
        task_vars: Mapping[str, Any],
        *,
        is_named: bool = False,
        only: Callable[[Mapping[str, Any]], object] = bool,
    ) -> dict[str, Application]:
        """Read every application of the task.

        Args:
            task_vars: All variables of the host.
            is_named: Whether what is deployed already is meant, so that
                a name is enough and nothing is read on the controller.
            only: Tells which applications are of interest. Files of the
                others are not read.

        Raises:
            ControllerError: If variables or files are not right.
        """
        finder = _sources.Finder(self._task, self._loader)
        found = _variables.applications(
            self._task.args.get("app"),
            task_vars,
            self._templar,
            is_named=is_named,
        )
        if is_named:
            return {app["name"]: _by_name(app) for app in found.values()}
        return {
            app["name"]: _application(app, prefix, finder)
            for prefix, app in found.items()
            if only(app)
        }

    def ask(
        self,
        module: str,
        apps: Mapping[str, Application],
        task_vars: Mapping[str, Any],
        **arguments: Any,
    ) -> dict[str, Any]:
        """Run one of our modules on the host, for these applications."""
        locks = arguments.pop("locks", {})
        is_first = arguments.pop("is_first", True)
        wanted = {
            "collection": collection_version(),
            "apps": {name: app.wanted for name, app in apps.items()},
            "locks": locks,
            "is_first": is_first,
        }
        answer: dict[str, Any] = self._execute_module(
            module_name=f"pyfleet.services.{module}",
            module_args={"wanted": ids.encode(wanted), **arguments},
            task_vars=task_vars,
        )
        return answer

    def ship(self, path: str) -> str:
        """Copy a file into the task's own directory on the host."""
        folder = self._connection._shell.tmpdir or self._make_tmp_path()
        remote: str = self._connection._shell.join_path(folder, "bundle.tar")
        self._transfer_file(path, remote)
        return remote


def collection_version() -> str:
    """Return the version of this collection, installed or checked out."""
    for name in ("MANIFEST.json", "galaxy.yml"):
        path = os.path.join(_sources.COLLECTION, name)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                data = yaml.safe_load(file)
            return str(data.get("collection_info", data)["version"])
    raise _errors.ControllerError(
        f"{_sources.COLLECTION} holds no MANIFEST.json"
    )


@contextmanager
def bundle(
    locks: Mapping[str, Lock], indexes: Mapping[str, _index.Index]
) -> Any:
    """Write what hosts lack into one tar file; yield its path, or None.

    Args:
        locks: What the host installs, by application.
        indexes: Where the wheels come from, by application.
    """
    if not any(lock.wheels or lock.code for lock in locks.values()):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="pyfleet-") as folder:
        path = os.path.join(folder, "bundle.tar")
        with tarfile.open(path, "w") as tar:
            for name, lock in locks.items():
                for wheel in lock.wheels:
                    source = indexes[name].fetch(wheel)
                    if wheel.file not in tar.getnames():
                        tar.add(source, wheel.file)
                if lock.code:
                    packed = os.path.join(folder, f"{lock.code.id}.tar")
                    _pack(lock.code, packed)
                    tar.add(packed, f"{lock.code.id}.tar")
        yield path


def _pack(code: _sources.Code, path: str) -> None:
    with tarfile.open(path, "w") as tar:
        for member in code.members:
            info = tarfile.TarInfo(member.path)
            info.mode = 0o755 if member.kind == "exec" else 0o644
            if member.kind == "link":
                info.type, info.linkname = tarfile.SYMTYPE, member.target
                tar.addfile(info)
                continue
            content = _content(member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def _content(member: _sources.Member) -> bytes:
    """Read a file again, which must be as it was when it was digested."""
    try:
        with open(member.source, "rb") as file:
            content = file.read()
    except OSError as error:
        raise _errors.ControllerError(
            f"{member.source} cannot be read: {error.strerror}"
        ) from None
    if hashlib.sha256(content).hexdigest() != member.digest:
        raise _errors.ControllerError(
            f"{member.path} was changed while it was deployed; nothing was "
            "changed on the host: deploy again"
        )
    return content


def _application(
    app: Mapping[str, Any], prefix: str, finder: _sources.Finder
) -> Application:
    if app["state"] == "absent":
        return _by_name(app)
    source = app["source"]
    where = f"{prefix}source"
    requirements = read_source(source, finder, f"{where}.")
    code = None
    if "files" in source:
        code = finder.digest_tree(
            source["files"], source["exclude"], f"{where}.files"
        )
    wanted = {
        **app,
        "source": {
            "label": _label(source),
            "inputs": ids.digest(sorted(requirements)),
        },
        "code": code.id if code else None,
        "services": {
            key: _with_contents(service, f"{prefix}services.{key}", finder)
            for key, service in app["services"].items()
        },
    }
    index = _index.Index(source.get("index", {}).get("url"))
    return Application(wanted, requirements, index, code, where)


def _by_name(app: Mapping[str, Any]) -> Application:
    kept = ("name", "state", "remove_data")
    wanted = {name: app[name] for name in kept}
    return Application(wanted, [], _index.Index(None), None)


def read_source(
    source: Mapping[str, Any], finder: _sources.Finder, prefix: str
) -> list[str]:
    """Return the requirements that a source names."""
    if "packages" in source:
        return _requirements.check_packages(
            source["packages"], f"{prefix}packages"
        )
    name = f"{prefix}requirements"
    return _requirements.read_requirements(
        finder.read_text(source["requirements"], name), name
    )


def _label(source: Mapping[str, Any]) -> str:
    if "packages" in source:
        return f"packages: {', '.join(source['packages'])}"
    return f"requirements: {os.path.basename(source['requirements'])}"


def _with_contents(
    service: Mapping[str, Any], where: str, finder: _sources.Finder
) -> dict[str, Any]:
    contents = [
        finder.read_text(path, f"{where}.environment_files[{number}]")
        for number, path in enumerate(service["environment_files"])
    ]
    for number, text in enumerate(contents):
        refused = list(liberties.of_environment_file(text, service["allow"]))
        if refused:
            raise _errors.ControllerError(
                f"{where}.environment_files[{number}]: {refused[0]}"
            )
    credentials = {
        name: value
        if isinstance(value, str)
        else finder.read_text(value["file"], f"{where}.credentials.{name}")
        for name, value in service["credentials"].items()
    }
    return {
        **service,
        "environment_files": contents,
        "credentials": credentials,
    }


def decide(app: Application, info: Mapping[str, Any]) -> Lock:
    """Decide what one host installs, and what of it must be shipped.

    Args:
        app: The application.
        info: What `app_info` found on the host.
    """
    lock = _lock(app, info)
    code = ids.code_artifact(app.wanted, lock.facts["environment"])
    is_there = code in info["deploy"]["codes"]
    return replace(lock, code=None if is_there else app.code)


def _lock(app: Application, info: Mapping[str, Any]) -> Lock:
    found = info["deploy"]
    interpreter = found["interpreter"]
    # What this host resolved for the same question stays its answer.
    is_known = (
        found["source"].get("inputs") == app.wanted["source"]["inputs"]
        and _without_patch(found["made_with"]) == _without_patch(interpreter)
        and found["environment"] in found["environments"]
    )
    if is_known:
        facts = {
            "environment": found["environment"],
            "interpreter": interpreter,
        }
        return Lock(facts, (), None)
    present = found["environments"]
    with named(app.where):
        return lock_for(app.requirements, app.index, interpreter, present)


def _without_patch(interpreter: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a Python decides which wheels suit it."""
    return {name: interpreter[name] for name in interpreter if name != "patch"}


@contextmanager
def named(where: str) -> Iterator[None]:
    """Say in an error which of the user's variables it is about."""
    try:
        yield
    except _errors.RefusedError:
        raise
    except _errors.ControllerError as error:
        raise _errors.ControllerError(f"{where}: {error}") from None


def lock_for(
    requirements: Sequence[str],
    index: _index.Index,
    interpreter: Mapping[str, Any],
    present: Collection[str],
) -> Lock:
    """Resolve for one host, and decide which wheels it needs.

    Args:
        requirements: What has to be installed.
        index: Where it comes from.
        interpreter: Facts of the host's Python.
        present: Ids of the virtualenvs that are complete there.
    """
    wheels = index.lock(requirements, interpreter)
    listed = [
        {
            "name": wheel.name,
            "version": wheel.version,
            "sha256": wheel.sha256,
            "file": wheel.file,
        }
        for wheel in wheels
    ]
    environment = ids.environment_id(listed, interpreter)
    facts: dict[str, Any] = {
        "environment": environment,
        "interpreter": interpreter,
    }
    if environment in present:
        return Lock(facts, (), None)
    facts.update(wheels=listed)
    return Lock(facts, (*wheels, index.installer(interpreter)), None)
