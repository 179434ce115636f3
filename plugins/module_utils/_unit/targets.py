# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target of a unit file: a systemd version, variant and build."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

OLDEST = 239
NEWEST = 262
# A variant is a distribution's tree whose backports make it a language
# of its own; each one has the version it started from.
VARIANTS = {"el8": 239, "el9": 252}

# The text that may follow the number: a release (``257.13``), the
# revision of a package (``252-51.el9``), a candidate (``257~rc1``,
# ``257-rc1``), or a word in brackets.
_SHAPE = re.compile(
    r"(?:systemd\s+)?v?(\d+)(?:-(el\d+))?(?:\Z|[.~+(\s]|-\d|-rc)", re.I
)


class TargetError(ValueError):
    """The text is not a systemd version that the table knows."""


@dataclass(frozen=True)
class Target:
    """One systemd: its parser's version and the features of its build.

    Attributes:
        version: The major version, such as 252.
        variant: ``el8``, ``el9`` or empty for upstream and the
            distributions which stay close to it.
        features: The build's feature line, word by word, as
            ``systemctl show -p Features`` prints it (``+SECCOMP``,
            ``-BPF_FRAMEWORK``). Empty means unknown.
    """

    version: int
    variant: str = ""
    features: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str | int, features: Iterable[str] = ()) -> Target:
        """Read a target such as ``257``, ``"252-el9"`` or ``"257.13"``.

        ``v257`` and ``systemd 257``, as systemctl prints it, will do.
        Distributions print versions such as ``252.39-1~deb12u1`` or
        ``239 (239-82.el8_10)``: the first number is the version, and
        an ``.el8`` or ``.el9`` further on is the variant.

        Raises:
            TargetError: No version, one below 239, or a variant on a
                version that it never had.
        """
        words = str(text).strip()
        match = _SHAPE.match(words)
        if match is None or isinstance(text, bool):
            raise TargetError(
                f"{text!r} is not a version of systemd: write 257 or 252-el9"
            )
        version = int(match[1])
        variant = match[2] or ""
        if not variant:
            backported = re.search(r"\bel(\d+)", words)
            variant = f"el{backported[1]}" if backported else ""
        return cls(version, cls._known(version, variant), frozenset(features))

    @staticmethod
    def _known(version: int, variant: str) -> str:
        if version < OLDEST:
            raise TargetError(
                f"systemd {version} is too old: {OLDEST} is the oldest"
                " version whose directives are known"
            )
        base = VARIANTS.get(variant)
        if base == version:
            return variant
        if base is not None:
            raise TargetError(
                f"{version}-{variant} does not exist: {variant} is {base}"
            )
        # el10 and later are near enough to their upstream version.
        return ""

    def has_feature(self, name: str) -> bool:
        """Tell whether the build has a feature; unknown counts as yes.

        Args:
            name: A word of the feature line without its sign, such as
                ``BPF_FRAMEWORK``.
        """
        return f"-{name}" not in self.features

    def __str__(self) -> str:
        return f"{self.version}-{self.variant}".rstrip("-")
