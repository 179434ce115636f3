# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed fields: the small language in which the contract is written.

Ansible's argument specs cannot check inside a dict of dicts, and their
``str`` accepts null, 123 and lists. A `Field` knows one exact type and
its rule, and words each refusal so that it names the variable, the
value, the rule and the remedy.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "list": (list, tuple),
    "dict": (Mapping,),
}
_WORDS = {
    "str": "a string",
    "bool": "a boolean (true or false)",
    "int": "an integer",
    "float": "a number",
    "list": "a list",
    "dict": "a mapping",
}


# MAX_ARG_STRLEN of execve(2): no argument and no variable of a process
# may be longer, its NUL byte included.
LONGEST = 131071
# All readers of JSON agree on numbers below this one, and systemd does
# not know a greater one.
_GREATEST = 1 << 64
_DEEPEST = 50
_SHOWN = 200


@dataclass(frozen=True)
class Field:
    """One value of the contract.

    Attributes:
        kind: Name of the exact type: str, bool, int, float, list, dict.
        about: The meaning of the value; shown in the argument specs.
        default: Value used when it is left out.
        required: Whether leaving it out is an error.
        choices: The only strings allowed, if any.
        pattern: Regular expression that a string must match in full.
        rule: The pattern in words.
        explain: Words the refusal of a value, without the value, better
            than the rule does; empty for most values.
        minimum: Smallest number allowed.
        maximum: Largest number allowed.
        longest: Most bytes of a string.
        elements: The field of every list item or mapping value.
        keys: The field of every mapping key, where keys are free.
        options: The closed set of a mapping's keys.
        alternatives: Other fields that are accepted as well.
        secret: Whether the value must never be shown.
        not_yet: Whether this version refuses the option as planned.
    """

    kind: str
    about: str = ""
    default: object = None
    required: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = ""
    rule: str = ""
    explain: Callable[[str], str] | None = None
    minimum: float | None = None
    maximum: float | None = None
    longest: int = LONGEST
    elements: Field | None = None
    keys: Field | None = None
    options: Mapping[str, Field] = field(default_factory=dict)
    alternatives: tuple[Field, ...] = ()
    secret: bool = False
    not_yet: bool = False


def check_data(value: object, path: str, depth: int = 0) -> Iterator[str]:
    """Yield one message for each part that cannot travel to a host.

    Call this before `check`, which puts values into its messages:
    Python refuses to write a number of thousands of digits.

    Args:
        value: The value as the user wrote it, templated.
        path: The variable's name as the user wrote it, with dots.
        depth: The number of mappings and lists around the value.

    Yields:
        Messages that name the variable and the remedy, not the value.
    """
    if depth > _DEEPEST:
        yield f"{path}: is nested more than {_DEEPEST} levels deep"
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _check_key(name, path)
            yield from check_data(item, _joined(path, name), depth + 1)
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from check_data(item, f"{path}[{number}]", depth + 1)
    else:
        yield from _check_scalar(value, path)


def check(spec: Field, value: object, path: str) -> Iterator[str]:
    """Yield one message for each rule that a value breaks.

    Args:
        spec: The field that describes the value.
        value: Plain data, as JSON has it.
        path: The variable's name as the user wrote it, with dots.

    Yields:
        Messages that name the variable, the value and the remedy.
    """
    if spec.not_yet:
        yield f"{path}: not supported yet by this version; remove it"
        return
    if spec.alternatives and not _has_kind(spec.kind, value):
        yield from _check_alternatives(spec, value, path)
        return
    if not _has_kind(spec.kind, value):
        yield _wrong_kind(spec, value, path)
        return
    if spec.kind == "str":
        yield from _check_string(spec, str(value), path)
    elif isinstance(value, (int, float)) and spec.kind in ("int", "float"):
        yield from _check_number(spec, value, path)
    elif isinstance(value, (list, tuple)):
        yield from _check_list(spec, value, path)
    elif isinstance(value, Mapping):
        yield from _check_mapping(spec, value, path)


def with_defaults(spec: Field, value: object) -> object:
    """Fill in the defaults of a checked value, at every depth.

    Args:
        spec: The field that describes the value.
        value: A value for which `check` yields nothing.

    Returns:
        The same data with every option present that has a default.
    """
    if isinstance(value, Mapping):
        return _mapping_with_defaults(spec, value)
    if isinstance(value, (list, tuple)) and spec.elements:
        return [with_defaults(spec.elements, item) for item in value]
    return value


def _mapping_with_defaults(
    spec: Field, value: Mapping[Any, object]
) -> Mapping[Any, object]:
    if spec.options:
        filled = {
            name: with_defaults(option, value.get(name, option.default))
            for name, option in spec.options.items()
            if not option.not_yet
        }
        return {k: v for k, v in filled.items() if v is not None}
    if spec.elements:
        return {k: with_defaults(spec.elements, v) for k, v in value.items()}
    return value


def shown(value: object) -> str:
    """Return a value for a message, cut off if it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def suggest(name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    """Suggest a known name for a misspelt one.

    Args:
        name: The name as the user wrote it.
        known: The names that would be right.

    Returns:
        Text to append to a message, empty if nothing is near.
    """
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f"; did you mean {near[0]!r}?" if near else ""


def _joined(path: str, name: object) -> str:
    separator = "" if path.endswith(("_", ".")) else "."
    return f"{path}{separator}{_brief(name)}"


def _brief(name: object) -> str:
    """Return a key of any type as text for a message."""
    text = name if isinstance(name, str) else f"({_kind_of(name)})"
    return text.encode("utf-8", "backslashreplace").decode()[:80]


def _check_key(name: object, path: str) -> Iterator[str]:
    place = path.rstrip("_.")
    if not isinstance(name, str):
        yield (
            f"{place}: a key is {_kind_of(name)}, a string is wanted; put "
            "the key in quotes"
        )
    elif _is_no_unicode(name):
        yield f"{place}: the key {_brief(name)!r} is not valid Unicode"


def _check_scalar(value: object, path: str) -> Iterator[str]:
    if isinstance(value, str):
        if _is_no_unicode(value):
            yield f"{path}: is not valid Unicode: it holds a lone surrogate"
    elif isinstance(value, int):
        if not -_GREATEST < value < _GREATEST:
            yield f"{path}: is a number of more than 64 bits"
    elif not isinstance(value, (float, type(None))):
        yield (
            f"{path}: is {_kind_of(value)}, which no option takes; if text "
            "is meant, put it in quotes"
        )


def _is_no_unicode(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _has_kind(kind: str, value: object) -> bool:
    if isinstance(value, bool):
        # bool is a subclass of int, but `no` is never a number here.
        return kind == "bool"
    return isinstance(value, _KINDS[kind])


def _shown(spec: Field, value: object) -> str:
    return "the value" if spec.secret else shown(value)


def _wrong_kind(spec: Field, value: object, path: str) -> str:
    wanted = _WORDS[spec.kind]
    if value is None:
        return f"{path}: is empty (null); {wanted} is wanted"
    text = (
        f"{path}: {_shown(spec, value)} is {_kind_of(value)}, "
        f"{wanted} is wanted"
    )
    if spec.kind == "str":
        return (
            f"{text}; put the value in quotes, for YAML reads an "
            "unquoted no, 1.10, 0644, 12:30:45 or date as something else"
        )
    if isinstance(value, str) and spec.kind in ("bool", "int", "float"):
        return f"{text}; remove the quotes (with -e, pass JSON)"
    return text


def _kind_of(value: object) -> str:
    if isinstance(value, (datetime.date, datetime.datetime)):
        return "a date"
    for kind, words in _WORDS.items():
        if _has_kind(kind, value):
            return words
    return f"of type {type(value).__name__}"


def _check_alternatives(
    spec: Field, value: object, path: str
) -> Iterator[str]:
    for other in spec.alternatives:
        if _has_kind(other.kind, value):
            yield from check(other, value, path)
            return
    kinds = [_WORDS[spec.kind]]
    kinds += [_WORDS[other.kind] for other in spec.alternatives]
    shown = "null" if value is None else _kind_of(value)
    yield f"{path}: is {shown}; {' or '.join(kinds)} is wanted"


def _check_string(spec: Field, value: str, path: str) -> Iterator[str]:
    if len(value.encode()) > spec.longest:
        # The length comes first: a pattern takes long on a long text.
        yield f"{path}: is longer than {spec.longest} bytes"
        return
    if spec.choices and value not in spec.choices:
        listed = ", ".join(spec.choices)
        yield (
            f"{path}: {_shown(spec, value)} is not one of {listed}"
            f"{suggest(value, spec.choices)}"
        )
    if spec.pattern and not re.fullmatch(spec.pattern, value):
        said = spec.explain(value) if spec.explain else ""
        yield f"{path}: {said or f'{_shown(spec, value)} is not {spec.rule}'}"


def _check_number(spec: Field, value: float, path: str) -> Iterator[str]:
    # `not (a <= b)` so that NaN, which compares false, is refused too.
    if spec.minimum is not None and not value >= spec.minimum:
        yield f"{path}: {value!r} is below the minimum {spec.minimum:g}"
    if spec.maximum is not None and not value <= spec.maximum:
        yield f"{path}: {value!r} is above the maximum {spec.maximum:g}"


def _check_list(
    spec: Field, value: Sequence[object], path: str
) -> Iterator[str]:
    if spec.required and not value:
        yield f"{path}: is empty; at least one item is wanted"
    for number, item in enumerate(value):
        if spec.elements:
            yield from check(spec.elements, item, f"{path}[{number}]")


def _check_mapping(
    spec: Field, value: Mapping[Any, object], path: str
) -> Iterator[str]:
    for name, item in value.items():
        if spec.keys:
            yield from check(spec.keys, name, f"{path} key {name!r}")
        if spec.elements:
            yield from check(spec.elements, item, f"{path}.{name}")
    if not spec.options:
        return
    yield from check_options(spec.options, value, f"{path}.")


def check_options(
    options: Mapping[str, Field],
    value: Mapping[Any, object],
    prefix: str,
) -> Iterator[str]:
    """Check a mapping whose keys are closed.

    Args:
        options: The keys that exist.
        value: The mapping to check.
        prefix: The text before a key in messages: ``a.`` or ``a_``.

    Yields:
        Messages, as `check` does.
    """
    for name, item in value.items():
        if not isinstance(name, str) or name not in options:
            yield _unknown(options, str(name), prefix)
        else:
            yield from check(options[name], item, f"{prefix}{name}")
    for name, option in options.items():
        if option.required and name not in value:
            yield f"{prefix}{name}: is missing; {option.about}"


def _unknown(options: Mapping[str, Field], name: str, prefix: str) -> str:
    # A role's variable is one word: suggest it as it is written.
    lead = prefix if prefix.endswith("_") else ""
    known = sorted(
        lead + key for key, option in options.items() if not option.not_yet
    )
    hint = suggest(lead + name, known) or f" (known: {', '.join(known)})"
    return f"{prefix}{name}: unknown{hint}"
