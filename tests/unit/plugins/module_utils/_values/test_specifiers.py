# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Specifiers, and which of them are known."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    registry,
    specifiers,
)


@pytest.mark.parametrize(
    ("unit", "value", "accepted"),
    [
        ("a.service", "%i", False),
        ("a@b.service", "%i", False),
        ("a@.service", "%I", True),
        ("a@.service", "%J/x", True),
        ("a@.service", "%f/x", True),
        ("a@.service", "/x/%i", True),
        ("a@.service", "~", True),
        # No instance has a slash, and it begins with none.
        ("a@.service", "%i", False),
        ("a@.service", "x/%i", False),
        ("a@.service", "-x/%I", False),
        ("a@.service", ".%I", False),
        ("a@.service", "%I/../x", False),
        ("a@.service", "/x/../%i", False),
        ("a@.service", "%p/%i", False),
        ("a@b.service", "/%i", True),
        ("a-b.service", "%f", True),
        ("a.service", "%n", False),
    ],
)
def test_specifiers_of_the_name(unit: str, value: str, accepted: bool) -> None:
    context = contexts.Context(
        targets.Target(257), unit, "Service", "WorkingDirectory"
    )
    assert (
        value_types.is_accepted_in(value, "working-directory", context)
        == accepted
    )


@pytest.mark.parametrize(
    ("unit", "value", "exact"),
    [
        ("a.service", "/b", "/b"),
        ("a.service", "/%p-50%%", "/a-50%"),
        ("a@b.service", "/%i", "/b"),
        ("a@.service", "/%i", None),
        ("", "/%n", None),
        ("a.service", "/%H", None),
        ("a.service", "/%h", None),
        ("a.service", "/%p/%H", None),
    ],
)
def test_a_value_that_no_host_changes(
    unit: str, value: str, exact: str | None
) -> None:
    context = contexts.Context(targets.Target(257), unit)
    assert specifiers.exact(value, context) == exact


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("device-weight", "%i 5"),
        ("device-allow", "%i r"),
        ("xattr", "%i=b"),
        ("calendar", "%i"),
        ("listen", "%i"),
        ("listen", "/run/%i"),
        ("listen", "127.0.0.1:%i"),
        ("load-credential", "a:%i"),
        ("directories", "%I"),
        ("directories", "%i/x"),
        ("exec", "%I"),
    ],
)
def test_an_unknown_instance_is_not_judged(kind: str, value: str) -> None:
    context = contexts.Context(
        targets.Target(257), "a@.service", "Service", "Any"
    )
    registry.check_value(kind, value, context)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("bind-paths", "a/%i"),
        ("bind-paths", "/a:b/%i"),
        ("colon-paths", "/b:a/%i"),
        ("condition-path", "!a/%i"),
        ("device-allow", "sda/%i"),
        ("directories", "../%i"),
        ("directories", "/abs/%i"),
        ("directories", "%f"),
        ("directories", "a:/x/%i"),
        ("directories", "private/%i"),
        ("environment-file", "-etc/%i"),
        ("exec", "bin/%i"),
        ("exec", "%i/x"),
        ("extension-images", "a/%i"),
        ("listen", "run/%i"),
        ("listen-path", "run/%i"),
        ("load-credential", "a:x/%i"),
        ("mount-images", "a/%i:/x"),
        ("namespace-paths", "-a/%i"),
        ("path", "a/%i"),
        ("path-each", "a/%i"),
        ("path-fatal", "a/%i"),
        ("paths", "/b a/%i"),
        ("pid-file", "../%i"),
        ("pid-file", "/proc/%i"),
        ("standard-output", "append:a/%i"),
        ("temporary-filesystems", "a/%i:ro"),
    ],
)
def test_the_text_around_an_instance_is_judged(kind: str, value: str) -> None:
    """systemd 247 to 262 refuse these, whatever the instance is."""
    context = contexts.Context(
        targets.Target(257), "a@.service", "Service", "Any"
    )
    with pytest.raises(contexts.BadValueError):
        registry.check_value(kind, value, context)
