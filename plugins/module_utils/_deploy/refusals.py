# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The refusals on this host, each before anything is changed.

Every function raises a HostError that names the variable or unit, the
rule and the remedy.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    failures,
    observe,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    exposure,
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    ancestors,
    errors,
    paths,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

# systemd.exec(5), LoadCredential=: 1 MB in all.
_LARGEST_CREDENTIAL = 1 << 20


def taken(
    prefix: str, observed: observe.Observed, units: Sequence[str]
) -> None:
    """Refuse a name that belongs to somebody else, and a mask."""
    messages = list(claims.taken(observed.layout, units, observed.units))
    if messages:
        raise errors.HostError(
            claims.refusal(prefix, observed.layout, messages)
        )
    masked(observed.layout, [*units, *observed.units])


def masked(layout: layouts.Layout, units: Iterable[str]) -> None:
    """Refuse to touch a unit that somebody masked.

    A mask says that the unit shall not start, and we do not know why.
    """
    found = dict(claims.masks(layout, units))
    if found:
        listed = "\n".join(f"  - {unit}: {t}" for unit, t in found.items())
        raise errors.HostError(
            f"{layout.app}: somebody masked a unit, so that systemd does not "
            f"start it:\n{listed}\nNothing was changed. Lift the mask if the "
            "unit may start again, then run this again"
        )


def in_the_way(layout: layouts.Layout, units: Iterable[str]) -> None:
    """Refuse where the place of a unit of ours is not ours any more.

    Args:
        layout: Paths of the application.
        units: Units that we have deployed.
    """
    names = list(dict.fromkeys(units))
    masked(layout, names)
    own = claims.own(layout, names)
    foreign = [name for name in names if name not in own]
    if foreign:
        raise errors.HostError(
            f"{', '.join(foreign)}: systemd's directories hold a file that is "
            f"not ours in place of the link of {layout.app}. Nothing was "
            "changed. See what it holds (systemctl cat shows it) and move it "
            "away, then run this again"
        )


def builder(prefix: str, layout: layouts.Layout) -> None:
    """Refuse to build as a user who is somebody else's account."""
    account = accounts.lookup(layout.builder)
    problem = account and accounts.account_problem(account, adopt=False)
    if problem:
        raise errors.HostError(
            f"{prefix}name: wheels would be installed, and commands of "
            f"{prefix}build run, as {layout.builder}, but {problem}. Nothing "
            "was changed"
        )


def invalid(
    prefix: str,
    units: Sequence[units.Unit],
    target: targets.Target,
    consult: verdict.Consult | None = None,
) -> list[str]:
    """Refuse units that this systemd would not take as they are meant.

    Args:
        prefix: How the names of the user's variables begin.
        units: The rendered units.
        target: The host's systemd.
        consult: Asks the host itself, which has the last word.

    Returns:
        Messages about lines that do less than they seem to.
    """
    said: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for unit in units:
        for finding in verdict.examine(
            unit.name, _whole(unit), {}, target, consult
        ):
            level = finding.level
            # Nothing else in the outcome shows that the service gets
            # the name or the home of root.
            if finding.code == "user-specifier":
                level = "warning"
            said[level].append(
                f"{prefix}{unit.origin(finding.section, finding.option)}: "
                f"in {unit.name}, {report.brief(finding.message)}"
            )
    if said["error"]:
        listed = "\n  - ".join(["", *said["error"]])
        raise errors.HostError(
            f"systemd {target.version} on this host would not take these "
            f"units as they are meant; nothing was changed:{listed}"
        )
    return said["warning"]


def _whole(unit: units.Unit) -> str:
    """Return a unit's text with the limits that were left out of it.

    A mistake in a limit is refused on every host, enforced or not.
    """
    lines = [f"{name}={value}\n" for name, value in unit.left_out]
    return unit.text + "".join(["[Service]\n", *lines] if lines else [])


def missing_credentials(prefix: str, app: model.App) -> None:
    """Refuse credentials that this host does not have, or not for root.

    systemd reads them as root, from wherever a link leads.
    """
    for key, service in app.services.items():
        for name, path in service.credential_paths.items():
            problem = service.is_live and _credential_problem(path)
            if problem:
                raise errors.HostError(
                    f"{prefix}services.{key}.credentials.{name}.host_path: "
                    f"{path} {problem}; nothing was changed"
                )


def _credential_problem(path: str) -> str:
    try:
        ancestors.check(path)
        real = os.path.realpath(path)
        ancestors.check(real)
        found = os.stat(real)
    except errors.HostError as error:
        return f"must be in a directory that only root can change: {error}"
    except (FileNotFoundError, NotADirectoryError):
        return "does not exist on this host; put the file there first"
    if not stat.S_ISREG(found.st_mode):
        return f"is a {paths.kind_of(found)}; name a file"
    if found.st_size > _LARGEST_CREDENTIAL:
        return f"is larger than {_LARGEST_CREDENTIAL} bytes; name another file"
    return ""


def weak(prefix: str, units: Sequence[units.Unit], mode: str) -> None:
    """Refuse a sandbox which would be in the unit file alone."""
    messages = [
        f"  - {unit.name}: {message}"
        for unit in units
        for message in unit.unenforced
    ]
    if messages and mode == "require":
        listed = "\n".join(messages)
        raise errors.HostError(
            "this host does not enforce all of the sandbox, although "
            f"systemd would start the services:\n{listed}\nNothing was "
            "changed. Give the container what systemd needs (CAP_SYS_ADMIN "
            "for namespaces, CAP_BPF and CAP_NET_ADMIN for filters; LXC: "
            f"security.nesting=true), or set {prefix}sandbox: degrade to do "
            "without"
        )


def exposed(
    prefix: str,
    units: Sequence[units.Unit],
    target: targets.Target,
    weakness: sandbox.Weakness,
    limit: float,
) -> None:
    """Refuse units above the exposure that is allowed.

    A line that the host does not enforce does not count, whoever wrote
    it.
    """
    for unit in units:
        whole = merged.MergedUnit.of(unit.assignments, target, unit.name)
        score = exposure.exposure(sandbox.enforced(whole, weakness))
        if score.score <= limit:
            continue
        gains = "\n".join(
            f"  - {gain.option}: {gain.gain:g}"
            for gain in exposure.worst(score)
        )
        raise errors.HostError(
            f"{unit.name} would have an exposure of {score.score:.1f} "
            f"({score.level}) on this host, and {prefix}exposure_max is "
            f"{limit:.1f}; nothing was changed. What would bring it down "
            f"most, and by how much:\n{gains}"
        )


def failed_before(
    prefix: str, layout: layouts.Layout, release: records.Generation
) -> None:
    """Refuse a release that failed here, in which nothing has changed."""
    failed = failures.of(layout, release)
    if failed:
        raise errors.HostError(
            f"this release of {layout.app} failed its proof on this host "
            f"at {failed['at']} ({failed['reason']}), and nothing in it "
            f"has changed since. Change it, or set {prefix}retry_failed: "
            "true"
        )


def missing_programs(
    prefix: str, layout: layouts.Layout, units: Sequence[units.Unit]
) -> None:
    """Refuse commands that the virtualenv does not have."""
    for unit in units:
        command = next(
            v for _unused, n, v in unit.assignments if n == "ExecStart"
        )
        program = command.split(" ", 1)[0].strip('"')
        inside = program.startswith(f"{layout.opt}/")
        if not inside or os.access(program, os.X_OK):
            continue
        folder, _unused, name = program.rpartition("/")
        known = ", ".join(sorted(_programs(folder))) or "nothing"
        raise errors.HostError(
            f"{prefix}services.{unit.key}.exec: the virtualenv has no program "
            f"{name!r}; it has {known}. Is a package missing?"
        )


def _programs(folder: str) -> Iterator[str]:
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir(folder):
            if not name.lower().startswith("activate"):
                yield name
