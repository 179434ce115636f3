# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account that was there before its application.

Role pyapp_user makes an account by the same rules as a deploy. So a
deploy takes that account, and files that it owns are the application's.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    errors,
)


def problems(layout: layouts.Layout) -> Iterator[str]:
    """Yield why the account is not an application's to take.

    The mark alone is not enough: on some hosts, chfn(1) lets users
    write their own comment. No user who has it can log in.
    """
    app = layout.app
    account = accounts.lookup(app)
    if account is None or not account.is_ours:
        yield (
            f"the account {app} exists and is not ours; an account for the "
            "application is one that role pyapp_user makes"
        )
        return
    try:
        repairs = accounts.plan_present(app, home=layout.state)
    except errors.HostError as error:
        yield str(error)
        return
    if repairs:
        yield (
            f"the account {app} has our mark, but another home, a login "
            "shell or a password; role pyapp_user puts it right"
        )
