# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that a host has not changed since the controller decided.

The controller ships what a host lacked when `app_info` read it. Until
the deploy begins, somebody may have upgraded the host's Python, or
another run may have removed a virtualenv.
"""

from __future__ import annotations

from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    request,
    shipment,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    interpreter,
)


def misfit(order: request.Request) -> str:
    """Tell why a deploy must be decided anew, before it changes anything.

    Args:
        order: The order of the controller.

    Returns:
        The reason; empty if the host is as the controller knows it.

    Raises:
        HostError: The host has no such Python any more.
    """
    known = order.lock.interpreter
    found = interpreter.find(order.app.python)
    if found != known:
        return f"its Python is {found.patch}, and was {known.patch}"
    digest = order.lock.environment
    environment = order.layout.environment(digest)
    is_shipped = order.lock.wheels is not None
    if not is_shipped and not artifact.is_usable(environment, digest):
        return f"{environment} was whole, and is not any more"
    if not order.code:
        return ""
    code = order.layout.code(order.code)
    if artifact.is_complete(code, order.code):
        return ""
    if f"{order.app.code}.tar" in shipment.names(order.bundle):
        return ""
    return f"{code} was whole, and is not any more"
