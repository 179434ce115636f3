# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each option of the contract describes itself and keeps its own rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    options,
    schema,
)


def fields(
    found: Mapping[str, schema.Field], path: str = ""
) -> Iterator[tuple[str, schema.Field]]:
    """Yield all fields below a mapping, each with its path."""
    for name, field in found.items():
        yield f"{path}{name}", field
        for inner in (field, field.elements, *field.alternatives):
            if inner is not None:
                yield from fields(inner.options, f"{path}{name}.")


FIELDS = dict(fields(options.OPTIONS))


@pytest.mark.parametrize("path", FIELDS)
def test_a_default_keeps_the_rule(path: str) -> None:
    field = FIELDS[path]
    if field.default is not None and not field.not_yet:
        assert list(schema.check(field, field.default, path)) == []


@pytest.mark.parametrize("path", FIELDS)
def test_a_pattern_is_told_in_words(path: str) -> None:
    field = FIELDS[path]
    if field.pattern:
        re.compile(field.pattern)
        assert field.rule


@pytest.mark.parametrize("name", options.OPTIONS)
def test_an_option_says_what_it_means(name: str) -> None:
    assert options.OPTIONS[name].about
