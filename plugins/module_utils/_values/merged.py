# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one reading of a unit: the lines that count, and their values.

The checker, the rules across directives, the exposure and the read-back
of a loaded unit all ask here, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    splitting,
    syntax,
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    enums,
    exec_lines,
    merged_lists,
    registry,
    scalars,
)

# An empty one of these resets all of its kind: socket_free_ports(),
# timer_free_values() and path_free_specs() of src/core.
LISTEN = (
    "ListenStream", "ListenDatagram", "ListenSequentialPacket",
    "ListenFIFO", "ListenSpecial", "ListenNetlink", "ListenMessageQueue",
    "ListenUSBFunction",
)  # fmt: skip
TIMES = (
    "OnActiveSec", "OnBootSec", "OnStartupSec", "OnUnitActiveSec",
    "OnUnitInactiveSec", "OnCalendar",
)  # fmt: skip
PATHS = (
    "PathExists", "PathExistsGlob", "PathChanged", "PathModified",
    "DirectoryNotEmpty",
)  # fmt: skip
_RESET_TOGETHER = {
    name: group for group in (LISTEN, TIMES, PATHS) for name in group
}
# A later line of the first overrules earlier lines of the others.
_ASSIGNS_TOO = {
    "TimeoutSec": ("TimeoutStartSec", "TimeoutStopSec", "TimeoutAbortSec")
}

Read = TypeVar("Read")


class MergedUnit:
    """One unit's assignments, and which of them count in the end.

    Attributes:
        name: The unit file's name.
        section: The section of its type, such as ``Service``.
        target: The systemd that reads it.
        assigned: Every assignment that the target reads, in its order,
            empty ones too.
    """

    def __init__(self, name: str, target: targets.Target) -> None:
        self.name = name
        self.section = name.rpartition(".")[2].capitalize()
        self.target = target
        self.assigned: list[syntax.Assignment] = []
        self._counting: dict[tuple[str, str], list[syntax.Assignment]] = {}
        self._read_values: dict[tuple[str, str, str], bool] = {}

    @classmethod
    def of(
        cls,
        triples: Iterable[tuple[str, str, str]],
        target: targets.Target,
        name: str = "any.service",
    ) -> MergedUnit:
        """Return a unit of sections, directives and values alone."""
        unit = cls(name, target)
        for section, option, value in triples:
            unit.add(syntax.Assignment(section, option, value, 0, 0))
        return unit

    @classmethod
    def read(
        cls,
        name: str,
        documents: Mapping[str, syntax.Document],
        target: targets.Target,
    ) -> MergedUnit:
        """Return a unit file and its drop-ins.

        Args:
            name: The unit file's name.
            documents: {drop-in: document}, the unit file under "".
            target: The systemd that reads them.
        """
        unit = cls(name, target)
        for label, document in sorted(documents.items()):
            for item in document.assignments():
                unit.add(item._replace(file=label))
        return unit

    def add(self, item: syntax.Assignment) -> None:
        """Read one more assignment; drop-ins come after the unit."""
        directive = table.find(item.section, item.name)
        if directive is None or not directive.is_in(self.target):
            return
        self.assigned.append(item)
        key = (item.section, item.name)
        if item.value:
            self._counting.setdefault(key, []).append(item)
        elif directive.form(self.target).empty in ("reset", "value"):
            for name in _RESET_TOGETHER.get(item.name, (item.name,)):
                self._counting.pop((item.section, name), None)

    def all(self, section: str, name: str) -> list[syntax.Assignment]:
        """Return what counts of a directive, in order."""
        return self._counting.get((section, name), [])

    def last(self, section: str, name: str) -> syntax.Assignment | None:
        """Return the assignment that counts, or None.

        systemd passes over a value that it cannot read, which leaves
        the value before it.
        """
        for item in reversed(self.all(section, name)):
            if self._is_read(item):
                return item
        return None

    def _is_read(self, item: syntax.Assignment) -> bool:
        """Tell whether the target takes a value over.

        A list takes its good words over; a bad value of some types
        makes systemd refuse the unit, so that nothing else counts.
        """
        directive = table.find(item.section, item.name)
        form = directive and directive.form(self.target)
        if form is None or form.is_list or form.kind in registry.FATAL:
            return True
        key = (item.section, item.name, item.value)
        if key not in self._read_values:
            context = contexts.Context(
                self.target, self.name, item.section, item.name
            )
            try:
                registry.check_value(form.kind, item.value, context)
            except contexts.BadValueError:
                self._read_values[key] = False
            else:
                self._read_values[key] = True
        return self._read_values[key]

    def counting(self) -> Iterator[syntax.Assignment]:
        """Yield the assignment that counts of each directive."""
        overruled: dict[tuple[str, str], int] = {}
        for place, item in enumerate(self.assigned):
            for name in _ASSIGNS_TOO.get(item.name, ()):
                overruled[item.section, name] = place
        for place, item in enumerate(self.assigned):
            key = (item.section, item.name)
            is_last = item is self.last(*key)
            if is_last and overruled.get(key, -1) < place:
                yield item

    def values(self, section: str, name: str) -> list[str]:
        """Return the values of all lines in order, empty ones too."""
        return [
            item.value
            for item in self.assigned
            if (item.section, item.name) == (section, name)
        ]

    def value(self, section: str, name: str, default: str = "") -> str:
        """Return the value that counts, or a default."""
        item = self.last(section, name)
        return item.value if item else default

    def words(self, section: str, name: str) -> list[str]:
        """Return the words of all lines that count."""
        return [
            word
            for item in self.all(section, name)
            for word in item.value.split()
        ]

    def integer(self, section: str, name: str) -> int | None:
        """Return the number that counts; None if there is none."""
        return self._read(section, name, enums.parse_integer)

    def span(self, section: str, name: str) -> float | None:
        """Return the time span that counts in seconds, or None."""
        return self._read(section, name, scalars.parse_time_span)

    def mode(self, section: str, name: str) -> int | None:
        """Return the access mode that counts; None if there is none."""
        return self._read(section, name, scalars.parse_mode)

    def setting(self, section: str, name: str) -> bool | str | None:
        """Return what counts of a directive with a boolean or a word.

        Returns:
            A boolean or one of the directive's own words; None if
            nothing counts.
        """
        directive = table.find(section, name)
        if directive is None:
            return None
        kind = directive.form(self.target).kind
        for item in reversed(self.all(section, name)):
            found = enums.parse_setting(kind, item.value, self.target)
            if found is not None:
                return found
        return None

    def _read(
        self, section: str, name: str, parse: Callable[[str], Read | None]
    ) -> Read | None:
        """Return the last value that the target can read.

        It ignores others, which leaves the value before them.
        """
        for item in reversed(self.all(section, name)):
            found = parse(item.value)
            if found is not None:
                return found
        return None

    def is_on(self, section: str, name: str) -> bool:
        """Tell whether a directive counts as true, and not as a word."""
        return self.setting(section, name) is True

    def is_off(self, section: str, name: str) -> bool:
        """Tell whether a directive counts as false, and is not unset."""
        return self.setting(section, name) is False

    def capabilities(self, section: str, name: str) -> int:
        """Return a set of capabilities, one bit for each."""
        is_bounding = name == "CapabilityBoundingSet"
        initial = merged_lists.ALL_CAPABILITIES if is_bounding else 0
        return merged_lists.capabilities(
            self.values(section, name), initial, self.target
        )

    def namespaces(self, section: str) -> frozenset[str] | None:
        """Return the namespaces that may be created; None for all."""
        return merged_lists.namespaces(
            self.values(section, "RestrictNamespaces"), self.target
        )

    def families(self, section: str) -> merged_lists.Filter:
        """Return the filter of address families."""
        return merged_lists.families(
            self.values(section, "RestrictAddressFamilies"), self.target
        )

    def architectures(self, section: str) -> frozenset[str]:
        """Return the architectures whose system calls are allowed."""
        return merged_lists.architectures(
            self.values(section, "SystemCallArchitectures"), self.target
        )


def service_type(unit: MergedUnit) -> str:
    """Return the type that systemd works with (service_add_extras())."""
    given = unit.value("Service", "Type")
    if given:
        return given
    if unit.last("Service", "BusName"):
        return "dbus"
    has_command = bool(commands(unit.all("Service", "ExecStart")))
    return "simple" if has_command else "oneshot"


def commands(
    items: Iterable[syntax.Assignment],
) -> list[exec_lines.ExecCommand]:
    """Return the commands of Exec lines."""
    found: list[exec_lines.ExecCommand] = []
    for item in items:
        try:
            found += exec_lines.split_exec(item.value)
        except splitting.WordError:
            # A finding of its own, by the value's type.
            continue
    return found


Found = Iterator[report.Finding]
Checks = tuple[Callable[[MergedUnit], Found], ...]
