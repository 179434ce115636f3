# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account of role pyapp_user is an application's to take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    ready_account,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    service_user,
)

LAYOUT = layouts.Layout("hello")
Place = Callable[..., None]


@pytest.fixture
def have(monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return a function that puts the account on the host."""

    def place(*, has_password: bool = False, **changes: Any) -> None:
        fields: dict[str, Any] = {
            "name": "hello",
            "uid": 990,
            "gid": 990,
            "group": "hello",
            "comment": accounts.MARK,
            "home": service_user.AccountWish("hello").home,
            "shell": "/usr/sbin/nologin",
        }
        account = accounts.Account(**{**fields, **changes})
        monkeypatch.setattr(accounts, "lookup", lambda _name: account)
        monkeypatch.setattr(
            accounts, "has_password", lambda _name: has_password
        )

    return place


def test_an_account_as_pyapp_user_makes_it(have: Place) -> None:
    have()
    assert list(ready_account.problems(LAYOUT)) == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"comment": "Ada"}, "is one that role pyapp_user makes"),
        ({"shell": "/bin/bash"}, "role pyapp_user puts it right"),
        ({"home": "/home/hello"}, "role pyapp_user puts it right"),
        ({"has_password": True}, "role pyapp_user puts it right"),
        ({"group": "users"}, "usermod --gid hello hello"),
        ({"uid": 0}, "uid 0 is reserved"),
    ],
)
def test_another_account_is_refused_with_a_remedy(
    have: Place, changes: dict[str, Any], text: str
) -> None:
    have(**changes)
    (said,) = ready_account.problems(LAYOUT)
    assert text in said


@pytest.mark.parametrize(("comment", "is_taken"), [
    (accounts.MARK, False), ("Ada", True),
])  # fmt: skip
def test_a_name_with_an_account(
    have: Place,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    comment: str,
    *,
    is_taken: bool,
) -> None:
    have(comment=comment, home=f"{tmp_path}/var/lib/hello")
    monkeypatch.setattr(claims, "is_known", lambda *_unused: True)
    layout = layouts.Layout("hello", str(tmp_path))
    assert bool(list(claims.taken(layout, []))) is is_taken
