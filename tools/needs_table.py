#!/usr/bin/env python
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print docs/needs.md, from the tables of needs and of the sandbox.

PYTHONPATH must name the directory of `ansible_collections`.
"""

from __future__ import annotations

import sys
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    exposure,
    needs,
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

VERSION = 257
EXAMPLES: dict[str, Any] = {
    "paths": ["/srv/data"],
    "devices": ["/dev/ttyUSB0"],
    "groups": ["redis"],
    "access": "write",
}
SHAPES = {
    "": "",
    "paths": ": [PATH, ...]",
    "devices": ": [DEVICE, ...]",
    "groups": ": [GROUP, ...]",
    "access": ": read or write",
}

HEAD = """\
# Needs and profiles

<!-- Made by tools/needs_table.py; do not edit. -->

A service starts with everything shut that CPython can live without, and
`needs` opens what the application names:

```yaml
pyapp_services:
  main:
    exec: gunicorn --bind 127.0.0.1:8000 shop:app
    needs:
      - localhost
      - write: [/srv/shop/uploads]
```

Each row of the table says what its need opens; the need opens nothing
else. Use `options` for a directive that is not in the table; they
override all other options.

Exposure is that of `systemd-analyze security`, from 0 (nothing is open)
to 10, on systemd {version}. The first number is for the need alone, the
second for the need beside `network`. Without any need it is {none}. The
role refuses a service whose exposure is above `pyapp_exposure_max`.

A host's systemd may not have a directive, may be built without its
feature, or may not be able to enforce it. A notice then says which
protection is lost.
"""

PLACES = """
## Where a service writes

systemd makes four directories for a service, and gives them to its user:

- `STATE_DIRECTORY`, also `HOME`: `/var/lib/<app>`, for data such as an
  SQLite database or uploads.
- `CACHE_DIRECTORY`, also `XDG_CACHE_HOME`: `/var/cache/<app>`, for files
  that the application can make again.
- `LOGS_DIRECTORY`: `/var/log/<app>`, for log files; the journal has what
  the application writes to its standard output.
- `RUNTIME_DIRECTORY`: `/run/<app>/<service>`, for Unix sockets and the
  like; systemd removes it when the service stops.

`exec` takes the variables as systemd writes them: `celery beat
--schedule=${STATE_DIRECTORY}/celerybeat-schedule`. A relative path begins
at the code directory. This directory belongs to root, and `write` does not
change that: a program that writes `debug.log` or `db.sqlite3` there must
be told another place.

`write` opens a directory of the host. It must exist, and belong to the
service's user or to one of its `groups`.

`/dev/stdout` and `/dev/stderr` are sockets of the journal, and Linux does
not open a socket by its path (ENXIO). Let a program write to its standard
output itself: many take `-` as the name of their log.
"""

PROFILES_HEAD = """
## Profiles

| profile | is | exposure with `network` |
|---|---|---|
"""

NEEDS_HEAD = """
## Needs

| need | opens | exposure |
|---|---|---|
"""

DETAIL_HEAD = """
## What each need changes

Directives left out are those of the strict sandbox below.
"""

STRICT_HEAD = """
## The strict sandbox

The unit file of a service without any need has these lines:

```ini
"""


def spec(need: needs.Need) -> Any:
    """Return a need as a user would write it."""
    return {need.word: EXAMPLES[need.takes]} if need.takes else need.word


def score(*needs: Any, profile: str = "strict") -> float:
    """Score a service with needs."""
    parts = sandbox.sandbox(
        needs, profile=profile, target=targets.Target(VERSION)
    )
    pairs = [("User", "app"), *parts.assignments()]
    triples = [("Service", name, value) for name, value in pairs]
    return exposure.exposure(
        merged.MergedUnit.of(triples, targets.Target(VERSION))
    ).score


def costs(need: needs.Need) -> str:
    """Return a need's two scores, alone and beside `network`."""
    beside = [] if need.word == "network" else ["network"]
    with_network = score(spec(need), *beside)
    if need.beside:
        return f"{with_network} with `network`"
    return f"{score(spec(need))}, {with_network}"


def changes(need: needs.Need) -> str:
    """Return the changes of the strict sandbox by a need, in words."""
    parts = []
    if need.lifts:
        parts.append("without " + names(f"{name}=" for name in need.lifts))
    parts.extend(f"`{name}={value}`" for name, value in need.sets)
    given = {
        "paths": "`ReadWritePaths=` for each path",
        "devices": "`DeviceAllow=` for each device",
        "groups": "`SupplementaryGroups=` for each group",
        "access": "`ProtectHome=read-only` or `ProtectHome=no`",
    }
    parts.extend(given[need.takes] for _unused in need.takes[:1])
    adds = (
        ("RestrictAddressFamilies", need.families, "plus "),
        ("CapabilityBoundingSet", need.capabilities, "plus "),
        ("AmbientCapabilities", need.capabilities, "plus "),
        ("CapabilityBoundingSet", need.bounding, "plus "),
        ("SystemCallFilter", need.calls, "plus "),
        ("SystemCallFilter", need.permits, "no longer denying "),
    )
    parts.extend(
        f"`{option}=` {verb}{names(words)}"
        for option, words, verb in adds
        if words
    )
    return "; ".join(parts)


def names(words: Any) -> str:
    """Join words, each as code."""
    return ", ".join(f"`{word}`" for word in words)


def details(need: needs.Need) -> str:
    """Return the section about one need."""
    beside = ""
    if need.beside:
        beside = f"\n- Beside: {' or '.join(f'`{w}`' for w in need.beside)}"
    return (
        f"\n### {need.word}\n\n"
        f"- Without it: {need.breaks}\n"
        f"- Changes: {changes(need)}.\n"
        f"- Manual: {need.manual}{beside}\n"
    )


def page() -> str:
    """Return the whole page."""
    lines = [HEAD.format(version=VERSION, none=score()), PLACES]
    lines.append(PROFILES_HEAD)
    for profile, words in needs.PROFILES.items():
        what = f"the needs {names(words)}" if words else "no need opened"
        lines.append(
            f"| `{profile}` | {what} | {score('network', profile=profile)} |\n"
        )
    lines.append(NEEDS_HEAD)
    for need in needs.NEEDS.values():
        shape = SHAPES[need.takes]
        lines.append(
            f"| `{need.word}{shape}` | {need.opens} | {costs(need)} |\n"
        )
    lines.append(DETAIL_HEAD)
    lines.extend(details(need) for need in needs.NEEDS.values())
    lines.append(STRICT_HEAD)
    for group in sandbox.sandbox([], target=targets.Target(VERSION)).groups:
        lines.append(f"# {group.comment}\n")
        lines.extend(f"{name}={value}\n" for name, value in group.options)
    lines.append("```\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
