# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn a profile and the needs of an application into directives.

The strict sandbox is one table, `_STRICT`; needs take rows out of it,
change values and add to lists. A directive that the target's systemd
does not have or the host does not enforce is left out, and a notice
names the protection that is lost.
"""

from __future__ import annotations

import re
from collections.abc import (
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Union

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    needs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

NeedSpec = Union[str, Mapping[str, object]]


class SandboxError(ValueError):
    """A need or profile that does not exist or cannot be met."""


@dataclass(frozen=True)
class Group:
    """Directives of the [Service] section that belong together.

    Attributes:
        comment: One line saying why, for the unit file.
        options: Directives and values, in the order they are written.
    """

    comment: str
    options: tuple[needs.Assignment, ...]


@dataclass(frozen=True)
class Notice:
    """A fact about the sandbox that the user should know.

    Attributes:
        option: The directive the notice is about.
        message: The protection that is lost, or the risk, as a
            sentence.
        kind: The kind of `Weakness` that is the reason; empty for
            another reason.
    """

    option: str
    message: str
    kind: str = ""


@dataclass(frozen=True)
class Weakness:
    """The protection that a host cannot enforce.

    The kinds are "mount", "network" and "user" for namespaces,
    "seccomp" for system-call filters, "address" and "bind" for BPF
    filters, and "memory", "cpu", "io" and "tasks" for the limits of
    control groups.

    Attributes:
        private: The kinds that a service with PrivateUsers= lacks.
        shared: The kinds that a service without it lacks.
    """

    private: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()

    def of(self, has_private_users: bool) -> frozenset[str]:
        """Return the kinds that a service lacks."""
        if has_private_users and "user" not in self.private:
            return self.private
        return self.shared | (self.private & {"user"})


@dataclass(frozen=True)
class Sandbox:
    """The sandbox of one service.

    Attributes:
        groups: Directives by topic, in the order they are written.
        notices: Directives that are left out, and dangerous openings.
        state_mode: Mode for StateDirectoryMode= and its like, which the
            writer of the unit sets: 0750 where files are shared.
    """

    groups: tuple[Group, ...]
    notices: tuple[Notice, ...]
    state_mode: str

    def assignments(self) -> tuple[needs.Assignment, ...]:
        """Return all directives in the order they are written."""
        return tuple(pair for group in self.groups for pair in group.options)


@dataclass(frozen=True)
class _Row:
    """One directive: its value in the strict sandbox, and its terms.

    `kind` is the kind of `Weakness` that makes it void. `loss` is a
    clause about the power that the service has without it.
    """

    option: str
    value: str | None
    kind: str = ""
    loss: str = ""


# The order is that of the unit file.
_STRICT: tuple[tuple[str, tuple[_Row, ...]], ...] = (
    (
        "Privileges: none beyond those of the service's own user",
        (
            _Row("NoNewPrivileges", "yes"),
            _Row("CapabilityBoundingSet", ""),
            _Row("AmbientCapabilities", ""),
            _Row(
                "RestrictSUIDSGID",
                "yes",
                "seccomp",
                "the service can create set-user-ID and set-group-ID files",
            ),
            _Row(
                "LockPersonality",
                "yes",
                "seccomp",
                "the service can change its execution domain",
            ),
            _Row("KeyringMode", "private"),
        ),
    ),
    (
        "Files: the system is read-only, home directories are hidden",
        (
            _Row(
                "ProtectSystem",
                "strict",
                "mount",
                "the service can write wherever its user can",
            ),
            _Row("ReadWritePaths", None, "mount"),
            _Row(
                "ProtectHome",
                "yes",
                "mount",
                "the service sees home directories",
            ),
            _Row(
                "PrivateTmp",
                "yes",
                "mount",
                "the service shares /tmp and /var/tmp with the host",
            ),
            _Row(
                "PrivateMounts",
                "yes",
                "mount",
                "the service's mounts can reach the host",
            ),
            _Row("UMask", "0077"),
            _Row("RemoveIPC", "yes"),
        ),
    ),
    (
        "Devices: /dev/null and the like, no hardware",
        (
            _Row(
                "PrivateDevices",
                "yes",
                "mount",
                "the service can open whatever device its user can",
            ),
            _Row("DevicePolicy", None),
            _Row("DeviceAllow", None),
        ),
    ),
    (
        "Processes and users: the service's own",
        (
            _Row(
                "PrivateUsers",
                "yes",
                "user",
                "the service shares its user namespace with the host",
            ),
            _Row(
                "ProtectProc",
                "invisible",
                "mount",
                "the service sees other users' processes",
            ),
            _Row(
                "ProcSubset",
                "pid",
                "mount",
                "the service sees the kernel's files in /proc",
            ),
        ),
    ),
    (
        "Kernel: settings, modules, logs and clock are out of reach",
        (
            _Row(
                "ProtectClock",
                "yes",
                "seccomp",
                "the service can open clock devices where its user can",
            ),
            _Row(
                "ProtectHostname",
                "yes",
                "seccomp",
                "only missing capabilities protect the host name",
            ),
            _Row(
                "ProtectKernelLogs",
                "yes",
                "seccomp",
                "the service can read the kernel's log where its user can",
            ),
            _Row(
                "ProtectKernelModules",
                "yes",
                "seccomp",
                "only missing capabilities protect the kernel's modules",
            ),
            _Row(
                "ProtectKernelTunables",
                "yes",
                "mount",
                "only file modes protect /proc/sys and /sys",
            ),
            _Row(
                "ProtectControlGroups",
                "yes",
                "mount",
                "only file modes protect /sys/fs/cgroup",
            ),
            _Row("Delegate", None),
        ),
    ),
    (
        "Attack surface: no namespaces, real time or run-time code",
        (
            _Row(
                "RestrictNamespaces",
                "yes",
                "seccomp",
                "the service can create namespaces",
            ),
            _Row(
                "RestrictRealtime",
                "yes",
                "seccomp",
                "the service can ask for real-time scheduling",
            ),
            _Row(
                "MemoryDenyWriteExecute",
                "yes",
                "seccomp",
                "the service can make written memory executable",
            ),
        ),
    ),
    (
        "System calls: those of ordinary services; others give EPERM",
        (
            _Row(
                "SystemCallArchitectures",
                "native",
                "seccomp",
                "the service can use the processor's other modes",
            ),
            _Row("SystemCallErrorNumber", "EPERM", "seccomp"),
            _Row(
                "SystemCallFilter",
                "@system-service",
                "seccomp",
                "the service can use all system calls",
            ),
        ),
    ),
    (
        "Network: Unix sockets, and sockets systemd passes in",
        (
            _Row(
                "PrivateNetwork",
                "yes",
                "network",
                "the service reaches the host's network",
            ),
            _Row(
                "RestrictAddressFamilies",
                "AF_UNIX",
                "seccomp",
                "the service can open sockets of every family",
            ),
            _Row(
                "IPAddressDeny",
                "any",
                "address",
                "the service's traffic is not filtered by address",
            ),
            _Row("IPAddressAllow", None, "address"),
            _Row(
                "SocketBindDeny",
                None,
                "bind",
                "the service can listen",
            ),
        ),
    ),
    (
        "Limits and groups: as the application needs",
        (
            _Row("LimitMEMLOCK", None),
            _Row("LimitRTPRIO", None),
            _Row("SupplementaryGroups", None),
        ),
    ),
)

# The filter denies these calls of @system-service. io_uring is denied
# because its operations bypass the filter. The table of directives has
# no versions of system calls: @aio has io_uring from systemd 243 on.
_DENIED_CALLS = ("@privileged", "@resources", "@keyring")
_IO_URING_SINCE = 243

# Directives whose values add up; each value is an assignment.
_LISTS = frozenset({"DeviceAllow", "ReadWritePaths", "SupplementaryGroups"})

# A build without the feature accepts the directives and ignores them.
# The table of directives names the feature only where a directive is
# wholly void. ProtectClock= and others have an effect without it, but
# not the effect that the sandbox needs.
_FEATURES = {"seccomp": "SECCOMP", "bind": "BPF_FRAMEWORK"}

# ReadWritePaths= cannot open these trees, since another directive shuts
# them. Each tree has the need that opens it.
_SHUT_TREES = (
    ("/home", "home"),
    ("/root", "home"),
    ("/run/user", "home"),
    ("/tmp", "shared-tmp"),  # noqa: S108
    ("/var/tmp", "shared-tmp"),  # noqa: S108
    ("/dev", "devices"),
    ("/proc", "kernel-settings"),
    ("/sys", "kernel-settings"),
)

# Members of these groups can become root without a password, or can
# read the disks of the host.
_ROOT_GROUPS = frozenset(
    {
        "adm",
        "disk",
        "docker",
        "incus-admin",
        "kmem",
        "libvirt",
        "lxd",
        "podman",
        "root",
        "shadow",
        "sudo",
        "wheel",
    }
)

_PATH = re.compile(r"/[^\s\x00-\x1f\x7f\"'\\]*")
_DEVICE = re.compile(
    r"(?:/dev/[\w./:+-]+|(?:char|block)-[\w*?.-]+)(?: [rwm]{1,3})?",
    re.ASCII,
)
_GROUP = re.compile(r"[a-zA-Z_][\w.-]{0,30}", re.ASCII)


@dataclass
class _Named:
    """A need as the user named it, with the value beside it."""

    need: needs.Need
    argument: tuple[str, ...] = ()


@dataclass
class _Draft:
    """Values by directive, while needs are worked in."""

    values: dict[str, list[str]] = field(default_factory=dict)
    openers: dict[str, list[str]] = field(default_factory=dict)

    def opened(self, option: str, word: str) -> None:
        """Remember which need changed a directive, for the comments."""
        words = self.openers.setdefault(option, [])
        if word not in words:
            words.append(word)


def sandbox(
    needs: Sequence[NeedSpec],
    *,
    profile: str = "strict",
    target: targets.Target,
    weakness: Weakness | None = None,
) -> Sandbox:
    """Return the sandbox directives for an application's needs.

    Args:
        needs: Words of `NEEDS`, or mappings of one such word to its
            value: `"network"`, `{"write": ["/srv/data"]}`.
        profile: A key of `PROFILES`.
        target: The systemd that will enforce it.
        weakness: The protection that the host cannot enforce, if that
            is known.

    Returns:
        The directives in groups, with notices about those left out.

    Raises:
        SandboxError: A need or profile is unknown or given wrongly.
    """
    named = _parse(needs, profile)
    draft = _compose(named, target.version)
    has_private_users = bool(draft.values["PrivateUsers"])
    unenforced = (weakness or Weakness()).of(has_private_users)
    notices = _leave_out(draft, target, unenforced)
    notices.extend(_warn_of_groups(draft))
    shares = any(entry.need.word == "share-files" for entry in named)
    return Sandbox(
        groups=tuple(_groups(draft)),
        notices=tuple(notices),
        state_mode="0750" if shares else "0700",
    )


def enforced(unit: merged.MergedUnit, weakness: Weakness) -> merged.MergedUnit:
    """Return a service without the lines that its host leaves void.

    Args:
        unit: The service.
        weakness: The protection that the host cannot enforce.
    """
    users = unit.setting("Service", "PrivateUsers")
    missing = weakness.of(users not in (None, False))
    kinds = {row.option: row.kind for _group, rows in _STRICT for row in rows}
    found = merged.MergedUnit(unit.name, unit.target)
    for item in unit.assigned:
        kind = kinds.get(item.name, "")
        if item.section != "Service" or kind not in missing:
            found.add(item)
    return found


def _parse(wanted: Sequence[NeedSpec], profile: str) -> list[_Named]:
    """Look up every need, those of the profile first."""
    _check_shape(wanted, profile)
    given = [_parse_one(spec) for spec in wanted]
    words = [entry.need.word for entry in given]
    for word in words:
        if words.count(word) > 1:
            raise SandboxError(f"need {word!r} is given twice: join both")
    _check_beside(given, words)
    _check_paths(given, words)
    preset = [w for w in needs.PROFILES[profile] if w not in words]
    return [_Named(needs.NEEDS[word]) for word in preset] + given


def _check_shape(wanted: object, profile: str) -> None:
    if profile not in needs.PROFILES:
        raise SandboxError(
            f"profile {profile!r} does not exist: "
            f"choose {_either(needs.PROFILES)}"
        )
    if isinstance(wanted, (str, bytes)) or not isinstance(wanted, Sequence):
        raise SandboxError(
            f"needs must be a list, not {wanted!r}: write [{wanted}]"
        )


def _parse_one(spec: NeedSpec) -> _Named:
    """Look up one need and check its value."""
    word, argument = _split(spec)
    if word not in needs.NEEDS:
        near = get_close_matches(str(word), needs.NEEDS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise SandboxError(
            f"need {word!r} does not exist: {hint}"
            f"choose {_either(needs.NEEDS)}"
        )
    need = needs.NEEDS[word]
    if not need.takes:
        if argument is not None:
            raise SandboxError(
                f"need {word!r} takes no value, not {argument!r}: "
                f"write {word!r} alone"
            )
        return _Named(need)
    return _Named(need, _argument(need, argument))


def _split(spec: NeedSpec) -> tuple[str, object]:
    """Return a need's word and its value; None if it has no value."""
    if isinstance(spec, str):
        return spec, None
    if isinstance(spec, Mapping) and len(spec) == 1:
        word, argument = next(iter(spec.items()))
        if isinstance(word, str):
            return word, "" if argument is None else argument
    raise SandboxError(
        f"need {spec!r} must be a word, or one word and its value, "
        "such as {write: [/srv/data]}"
    )


def _argument(need: needs.Need, argument: object) -> tuple[str, ...]:
    """Check the value of a need that takes one."""
    if need.takes == "access":
        if argument not in ("read", "write"):
            raise SandboxError(
                f"need {need.word!r} takes 'read' or 'write', "
                f"not {argument!r}: write {{{need.word}: read}}"
            )
        return (str(argument),)
    if (
        not isinstance(argument, (list, tuple))
        or not argument
        or not all(isinstance(item, str) for item in argument)
    ):
        raise SandboxError(
            f"need {need.word!r} takes a list of {need.takes}, not "
            f"{argument!r}: write {{{need.word}: [...]}}"
        )
    check = {"paths": _path, "devices": _device, "groups": _group}
    return tuple(check[need.takes](item) for item in argument)


def _path(path: str) -> str:
    """Return a path for ReadWritePaths=, with specifiers escaped."""
    parts = path.split("/")
    if not _PATH.fullmatch(path) or ".." in parts or "." in parts:
        raise SandboxError(
            f"need 'write': {path!r} must be an absolute path without "
            "'..', white space, quotes and backslashes"
        )
    if not path.strip("/"):
        raise SandboxError(
            f"need 'write': {path!r} is the whole system: name the "
            "directories the application writes to"
        )
    return path.replace("%", "%%")


def _device(device: str) -> str:
    """Return a device for DeviceAllow=, with its access."""
    if not _DEVICE.fullmatch(device) or ".." in device.split("/"):
        raise SandboxError(
            f"need 'devices': {device!r} must be a path below /dev or a "
            "class such as char-rtc, with access r, w or m after a blank "
            "(default rw)"
        )
    return device if " " in device else f"{device} rw"


def _group(group: str) -> str:
    """Return a group for SupplementaryGroups=."""
    if not _GROUP.fullmatch(group):
        raise SandboxError(
            f"need 'groups': {group!r} is not the name of a group: letters, "
            "digits, '_', '-' and '.', 31 at most"
        )
    return group


def _check_beside(named: Iterable[_Named], words: Collection[str]) -> None:
    """Refuse a need that does nothing without another one."""
    for entry in named:
        beside = entry.need.beside
        if beside and not set(beside) & set(words):
            raise SandboxError(
                f"need {entry.need.word!r} does nothing by itself: add "
                f"{_either(beside)}"
            )


def _check_paths(named: Iterable[_Named], words: Collection[str]) -> None:
    """Refuse paths which stay shut because of another directive.

    ReadWritePaths= below a directory that ProtectHome= hides is dropped
    without a message (drop_inaccessible in src/core/namespace.c).
    """
    for entry in named:
        if entry.need.takes != "paths":
            continue
        for path in entry.argument:
            for tree, word in _SHUT_TREES:
                inside = f"{path.rstrip('/')}/".startswith(f"{tree}/")
                if inside and word not in words:
                    raise SandboxError(
                        f"need 'write': {path!r} stays shut, as all of "
                        f"{tree}: add the need {word!r}"
                    )


def _compose(named: Sequence[_Named], version: int) -> _Draft:
    """Work the needs into the strict sandbox.

    Values are set first and lifted last: the need that opens more wins,
    as `network` over `localhost`.
    """
    draft = _Draft()
    for _comment, rows in _STRICT:
        for row in rows:
            draft.values[row.option] = [] if row.value is None else [row.value]
    for entry in named:
        for option, value in (*entry.need.sets, *_given(entry)):
            _assign(draft, option, value)
            draft.opened(option, entry.need.word)
    _join(draft, named, "CapabilityBoundingSet", "capabilities")
    _join(draft, named, "CapabilityBoundingSet", "bounding")
    _join(draft, named, "AmbientCapabilities", "capabilities")
    _join(draft, named, "RestrictAddressFamilies", "families")
    _filter_calls(draft, named, version)
    for entry in named:
        for option in entry.need.lifts:
            draft.values[option] = []
            draft.opened(option, entry.need.word)
    return draft


def _given(entry: _Named) -> Iterable[needs.Assignment]:
    """Return the directives for the value of a need."""
    takes = entry.need.takes
    if takes == "access":
        return (
            (
                "ProtectHome",
                {"read": "read-only", "write": "no"}[entry.argument[0]],
            ),
        )
    option = {
        "paths": "ReadWritePaths",
        "devices": "DeviceAllow",
        "groups": "SupplementaryGroups",
    }.get(takes, "")
    return tuple((option, value) for value in entry.argument)


def _assign(draft: _Draft, option: str, value: str) -> None:
    """Set a directive's value, or add to it where values add up."""
    if option not in _LISTS:
        draft.values[option] = [value]
    elif value not in draft.values[option]:
        draft.values[option].append(value)


def _join(
    draft: _Draft, named: Sequence[_Named], option: str, attribute: str
) -> None:
    """Add the words that needs bring to a directive's one value."""
    words = draft.values[option][0].split()
    for entry in named:
        added: tuple[str, ...] = getattr(entry.need, attribute)
        words.extend(word for word in added if word not in words)
        if added:
            draft.opened(option, entry.need.word)
    draft.values[option] = [" ".join(words)]


def _filter_calls(
    draft: _Draft, named: Sequence[_Named], version: int
) -> None:
    """Compose the lines of SystemCallFilter=.

    The first line makes it an allow list, a line with `~` takes calls
    away from it, and the last line allows some of these again:
    systemd.exec(5), SystemCallFilter=.
    """
    denied = list(_DENIED_CALLS)
    if version >= _IO_URING_SINCE:
        denied.extend(needs.IO_URING)
    allowed: list[str] = []
    for entry in named:
        denied = [c for c in denied if c not in entry.need.permits]
        allowed.extend(c for c in entry.need.calls if c not in allowed)
        if entry.need.permits or entry.need.calls:
            draft.opened("SystemCallFilter", entry.need.word)
    lines = draft.values["SystemCallFilter"]
    lines.append("~" + " ".join(denied))
    if allowed:
        lines.append(" ".join(allowed))


def _why_left_out(
    row: _Row, target: targets.Target, unenforced: Collection[str]
) -> tuple[str, str]:
    """Return why a directive is left out; empty if it is not.

    Returns:
        The reason, and the kind of `Weakness` if that is the reason.
    """
    directive = table.find("Service", row.option)
    if directive and not directive.is_in(target):
        return f"systemd {target.version} does not have it", ""
    feature = _FEATURES.get(row.kind, "")
    if feature and not target.has_feature(feature):
        return f"systemd is built with -{feature}", ""
    if row.kind in unenforced:
        return "this host does not enforce it", row.kind
    return "", ""


def _leave_out(
    draft: _Draft, target: targets.Target, unenforced: Collection[str]
) -> list[Notice]:
    """Take out directives that are not enforced, each with a notice.

    Args:
        draft: The sandbox, changed in place.
        target: The systemd that will enforce it.
        unenforced: The kinds of `Weakness` that the host has.
    """
    notices = []
    for _comment, rows in _STRICT:
        for row in rows:
            reason, kind = _why_left_out(row, target, unenforced)
            if not reason or not draft.values[row.option]:
                continue
            draft.values[row.option] = []
            if row.loss:
                text = f"{row.option}= is left out, {reason}: {row.loss}."
                notices.append(Notice(row.option, text, kind))
    return notices


def _warn_of_groups(draft: _Draft) -> list[Notice]:
    """Warn of groups which are as good as root."""
    return [
        Notice(
            "SupplementaryGroups",
            f"Group {group!r} makes its members as good as root: the "
            "sandbox does not protect the host then.",
        )
        for group in draft.values["SupplementaryGroups"]
        if group in _ROOT_GROUPS
    ]


def _groups(draft: _Draft) -> Iterable[Group]:
    """Return the groups that have directives left, with comments."""
    for comment, rows in _STRICT:
        options = tuple(
            (row.option, value)
            for row in rows
            for value in draft.values[row.option]
        )
        openers = dict.fromkeys(
            word for row in rows for word in draft.openers.get(row.option, ())
        )
        suffix = f" (but for: {', '.join(openers)})" if openers else ""
        if options:
            yield Group(comment + suffix, options)


def _either(words: Iterable[str]) -> str:
    """Join words for a message: a, b or c."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
