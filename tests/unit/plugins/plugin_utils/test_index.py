# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing of an index's credentials is shown; caches are checked."""

from __future__ import annotations

import hashlib
import http.client
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _index,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils._errors import (
    ControllerError,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils._index import (
    Index,
    mask,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils._wheels import (
    Wheel,
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
    text = mask(f"401 for {url}, password hunter2! hunter2%21", url)
    assert "hunter2" not in text
    assert "index.example" in text


def test_a_text_without_credentials_stays() -> None:
    assert mask("plain user text", "https://index.example/") == (
        "plain user text"
    )


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wheel:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = tmp_path / "a-1-py3-none-any.whl"
    source.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    return Wheel("a", "1", source.name, digest, str(source))


def test_a_wheel_is_fetched_once(wheel: Wheel) -> None:
    index = Index(None)
    path = Path(index.fetch(wheel))
    assert path.read_bytes() == b"content"
    Path(wheel.url).unlink()
    assert index.fetch(wheel) == str(path)


def test_a_flipped_byte_in_the_cache_is_fetched_anew(wheel: Wheel) -> None:
    path = Path(Index(None).fetch(wheel))
    path.write_bytes(b"Content")
    assert Path(Index(None).fetch(wheel)).read_bytes() == b"content"


def test_a_wheel_that_is_not_the_locked_one_is_refused(wheel: Wheel) -> None:
    Path(wheel.url).write_bytes(b"other")
    with pytest.raises(ControllerError, match="is not used"):
        Index(None).fetch(wheel)


def test_an_index_that_closes_half_way(
    wheel: Wheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise http.client.IncompleteRead(b"half")

    monkeypatch.setattr(_index, "open_url", fail)
    url = "https://index.example/a.whl"
    with pytest.raises(ControllerError, match="could not be fetched"):
        Index(None).fetch(replace(wheel, url=url))
