# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of a sandbox, merged line by line as systemd merges them.

Each function takes the values of all lines of one directive in their
order, empty ones too, and follows the parser that it names
(src/core/load-fragment.c). A word that the parser skips is skipped
here; the value types have the findings about such words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    enums,
    lists,
)

# CAP_ALL: one bit for each capability that could ever be.
ALL_CAPABILITIES = (1 << 64) - 1
_KERNEL_CAPABILITIES = (1 << len(lists.capabilities())) - 1
# From this version on the complement of a set is one of the kernel's
# capabilities, before it is one of all 64 bits.
_KERNEL_COMPLEMENT_SINCE = 258
# Other names of a family: <sys/socket.h>.
_FAMILY_ALIASES = {
    "AF_LOCAL": "AF_UNIX",
    "AF_FILE": "AF_UNIX",
    "AF_ROUTE": "AF_NETLINK",
}
_NO_FAMILY_SINCE = 249
# From this version on an unknown family ends the reading of its line.
_UNKNOWN_FAMILY_ENDS_SINCE = 258


class Filter(NamedTuple):
    """A list that allows or denies.

    Attributes:
        names: The names on the list.
        is_allow: Whether it is an allow list.
    """

    names: frozenset[str]
    is_allow: bool

    def with_line(self, given: frozenset[str], *, is_inverted: bool) -> Filter:
        """Return the filter after one more line.

        Args:
            given: The names on the line.
            is_inverted: Whether a ``~`` begins it.
        """
        if is_inverted == self.is_allow:
            return self._replace(names=self.names - given)
        return self._replace(names=self.names | given)


# A list that denies nothing.
UNRESTRICTED = Filter(frozenset(), is_allow=False)


def words(value: str) -> Iterator[str]:
    """Yield unquoted words, up to a quote that is not closed."""
    splitter = splitting.Splitter(value, unquote=True)
    try:
        while (word := splitter.take()) is not None:
            yield word
    except splitting.WordError:
        return


def inverted(value: str) -> tuple[bool, str]:
    """Return whether a ``~`` begins a list, and what is behind it."""
    return value.startswith("~"), value[value.startswith("~") :]


def capability_bits(names: Iterable[str]) -> int:
    """Return capabilities as bits; unknown names have none.

    Numbers are taken too (capability_from_name() in upstream's
    capability-list.c).
    """
    bits = 0
    known = lists.capabilities()
    for name in names:
        number = enums.parse_integer(name)
        if number is not None and 0 <= number < 63:
            bits |= 1 << number
        elif name.upper() in known:
            bits |= 1 << known.index(name.upper())
    return bits


def capability_names(bits: int) -> list[str]:
    """Return the names of the kernel's capabilities among the bits."""
    known = enumerate(lists.capabilities())
    return [name for number, name in known if bits >> number & 1]


def capabilities(
    values: Iterable[str], initial: int, target: targets.Target
) -> int:
    """Merge as config_parse_capability_set() does.

    The first list replaces the default, and so does one without any
    known name: `~CAP_SYS_ADMN` alone is all capabilities.

    Args:
        values: The lines.
        initial: The default, one bit per capability.
        target: The systemd that reads them.
    """
    is_kernel = target.version >= _KERNEL_COMPLEMENT_SINCE
    everything = _KERNEL_CAPABILITIES if is_kernel else ALL_CAPABILITIES
    current = initial
    for value in values:
        is_inverted, rest = inverted(value)
        bits = capability_bits(words(rest))
        if not bits or current == initial:
            current = everything & ~bits if is_inverted else bits
        else:
            current = current & ~bits if is_inverted else current | bits
    return current


def namespaces(
    values: Iterable[str], target: targets.Target
) -> frozenset[str] | None:
    """Merge as config_parse_namespace_flags() does.

    Returns:
        The types that may be created; None for no restriction.
    """
    known = lists.namespaces(target)
    current: frozenset[str] | None = None
    for value in values:
        parsed = enums.parse_boolean(value)
        is_inverted, rest = inverted(value)
        kinds = frozenset(rest.split())
        if not value:
            current = None
        elif parsed is not None:
            current = frozenset() if parsed else known
        elif kinds - known:
            continue  # One unknown type, and all of the line is ignored.
        elif current is None:
            current = known - kinds if is_inverted else kinds
        else:
            current = current - kinds if is_inverted else current | kinds
    return current


def families(values: Iterable[str], target: targets.Target) -> Filter:
    """Merge as config_parse_address_families() does."""
    has_none = target.version >= _NO_FAMILY_SINCE
    current = UNRESTRICTED
    is_first = True
    for value in values:
        if not value or (value == "none" and has_none):
            current = Filter(frozenset(), is_allow=bool(value))
            is_first = True
            continue
        is_inverted, rest = inverted(value)
        if is_first:
            current = Filter(frozenset(), is_allow=not is_inverted)
            is_first = False
        given = frozenset(_families(rest, target))
        current = current.with_line(given, is_inverted=is_inverted)
    return current


def _families(text: str, target: targets.Target) -> Iterator[str]:
    known = lists.families(target)
    for word in words(text):
        family = _FAMILY_ALIASES.get(word.upper(), word.upper())
        if family in known:
            yield family
        elif target.version >= _UNKNOWN_FAMILY_ENDS_SINCE:
            return


def architectures(
    values: Iterable[str], target: targets.Target
) -> frozenset[str]:
    """Merge as config_parse_syscall_archs() does."""
    known = lists.architectures(target)
    current: frozenset[str] = frozenset()
    for value in values:
        added = known & set(words(value))
        current = current | added if value else frozenset()
    return current
