# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing of an index's credentials is shown; caches are checked."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import http.server
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    installer,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _index,
    _wheels,
)


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@index.example/simple",
        "https://hunter2@index.example/simple",
        "https://hunter2:@index.example/simple",
        "https://user:hunter2%21@index.example/simple",
    ],
)
def test_credentials_are_masked(url: str) -> None:
    text = _index.mask(f"401 for {url}, password hunter2! hunter2%21", url)
    assert "hunter2" not in text
    assert "index.example" in text


def test_a_text_without_credentials_stays() -> None:
    assert _index.mask("plain user text", "https://index.example/") == (
        "plain user text"
    )


@pytest.fixture
def wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> _wheels.IndexedWheel:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = tmp_path / "a-1-py3-none-any.whl"
    source.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    return _wheels.IndexedWheel("a", "1", source.name, digest, str(source))


def test_a_wheel_is_fetched_once(wheel: _wheels.IndexedWheel) -> None:
    index = _index.Index(None)
    path = Path(index.fetch(wheel))
    assert path.read_bytes() == b"content"
    Path(wheel.url).unlink()
    assert index.fetch(wheel) == str(path)


def test_a_flipped_byte_in_the_cache_is_fetched_anew(
    wheel: _wheels.IndexedWheel,
) -> None:
    path = Path(_index.Index(None).fetch(wheel))
    path.write_bytes(b"Content")
    assert Path(_index.Index(None).fetch(wheel)).read_bytes() == b"content"


def test_a_wheel_that_is_not_the_locked_one_is_refused(
    wheel: _wheels.IndexedWheel,
) -> None:
    Path(wheel.url).write_bytes(b"other")
    with pytest.raises(_errors.ControllerError, match="is not used"):
        _index.Index(None).fetch(wheel)


def test_an_index_that_closes_half_way(
    wheel: _wheels.IndexedWheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise http.client.IncompleteRead(b"half")

    monkeypatch.setattr(_index, "open_url", fail)
    url = "https://index.example/a.whl"
    with pytest.raises(_errors.ControllerError, match="could not be fetched"):
        _index.Index(None).fetch(replace(wheel, url=url))


@contextlib.contextmanager
def serving(
    answer: Callable[[str], tuple[int, str]],
) -> Iterator[tuple[str, list[str | None]]]:
    """Serve what a path is answered with: a status, and a Location.

    Yields:
        The address, and the Authorization of each request.
    """
    seen: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization"))
            status, location = answer(self.path)
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "7")
            self.end_headers()
            self.wfile.write(b"content")

        def log_request(self, *_args: object) -> None:
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()


def test_a_redirect_to_another_place_is_told_no_password(
    wheel: _wheels.IndexedWheel,
) -> None:
    """Storage that signs its links gets the link as it is."""
    with (
        serving(lambda _path: (200, "")) as (storage, told),
        serving(lambda _path: (302, f"http://{storage}/a.whl?sign=x")) as (
            place,
            asked,
        ),
    ):
        index = _index.Index(f"http://me:hunter2@{place}/simple/")
        index.fetch(replace(wheel, url=f"http://{place}/a.whl"))
    assert [bool(one) for one in asked] == [True]
    assert told == [None]


def test_another_port_and_another_scheme_are_other_places() -> None:
    index = _index.Index("https://me:hunter2@h.example/simple/")
    same = "https://h.example:443/a.whl"
    assert index._credentials(same) == ("me", "hunter2")
    for url in (
        "http://h.example/a.whl",
        "https://h.example:8443/a.whl",
        "https://other.example/a.whl",
        "https://h.example.evil/a.whl",
    ):
        assert index._credentials(url) == (None, None)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://h.example/a.whl", "only https is followed"),
        ("file:///etc/shadow", "only https is followed"),
        ("ftp://h.example/a.whl", "only https is followed"),
    ],
)
def test_no_redirect_leads_below_https(target: str, said: str) -> None:
    with pytest.raises(_errors.ControllerError, match=said):
        _index._redirected("https://h.example/simple/", target)


def test_credentials_in_a_redirect_are_left_out() -> None:
    found = _index._redirected("http://a/x", "http://u:p@b/y")
    assert found == "http://b/y"


def test_redirects_end(wheel: _wheels.IndexedWheel) -> None:
    with serving(lambda path: (302, f"{path}x")) as (place, _asked):
        index = _index.Index(f"http://{place}/simple/")
        with pytest.raises(
            _errors.ControllerError, match="redirected more than"
        ):
            index.fetch(replace(wheel, url=f"http://{place}/a.whl"))


@pytest.mark.parametrize("url", ["file:///etc/shadow", "ftp://h/a.whl"])
def test_a_file_of_the_controller_is_none_of_an_index(
    wheel: _wheels.IndexedWheel, url: str
) -> None:
    with pytest.raises(
        _errors.ControllerError, match="neither http nor https"
    ):
        _index.Index("https://h.example/").fetch(replace(wheel, url=url))


def test_an_index_without_the_installer_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    index = _index.Index("https://h.example/")

    def fail(*_args: object) -> list[_wheels.IndexedWheel]:
        raise _errors.ControllerError(
            "no set of wheels satisfies the requirements"
        )

    monkeypatch.setattr(index, "lock", fail)
    with pytest.raises(
        _errors.ControllerError, match="the installer, pip-"
    ) as error:
        index.installer(pythons.PYTHON)
    assert installer.SHA256 in str(error.value)
    assert str(tmp_path) in str(error.value)


def test_the_installer_may_lie_on_the_controller(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By its hash alone: another file of the name is not used."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "pyfleet" / "installer"
    folder.mkdir(parents=True)
    (folder / installer.FILE).write_bytes(b"content")
    index = _index.Index("https://h.example/")
    asked: list[object] = []

    def lock(*args: object) -> list[None]:
        asked.append(args)
        return [None]

    monkeypatch.setattr(index, "lock", lock)
    index.installer(pythons.PYTHON)
    assert len(asked) == 1
    digest = hashlib.sha256(b"content").hexdigest()
    monkeypatch.setattr(installer, "SHA256", digest)
    assert index.installer(pythons.PYTHON).url == str(folder / installer.FILE)
    assert len(asked) == 1


def test_an_index_that_is_named_is_the_only_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another one could answer for a package that this one lacks."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    others = {"UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"}
    others |= {"UV_TORCH_BACKEND", "UV_OVERRIDE", "UV_EXCLUDE", "UV_NEW"}
    for name in others:
        monkeypatch.setenv(name, "https://evil.example/")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "7")
    seen: dict[str, Any] = {}

    def run(command: list[str], **options: Any) -> Any:
        seen.update(options["env"], command=command)
        return subprocess.CompletedProcess(command, 1, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(_errors.ControllerError):
        _index.Index("https://h.example/").lock(["a==1"], pythons.PYTHON)
    assert "https://evil.example/" not in seen.values()
    assert seen["UV_HTTP_TIMEOUT"] == "7"
    assert seen["UV_DEFAULT_INDEX"] == "https://h.example/"
    assert "--no-config" in seen["command"]


def test_without_requirements_no_index_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delattr(subprocess, "run")
    assert _index.Index(None).lock([], pythons.PYTHON) == []


@pytest.mark.parametrize(
    ("said", "words", "is_whole"),
    [
        (
            "cause: a==1 has no usable wheels\n\nhint: Wheels are required "
            "for `a` because building from source is disabled\n",
            "\n  - a==1 has no wheel for this Python",
            False,
        ),
        ("cause: there is no hunter2\n", "uv says:\ncause: there is no", True),
    ],
)
def test_why_no_wheels_are_found(
    said: str,
    words: str,
    is_whole: bool,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda command, **_unused: subprocess.CompletedProcess(
            command, 1, "", said
        ),
    )
    index = _index.Index("https://reader:hunter2@h.example/")
    with pytest.raises(_errors.ControllerError) as error:
        index.lock(["a==1"], pythons.PYTHON)
    text = str(error.value)
    assert "cpython 3.11 on x86_64" in text
    assert words in text
    assert ("cause:" in text) is is_whole
    assert "hunter2" not in text


def test_the_controllers_own_index_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UV_INDEX_URL", "https://mirror.example/")
    monkeypatch.setenv("UV_EXCLUDE", "a")
    found = _index._uv_environment(None)
    assert found["UV_INDEX_URL"] == "https://mirror.example/"
    assert "UV_EXCLUDE" not in found


@contextlib.contextmanager
def sending(length: int | None) -> Iterator[str]:
    """Serve something that does not end, or that ends too early.

    Args:
        length: What the index says its wheel has; it sends 100 bytes
            then. None to send without end.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            if length is not None:
                self.send_header("Content-Length", str(length))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(b"x" * 100)
                while length is None:
                    self.wfile.write(b"x" * 65536)

        def log_request(self, *_args: object) -> None:
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("length", "limit", "said"),
    [
        (None, "_WHEEL_SIZE", "sends more than"),
        (None, "_WHEEL_SECONDS", "not sent all of a wheel"),
        (200, "", "could not be fetched"),
    ],
)
def test_an_index_sends_within_bounds(
    wheel: _wheels.IndexedWheel,
    monkeypatch: pytest.MonkeyPatch,
    length: int | None,
    limit: str,
    said: str,
) -> None:
    if limit:
        bound = 1 << 20 if limit == "_WHEEL_SIZE" else 0
        monkeypatch.setattr(_index, limit, bound)
    with sending(length) as url:
        index = _index.Index(f"{url}simple/")
        with pytest.raises(_errors.ControllerError, match=said):
            index.fetch(replace(wheel, url=f"{url}a.whl"))
    kept = Path(_index.cache_directory()) / "wheels" / wheel.sha256
    assert [path.suffix for path in kept.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    "url",
    [
        "https://[:.:]/simple/",
        "https://me:hunter2@[:.:]/simple/",
        "https://me:hunter2@h.example:99999/simple/",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(
        _errors.ControllerError, match="is not an address"
    ) as error:
        _index.Index(url)
    assert "hunter2" not in str(error.value)
