# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to the running systemd.

PID 1 is asked for its version and features, since the binary on the
disk may be newer than the running process. Every call has a deadline:
systemctl waits 90 seconds and longer for a PID 1 that hangs.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
)

# Reading is quick on the busiest host.
SHOW_SECONDS = 20.0

_VERSION = re.compile(r"\D*(\d+)")
_ENTERPRISE = re.compile(r"[._](el[89])(?![0-9])")
_PLATFORM = re.compile(r'^PLATFORM_ID="?platform:(el[89])"?$', re.MULTILINE)


class Manager(NamedTuple):
    """The systemd that runs as PID 1.

    Args:
        version: Upstream's major version, such as 252.
        version_text: The whole text, such as `252.39-1~deb12u1`.
        features: The features of its build, such as `+SECCOMP` and
            `-BPF_FRAMEWORK`.
        variant: `el8` or `el9` for a version with Red Hat's backports,
            which can do more than upstream's version, else "".
    """

    version: int
    version_text: str
    features: frozenset[str]
    variant: str = ""


def run(
    args: Sequence[str], *, timeout: float, check: bool = True
) -> command.Completed:
    """Run systemctl with a deadline and without pager or colours.

    Args:
        args: A verb with its options and units.
        timeout: Seconds after which systemctl is killed.
        check: Whether another status than 0 is an error.

    Raises:
        CommandError: systemctl failed, and `check` is set.
        DeadlineError: PID 1 or the job did not answer in time.
    """
    argv = ["systemctl", "--no-pager", "--no-ask-password", *args]
    try:
        return command.run(argv, timeout=timeout, check=check)
    except errors.DeadlineError as error:
        raise errors.DeadlineError(
            f"systemctl {' '.join(args)} got no answer within {timeout:g} "
            "seconds: systemd (PID 1) hangs or a job waits; look at "
            "`systemctl list-jobs` and at the host's load, then run again"
        ) from error


def manager() -> Manager:
    """Describe the systemd that runs as PID 1.

    The D-Bus properties Version and Features describe the running
    process: org.freedesktop.systemd1(5).

    Raises:
        HostError: systemd is not the host's PID 1.
    """
    completed = run(
        ["show", "-p", "Version", "-p", "Features"],
        timeout=SHOW_SECONDS,
        check=False,
    )
    properties = _parse_properties(completed.stdout, {"Version", "Features"})
    text = properties.get("Version", "")
    if completed.status != 0 or not text:
        raise errors.HostError(
            "systemd does not answer as the system's manager: "
            f"{completed.stderr.strip() or 'no Version'}; this collection "
            "needs a host that was booted with systemd as PID 1"
        )
    return parse_manager(
        text, properties.get("Features", ""), _read_os_release()
    )


def parse_manager(
    version_text: str, features: str, os_release: str = ""
) -> Manager:
    """Read the version and features as the manager tells them.

    Args:
        version_text: Such as `247.3-7+deb11u8`, `239-82.el8_10` or
            `v262.1`.
        features: Words such as `+SECCOMP -BPF_FRAMEWORK`.
        os_release: Content of os-release(5). systemd 239 gives its
            number alone, so that PLATFORM_ID= decides on the variant.

    Raises:
        HostError: The version has no number.
    """
    number = _VERSION.match(version_text)
    if number is None:
        raise errors.HostError(
            f"systemd calls its version {version_text!r}, which holds no "
            "number; report this with the output of `systemctl --version`"
        )
    variant = _ENTERPRISE.search(version_text) or _PLATFORM.search(os_release)
    return Manager(
        version=int(number[1]),
        version_text=version_text,
        features=frozenset(
            word for word in features.split() if word[0] in "+-"
        ),
        variant=variant[1] if variant else "",
    )


def show(
    units: Sequence[str], properties: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Read properties of many units in one call.

    The answer lacks properties that this version does not know. The
    lines of a property that has several, such as two ExecStart=, are
    joined by newlines.

    Args:
        units: Names of units, loaded or not; no bare templates.
        properties: Names of properties.

    Returns:
        The values by unit and property.
    """
    names = check_names(units)
    if not names:
        return {}
    wanted = set(properties)
    blocks = _show(names, wanted).rstrip("\n").split("\n\n")
    parsed = [_parse_properties(block, wanted | {"Names"}) for block in blocks]
    is_aligned = len(parsed) == len(names) and all(
        name in block.get("Names", "").split()
        for name, block in zip(names, parsed)
    )
    if not is_aligned:
        # systemctl prints the newlines of an argument of ExecStart= as
        # they are. An empty line may belong to an argument, so that
        # each unit needs a call of its own.
        parsed = [
            _parse_properties(_show([name], wanted), wanted | {"Names"})
            for name in names
        ]
    return {
        name: {key: block[key] for key in properties if key in block}
        for name, block in zip(names, parsed)
    }


def is_loaded_state(properties: Mapping[str, str]) -> bool:
    """Tell whether systemd read a unit without a fatal mistake.

    Args:
        properties: The unit's properties from `show`, with LoadState.
    """
    return properties.get("LoadState") == "loaded"


def _show(units: Sequence[str], properties: set[str]) -> str:
    options = [f"--property={name}" for name in sorted(properties)]
    return run(
        # Without --all, systemctl leaves out empty values.
        ["show", "--all", "-p", "Names", *options, "--", *units],
        timeout=SHOW_SECONDS,
    ).stdout


def _parse_properties(text: str, wanted: set[str]) -> dict[str, str]:
    """Read `Name=value` lines; other lines continue the last value."""
    found: dict[str, str] = {}
    last = ""
    for line in text.rstrip("\n").split("\n"):
        name, separator, value = line.partition("=")
        if separator and name in wanted:
            last = name
            is_new = name not in found
            found[name] = value if is_new else f"{found[name]}\n{value}"
        elif last:
            found[last] += f"\n{line}"
    return found


def check_names(units: Sequence[str]) -> list[str]:
    """Return the names once each; refuse a string instead of a list."""
    if isinstance(units, str):
        raise TypeError("units must be a list of names")
    return list(dict.fromkeys(units))


def _read_os_release() -> str:
    try:
        with open("/etc/os-release", encoding="utf-8") as stream:
            return stream.read()
    except OSError:
        return ""
