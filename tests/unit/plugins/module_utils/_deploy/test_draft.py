# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A draft renders, refuses and plans, and changes nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    draft,
    failures,
    observe,
    outdated,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "hello.service"


def make(host: Any, **options: Any) -> draft.Draft:
    observed = observe.read_one(host.layout)
    return draft.make(host.order(**options), observed)


def test_the_first_draft(host: Any) -> None:
    found = make(host)
    assert found.is_change and found.is_activation
    assert found.generation.sequence == 0
    assert len(found.key) == 32
    assert found.plan.add == (UNIT,)
    assert found.outdated == outdated.Outdated()
    assert found.unproven == []


def test_the_digest_is_of_what_runs(host: Any) -> None:
    """Neither a comment nor a health check makes another release."""
    observed = replace(observe.read_one(host.layout), key=b"key")

    def digest(**main: Any) -> str:
        services = {"main": {"exec": "hello-serve", **main}}
        order = host.order(services=services)
        return draft.make(order, observed).generation.digest

    assert digest() == digest(health={"tcp": "127.0.0.1:1"})
    assert digest() != digest(exec="hello-serve --other")
    assert digest() != digest(enabled=False)
    assert digest() != digest(state="stopped")


def test_jobs_that_run_once_run_on_the_first_host(host: Any) -> None:
    before = [{"exec": "hello-migrate", "once": True}, "hello-check"]
    order = host.order(before_switch=before)
    observed = observe.read_one(host.layout)
    for is_first, count in ((True, 2), (False, 1)):
        found = draft.make(replace(order, is_first=is_first), observed)
        assert len(found.rendered.jobs) == count


def test_a_command_that_cannot_be_undone(host: Any) -> None:
    before = [{"exec": "hello-migrate", "irreversible": True}]
    assert make(host).generation.irreversible is None
    found = make(host, before_switch=before)
    assert found.generation.irreversible == "hello-migrate"


def test_a_name_that_is_taken_is_refused(host: Any) -> None:
    os.makedirs(host.layout.state)
    with pytest.raises(errors.HostError, match="exists and is not ours"):
        make(host)


def test_a_credential_that_the_host_lacks_is_refused(host: Any) -> None:
    given = {"tls": {"host_path": "/etc/none/x.key"}}
    main = {"exec": "hello-serve", "credentials": given}
    with pytest.raises(errors.HostError, match=r"tls\.host_path: /etc/none"):
        make(host, services={"main": main})


def test_too_much_exposure_is_refused(host: Any) -> None:
    with pytest.raises(errors.HostError, match="pyapp_exposure_max is 0"):
        make(host, exposure_max=0.0)


def test_a_release_that_failed(host: Any) -> None:
    found = make(host)
    os.makedirs(host.layout.etc)
    failures.remember(host.layout, found.generation, "a\nb\nit was late")

    with pytest.raises(errors.HostError, match=r"failed its proof.*was late"):
        draft.refuse_failed(host.order(), found)

    draft.refuse_failed(host.order(retry_failed=True), found)
    # The current release is mended, whatever failed before.
    mended = replace(found, plan=replace(found.plan, action="heal"))
    draft.refuse_failed(host.order(), mended)
