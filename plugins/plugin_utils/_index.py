# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolve requirements for a host's Python, and fetch their wheels.

uv resolves, because only uv evaluates environment markers for another
Python than its own; its answer is a lock in the format of PEP 751.
Nothing of the index, its URL or its credentials reaches a host.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import IO, Any

from ansible.module_utils.urls import open_url

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    installer,
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _no_wheel,
    _requirements,
    _wheels,
)

_RESOLVE_SECONDS = 600
_FETCH_SECONDS = 60
_REDIRECTS = 5
# A wheel with CUDA has 3 GB.
_WHEEL_SIZE = 16 << 30
_WHEEL_SECONDS = 3600
_CHUNK = 1 << 20
# Variables that say how uv asks an index. Variables that change the
# answer of uv, such as UV_OVERRIDE or UV_EXCLUDE, are not passed on:
# the answer is kept for all later deploys that ask the same.
_UV_WAYS = frozenset(
    {
        "UV_CACHE_DIR",
        "UV_CONCURRENT_DOWNLOADS",
        "UV_EXCLUDE_NEWER",
        "UV_HTTP_RETRIES",
        "UV_HTTP_TIMEOUT",
        "UV_INSECURE_HOST",
        "UV_KEYRING_PROVIDER",
        "UV_NATIVE_TLS",
        "UV_NO_CACHE",
        "UV_OFFLINE",
        "UV_REQUEST_TIMEOUT",
        "UV_SYSTEM_CERTS",
    }
)
# Variables that name an index. uv gets them, and UV_INDEX and its
# relatives, only if the application does not name an index.
_UV_PLACES = frozenset(
    {
        "UV_CONFIG_FILE",
        "UV_DEFAULT_INDEX",
        "UV_EXTRA_INDEX_URL",
        "UV_FIND_LINKS",
        "UV_NO_CONFIG",
    }
)


def cache_directory() -> str:
    """Return the controller's own cache, made if need be."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = os.path.join(base, "pyfleet")
    os.makedirs(path, mode=0o700, exist_ok=True)
    return path


class Index:
    """Resolves against one index, with the controller's cache.

    Args:
        url: URL of the index, with credentials if it needs them; None
            for the default of the controller.
    """

    def __init__(self, url: str | None) -> None:
        _check_url(url)
        self._url = url
        self._cache = cache_directory()

    def lock(
        self, requirements: Sequence[str], interpreter: model.Interpreter
    ) -> list[_wheels.IndexedWheel]:
        """Return the wheels that satisfy requirements on a host.

        The first answer for the same question is kept: the next host
        and the next deploy get exactly the same wheels.

        Args:
            requirements: As `read_requirements` returns them.
            interpreter: The host's Python.

        Raises:
            ControllerError: uv finds no answer; the text says why.
        """
        if not requirements:
            # No index need be there for the standard library.
            return []
        target = {
            name: getattr(interpreter, name)
            for name in ("implementation", "version", "machine", "libc")
        }
        newest = os.environ.get("UV_EXCLUDE_NEWER")
        place = [
            _without_credentials(self._url),
            *([newest] if newest else []),
        ]
        question = ids.canonical([sorted(requirements), target, *place])
        stem = hashlib.sha256(question).hexdigest()[:24]
        path = os.path.join(self._cache, "locks", f"{stem}.json")
        with _only_one(path):
            kept = _read_lock(path)
            if kept is None:
                kept = self._resolve(requirements, interpreter)
                _write(path, ids.canonical([asdict(wheel) for wheel in kept]))
        return kept

    def installer(
        self, interpreter: model.Interpreter
    ) -> _wheels.IndexedWheel:
        """Return the one wheel of pip that hosts run.

        Its hash is part of the collection, so that an index cannot
        choose the code that runs on a host.

        Raises:
            ControllerError: The index does not have this very file.
        """
        path = os.path.join(self._cache, "installer", installer.FILE)
        if os.path.exists(path) and _sha256(path) == installer.SHA256:
            return _wheels.IndexedWheel(
                name=installer.NAME,
                version=installer.VERSION,
                file=installer.FILE,
                sha256=installer.SHA256,
                url=path,
            )
        try:
            return self.lock([installer.REQUIREMENT], interpreter)[0]
        except _errors.ControllerError as error:
            raise _errors.ControllerError(
                f"the installer, {installer.FILE} with the SHA-256 "
                f"{installer.SHA256}, is not on the index; put this file of "
                f"PyPI there, or copy it to {path} on the controller "
                f"({error})"
            ) from None

    def fetch(self, wheel: _wheels.IndexedWheel) -> str:
        """Return the path of a wheel in the cache, fetched if need be.

        Raises:
            ControllerError: The wheel cannot be fetched, or does not
                have the hash of the lock.
        """
        folder = os.path.join(self._cache, "wheels", wheel.sha256)
        path = os.path.join(folder, wheel.file)
        with _only_one(path):
            # A flipped byte in the cache must not reach a host.
            if not os.path.exists(path) or _sha256(path) != wheel.sha256:
                self._download(wheel, path)
        return path

    def _resolve(
        self, requirements: Sequence[str], interpreter: model.Interpreter
    ) -> list[_wheels.IndexedWheel]:
        with tempfile.TemporaryDirectory(prefix="pyfleet-") as folder:
            answer = os.path.join(folder, "pylock.toml")
            self._run_uv(requirements, answer, interpreter)
            with open(answer, "rb") as file:
                lock = tomllib.load(file)
        tags = _wheels.host_tags(interpreter)
        wheels = [
            _wheels.choose(package, tags) for package in lock["packages"]
        ]
        _requirements.check_hashes(requirements, wheels)
        return wheels

    def _run_uv(
        self,
        requirements: Sequence[str],
        answer: str,
        interpreter: model.Interpreter,
    ) -> None:
        folder = os.path.dirname(answer)
        source = os.path.join(folder, "requirements.txt")
        _write(source, "\n".join(requirements).encode())
        command = [
            _find_uv(), "pip", "compile", source,
            "--output-file", answer, "--format", "pylock.toml",
            "--python-version", interpreter.version,
            "--python-platform", _wheels.uv_platform(interpreter),
            "--only-binary", ":all:", "--no-header", "--quiet",
        ]  # fmt: skip
        if self._url:
            command.append("--no-config")
        try:
            done = subprocess.run(
                command,
                env=_uv_environment(self._url),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_RESOLVE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _errors.ControllerError(
                f"no answer of the index within {_RESOLVE_SECONDS} seconds"
            ) from None
        if done.returncode != 0:
            raise _errors.ControllerError(
                "no set of wheels satisfies the requirements for "
                f"{_wheels.in_words(interpreter)}"
                f"{self._reason(done.stderr, requirements)}"
            )

    def _reason(self, said: str, requirements: Sequence[str]) -> str:
        """Return the reason of uv in our words, or else in its own."""
        refusals = _no_wheel.refusals(said, requirements)
        if refusals:
            return "".join(f"\n  - {refusal}" for refusal in refusals)
        return f". uv says:\n{mask(said.strip(), self._url)}"

    def _download(self, wheel: _wheels.IndexedWheel, path: str) -> None:
        """Fetch a wheel into the cache, whole or not at all."""
        temporary = f"{path}.{os.getpid()}"
        try:
            with open(temporary, "wb") as file:
                self._get(wheel, file)
            found = _sha256(temporary)
            if found != wheel.sha256:
                raise _errors.ControllerError(
                    f"{wheel.file} has the SHA-256 {found}, but "
                    f"{wheel.sha256} is locked; the wheel is not used"
                )
            os.replace(temporary, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)

    def _get(self, wheel: _wheels.IndexedWheel, file: IO[bytes]) -> None:
        try:
            if os.path.isabs(wheel.url):
                with open(wheel.url, "rb") as source:
                    shutil.copyfileobj(source, file)
            else:
                self._follow(wheel.url, file)
        except (OSError, http.client.HTTPException, ValueError) as error:
            # An HTTPException: the index closed the connection early.
            raise _errors.ControllerError(
                f"{wheel.file} could not be fetched: "
                f"{mask(str(error), self._url)}"
            ) from None

    def _follow(self, url: str, file: IO[bytes]) -> None:
        """Fetch a URL, and choose the credentials anew at each redirect.

        Raises:
            ControllerError: The URL leads in circles, or to another
                scheme.
        """
        if urllib.parse.urlsplit(url).scheme not in _PORTS:
            raise _errors.ControllerError(
                f"its address on the index, {url[:200]}, is neither http nor "
                "https"
            )
        for _attempt in range(_REDIRECTS + 1):
            user, password = self._credentials(url)
            try:
                with open_url(
                    url,
                    url_username=user,
                    url_password=password,
                    force_basic_auth=bool(user),
                    follow_redirects="none",
                    # ~/.netrc is for the index that is named alone.
                    use_netrc=_origin(url) == _origin(self._url or ""),
                    timeout=_FETCH_SECONDS,
                ) as answer:
                    _copy(answer, file)
                    return
            except urllib.error.HTTPError as error:
                target = error.headers.get("Location")
                if not 300 < error.code < 400 or not target:
                    raise
                url = _redirected(url, target)
        raise _errors.ControllerError(
            f"it is redirected more than {_REDIRECTS} times"
        )

    def _credentials(self, url: str) -> tuple[str | None, str | None]:
        """Return the credentials for a URL of the index, else None."""
        parts = urllib.parse.urlsplit(self._url or "")
        same = _origin(self._url or "") == _origin(url)
        if not same or parts.username is None:
            return None, None
        unquote = urllib.parse.unquote
        return unquote(parts.username), unquote(parts.password or "")


_PORTS = {"http": 80, "https": 443}


def _uv_environment(url: str | None) -> dict[str, str]:
    """Return the variables of the process uv.

    Args:
        url: The index that the application names. uv asks this index
            alone then: another one could answer for a package that this
            one should have.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("UV_") or _is_passed_on(name, url)
    }
    # uv uses the system's certificates then. Its own certificates lack
    # those of a company's proxy or index.
    environment = {"UV_SYSTEM_CERTS": "true", **kept}
    if url:
        # A variable, since every user can read the arguments of uv.
        environment["UV_DEFAULT_INDEX"] = url
    return environment


def _is_passed_on(name: str, url: str | None) -> bool:
    is_place = name in _UV_PLACES or name.startswith("UV_INDEX")
    return name in _UV_WAYS or (is_place and not url)


def _copy(answer: Any, file: IO[bytes]) -> None:
    """Copy the answer of an index, within bounds of size and time.

    Raises:
        ControllerError: The index sends more, or for longer, than any
            wheel needs.
        IncompleteRead: The index closes the connection half way.
    """
    deadline = time.monotonic() + _WHEEL_SECONDS
    size = 0
    while chunk := answer.read1(_CHUNK):
        size += len(chunk)
        if size > _WHEEL_SIZE:
            raise _errors.ControllerError(
                f"the index sends more than {_WHEEL_SIZE >> 20} MiB for one "
                "wheel; the wheel is not used"
            )
        if time.monotonic() > deadline:
            raise _errors.ControllerError(
                f"the index has not sent all of a wheel in {_WHEEL_SECONDS} "
                "seconds; run again when the index is faster"
            )
        file.write(chunk)
    length = answer.headers.get("Content-Length", "")
    is_plain = not answer.headers.get("Content-Encoding")
    if is_plain and length.isdecimal() and size < int(length):
        raise http.client.IncompleteRead(b"", int(length) - size)


def _check_url(url: str | None) -> None:
    """Refuse an address that no library can read.

    Raises:
        ControllerError: Its host or its port is not valid.
    """
    try:
        _origin(url or "")
    except ValueError:
        # The library's own message may show credentials.
        raise _errors.ControllerError(
            "the index's url is not an address: its host is neither a name "
            "nor an IP address, or its port is above 65535; write "
            "https://HOST[:PORT]/PATH"
        ) from None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Return the origin of a URL, scheme, host and port: RFC 6454."""
    parts = urllib.parse.urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme)
    return parts.scheme, parts.hostname, port


def _redirected(url: str, target: str) -> str:
    """Return the target of a redirect, without credentials in it.

    Raises:
        ControllerError: The redirect leads from https to another
            scheme, or to a URL that is neither http nor https.
    """
    found = urllib.parse.urljoin(url, target)
    scheme = urllib.parse.urlsplit(found).scheme
    was_safe = urllib.parse.urlsplit(url).scheme == "https"
    if scheme not in _PORTS or (was_safe and scheme != "https"):
        raise _errors.ControllerError(
            f"it is redirected from {_without_credentials(url)} to "
            f"{_without_credentials(found)}, and only https is followed from "
            "https; nothing was fetched"
        )
    return _without_credentials(found)


def mask(text: str, url: str | None) -> str:
    """Return a text without the credentials of a URL."""
    netloc = urllib.parse.urlsplit(url or "").netloc
    if "@" not in netloc:
        return text
    secret = netloc.rpartition("@")[0]
    parts = {secret, *secret.split(":")}
    parts |= {urllib.parse.unquote(part) for part in parts}
    for part in sorted(filter(None, parts), key=len, reverse=True):
        text = text.replace(part, "****")
    return text


def _without_credentials(url: str | None) -> str:
    parts = urllib.parse.urlsplit(url or "")
    host = parts.netloc.rpartition("@")[2]
    return urllib.parse.urlunsplit(parts._replace(netloc=host))


def _find_uv() -> str:
    beside = os.path.join(os.path.dirname(sys.executable), "uv")
    found = beside if os.access(beside, os.X_OK) else shutil.which("uv")
    if not found:
        raise _errors.ControllerError(
            "uv is not on the controller, which needs uv to resolve "
            "requirements for the hosts' Python; install uv beside "
            f"ansible-core: {sys.executable} -m pip install uv"
        )
    return found


@contextlib.contextmanager
def _only_one(path: str) -> Iterator[None]:
    """Let one process of the controller at a time make a cache entry.

    Ansible works on several hosts at once, each in its own process.
    """
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(f"{path}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read_lock(path: str) -> list[_wheels.IndexedWheel] | None:
    try:
        with open(path, encoding="utf-8") as file:
            return [_wheels.IndexedWheel(**entry) for entry in json.load(file)]
    except (OSError, ValueError, TypeError):
        # Missing, or written by another version: ask again.
        return None


def _sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _write(path: str, data: bytes) -> None:
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "wb") as file:
        file.write(data)
    os.replace(temporary, path)
