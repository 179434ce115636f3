# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that an application names are read, and their paths stay here."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
    ids,
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _application,
    _errors,
    _sources,
)

MAIN = model.ServiceKey("main")


@pytest.fixture
def finder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _sources.Finder:
    """Return what finds files in the directory of a play."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    loader = SimpleNamespace(
        get_basedir=lambda: str(tmp_path),
        get_real_file=lambda path, decrypt: path,
    )
    task = SimpleNamespace(get_search_path=list)
    return _sources.Finder(task, loader)


def app(
    prefix: str = "pyapp_", main: dict[str, Any] | None = None, **options: Any
) -> model.App:
    """Return an application, with some options of it and its service."""
    given: dict[str, Any] = {
        "name": "hello",
        "source": {"packages": ["b==2", "a==1"]},
        "services": {"main": {"exec": "a", **(main or {})}},
        **options,
    }
    assert contract.check_app(given, prefix) == []
    return contract.normalise_app(given, prefix)


@pytest.mark.parametrize(
    ("source", "label", "requirements"),
    [
        (
            {"packages": ["b==2", "a==1"]},
            "packages: b==2, a==1",
            ["b==2", "a==1"],
        ),
        (
            {"requirements": "r.txt"},
            "requirements: r.txt",
            ["a==1", "b==2"],
        ),
        (
            {"requirements": "deep/down.txt"},
            "requirements: down.txt",
            ["c==3"],
        ),
        ({"packages": []}, "packages: none", []),
        ({"requirements": "none.txt"}, "requirements: none.txt", []),
    ],
)
def test_a_source_is_read_and_labelled(
    source: dict[str, Any],
    label: str,
    requirements: list[str],
    tmp_path: Path,
    finder: _sources.Finder,
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "r.txt").write_text("# two\na==1\n\nb==2\n")
    (tmp_path / "none.txt").write_text("# nothing\n")
    (tmp_path / "deep" / "down.txt").write_text("c==3\n")
    found = _application.read(app(source=source), finder)
    assert found.requirements == requirements
    assert found.wanted.origin
    assert found.wanted.origin.label == label
    assert found.wanted.origin.inputs == ids.digest(sorted(requirements))
    assert found.wanted.source is None
    assert found.code is None
    assert found.wanted.code is None


def test_the_order_of_packages_changes_no_digest(
    finder: _sources.Finder,
) -> None:
    first, second = (
        _application.read(app(source={"packages": packages}), finder)
        for packages in (["a==1", "b==2"], ["b==2", "a==1"])
    )
    assert first.wanted.origin
    assert second.wanted.origin
    assert first.wanted.origin.inputs == second.wanted.origin.inputs


def test_the_password_of_an_index_stays_here(finder: _sources.Finder) -> None:
    url = "https://me:secret@index.example/simple"
    source = {"packages": ["a==1"], "index": {"url": url}}
    found = _application.read(app(source=source), finder)
    assert found.index._url == url
    assert "secret" not in repr(found.wanted)


@pytest.mark.parametrize(
    ("exclude", "paths"), [([], ["a.py", "b.txt"]), (["*.txt"], ["a.py"])]
)
def test_files_become_the_code(
    exclude: list[str],
    paths: list[str],
    tmp_path: Path,
    finder: _sources.Finder,
) -> None:
    (tmp_path / "src").mkdir()
    for name in ("a.py", "b.txt"):
        (tmp_path / "src" / name).write_text(name)
    source = {"packages": ["a==1"], "files": "src", "exclude": exclude}
    found = _application.read(app(source=source), finder)
    assert found.code
    assert [member.path for member in found.code.members] == paths
    assert found.wanted.code == found.code.id


def test_texts_of_a_service_travel_without_their_paths(
    tmp_path: Path, finder: _sources.Finder
) -> None:
    for name in ("one.env", "two.env", "key.pem"):
        (tmp_path / name).write_text(f"NAME={name}\n")
    main = {
        "environment_files": ["two.env", "one.env"],
        "credentials": {"token": "x", "key": {"file": "key.pem"}},
    }
    found = _application.read(app(main=main), finder)
    service = found.wanted.services[MAIN]
    assert service.environment_texts == ["NAME=two.env\n", "NAME=one.env\n"]
    assert service.credentials == {"token": "x", "key": "NAME=key.pem\n"}
    assert (service.environment_files, service.credential_files) == ((), {})


@pytest.mark.parametrize("prefix", ["pyapp_", "app.", "pyapp_apps.hello."])
@pytest.mark.parametrize(
    ("options", "main", "words"),
    [
        ({"source": {"requirements": "no.txt"}}, {}, "source.requirements: "),
        ({"source": {"requirements": "bad.txt"}}, {}, "source.requirements"),
        (
            {"source": {"packages": ["a==1"], "files": "no"}},
            {},
            "source.files: ",
        ),
        (
            {},
            {"environment_files": ["good.env", "no.env"]},
            "services.main.environment_files[1]: ",
        ),
        (
            {},
            {"environment_files": ["good.env", "path.env"]},
            "services.main.environment_files[1]: ",
        ),
        (
            {},
            {"credentials": {"key": {"file": "no.pem"}}},
            "services.main.credentials.key: ",
        ),
    ],
)
def test_an_error_names_the_variable(
    prefix: str,
    options: dict[str, Any],
    main: dict[str, Any],
    words: str,
    tmp_path: Path,
    finder: _sources.Finder,
) -> None:
    (tmp_path / "bad.txt").write_text("--find-links x\n")
    (tmp_path / "good.env").write_text("A=b\n")
    (tmp_path / "path.env").write_text("PYTHONPATH=/srv\n")
    with pytest.raises(_errors.ControllerError) as error:
        _application.read(app(prefix, main, **options), finder)
    (said,) = getattr(error.value, "messages", [str(error.value)])
    assert said.startswith(f"{prefix}{words}")


def test_a_refusal_is_lifted_for_a_file_of_variables(
    tmp_path: Path, finder: _sources.Finder
) -> None:
    (tmp_path / "path.env").write_text("PYTHONPATH=/srv\n")
    main = {"environment_files": ["path.env"], "allow": ["pythonpath"]}
    found = _application.read(app(main=main), finder)
    assert found.wanted.services[MAIN].environment_texts


@pytest.mark.parametrize(
    ("options", "is_named"),
    [
        ({}, True),
        ({"state": "absent"}, False),
        ({"state": "absent", "remove_data": True}, False),
    ],
)
def test_a_name_alone_reads_no_file(
    options: dict[str, Any], is_named: bool, finder: _sources.Finder
) -> None:
    source = {"requirements": "no.txt", "files": "no"}
    main = {"environment_files": ["no.env"]}
    given = app(main=main, source=source, **options)
    found = _application.read(given, finder, is_named=is_named)
    assert (found.requirements, found.code) == ([], None)
    assert found.index._url is None
    assert found.wanted == model.App(
        given.name,
        state=options.get("state", "present"),
        remove_data=options.get("remove_data", False),
    )


def test_an_application_without_a_source_is_one_by_name(
    finder: _sources.Finder,
) -> None:
    given = model.App(model.AppName("hello"), "app.", keep_releases=9)
    found = _application.read(given, finder)
    assert found.wanted == model.App(model.AppName("hello"), "app.")
    assert found.where == "app.source"
