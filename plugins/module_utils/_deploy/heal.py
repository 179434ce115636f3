# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring up the current generation if it does not work.

This module rolls nothing back: the generation was good when it was
activated, and is the wanted one.
"""

from __future__ import annotations

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    failures,
    proof,
    switch,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    verbs,
)


def prove_checks(way: switch.Switch) -> None:
    """Try the health checks that are new on units that run on.

    Raises:
        ActivationError: If one of them fails. Nothing was changed, and
            the old checks stay.
    """
    try:
        proof.prove(way.layout, way.new, way.unproven)
    except errors.HostError as error:
        raise failures.ActivationError(
            f"The services of {way.layout.app} run on, but a health "
            f"check that is new does not pass.\n{error}\nNothing was "
            "restarted, and the old check stays: correct the new check, or "
            "mend the service.",
            is_verdict=False,
            is_settled=False,
        ) from error


def heal(way: switch.Switch) -> list[str]:
    """Restart the units that do not run as the generation says.

    A unit whose health alone is in doubt is watched first, and is
    restarted only if it does not recover by itself.

    Returns:
        The units that were restarted.

    Raises:
        ActivationError: If a unit is not good even then.
    """
    plan = way.plan
    names = [*plan.restart]
    is_restarted = False
    try:
        verbs.daemon_reload()
        switch.stop(plan.stop)
        try:
            proof.prove(way.layout, way.new, plan.watch)
        except errors.HostError:
            names += plan.watch
        switch.restart(names)
        is_restarted = True
        proof.prove(way.layout, way.new, names)
    except errors.HostError as error:
        raise failures.ActivationError(
            f"release {way.new.sequence} of {way.layout.app} is "
            f"current, but does not work.\n{error}\nNothing was rolled "
            "back: this release proved itself when it was activated.",
            is_verdict=False,
            is_settled=is_restarted,
        ) from error
    return names
