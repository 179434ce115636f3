# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exec lines (systemd.service(5), "Command lines").

The steps are those of config_parse_exec() in
src/core/load-fragment.c. Remarks tell where a line seems to be written
for a shell, since systemd passes such words to the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    splitting,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    specifiers,
)

_SHELL_PREFIX_SINCE = 258
# string_is_safe() of 262 refuses globs in a path, that of 257 does not.
_NO_GLOBS_SINCE = 258
# 262 reports the prefix "!!", 257 does not.
_NO_BANGS_SINCE = 258
_SHELL_WORD = re.compile(
    r"(?:[0-9&]?>{1,2}(?:&[0-9-])?|<{1,3}|&&\S*|\|\|\S*|\||&"
    r"|[0-9&]?>{1,2}[^\s=]\S*)"
    r"(?=[ \t]|\Z)"
)
# Two commands without a blank before the ";".
_SEQUENCE = re.compile(r"[^\s\"'\\;]+;[ \t]+/")
# No path has these, and a shell reads them wherever they stand.
_SHELL_PATH = re.compile(r"[;<>|`]|&&|\A\(")
# Words that a shell runs itself, and what systemd has in their place.
# Programs may have the names of others, such as test and echo.
_SHELL_ITSELF = {
    **dict.fromkeys(("source",), "write EnvironmentFile="),
    **dict.fromkeys(("cd", "pushd"), "write WorkingDirectory="),
    **dict.fromkeys(
        ("declare", "export", "local", "readonly", "typeset"),
        "write Environment=",
    ),
    "umask": "write UMask=",
    "ulimit": "write LimitNOFILE= or another Limit",
    "exec": "leave the word out",
    **dict.fromkeys(
        (
            "[[", "{", "alias", "builtin", "case", "eval", "for",
            "function", "if", "popd", "set", "shift", "shopt", "trap",
            "unalias", "unset", "until", "wait", "while",
        ),
        "",
    ),
}  # fmt: skip
_SHELL = "run a shell: /bin/sh -c '...'"
_VARIABLE = re.compile(r"[A-Za-z_]\w*=")
_SUBSTITUTION = re.compile(r"\$\(|`|\$\{[A-Za-z_]\w*:?[-=?#%/]")
# systemd itself expands `${NAME:-word}` and `${NAME:+word}` in Exec
# lines since 232.
_OWN_EXPANSION = re.compile(r"\$\{[A-Za-z_]\w*:[-+]")
# More than a message shows of a text: a line may have many comments.
_REMARKED = 200


def check_exec(value: str, context: contexts.Context) -> None:
    """Check an Exec line (systemd.service(5), ExecStart=).

    Raises:
        BadValueError: systemd would refuse the unit or drop the line.
    """
    splitter = splitting.Splitter(value, unquote=True, unescape=True)
    # With the prefix "-", even a wrong line does no harm to the unit.
    context.is_fatal = True
    try:
        first = _take(splitter, context)
        while first is not None:
            if first != ";":
                prefixes = _check_path(first, context)
                has_arguments = _check_arguments(splitter, context)
                if "@" in prefixes and not has_arguments:
                    raise contexts.BadValueError(
                        "the prefix '@' needs a word behind the path: the"
                        " program's argv[0]"
                    )
            first = _take(splitter, context)
    except splitting.WordError as error:
        raise contexts.BadValueError(str(error)) from error


def _take(
    splitter: splitting.Splitter, context: contexts.Context | None = None
) -> str | None:
    """Take a word as extract_first_word_and_warn() does.

    A word with an unknown escape is taken once more, and such an escape
    then stays as it is spelt.

    Raises:
        WordError: A quote is not closed.
    """
    start = splitter.place
    try:
        return splitter.take()
    except splitting.WordError as error:
        splitter.back_to(start)
        splitter.is_lenient = True
        try:
            word = splitter.take()
        finally:
            splitter.is_lenient = False
        if context is not None:
            context.remark(
                "unknown-escape",
                f"has a backslash that systemd passes to the program as it is"
                f" ({error}); double the backslash if the program needs it,"
                " or remove it",
            )
        return word


def _check_path(word: str, context: contexts.Context) -> str:
    """Check the command's path and return its prefixes."""
    prefixes, path = _cut_prefixes(word)
    context.is_fatal = "-" not in prefixes
    _check_prefixes(prefixes, context)
    expanded = specifiers.expand(path, context)
    if "|" in prefixes:
        # The shell reads the rest of the line.
        return prefixes
    if not expanded:
        raise contexts.BadValueError(
            "has no command behind its prefix; write the command's path"
        )
    _check_characters(path, expanded, context)
    ends = ("/", "/.") if context.target.version >= 256 else ("/",)
    if expanded.endswith(ends):
        raise contexts.BadValueError(
            f"{path!r} is a directory; write the path of a program"
        )
    _note_no_program(path, context)
    _check_place(path, expanded, context)
    return prefixes


def _check_prefixes(prefixes: str, context: contexts.Context) -> None:
    """Check which prefixes this version of systemd knows."""
    if "|" in prefixes and context.target.version < _SHELL_PREFIX_SINCE:
        raise contexts.BadValueError(
            "the prefix '|' (run by a shell) needs systemd"
            f" {_SHELL_PREFIX_SINCE} or later; start the shell by its path",
            since=_SHELL_PREFIX_SINCE,
        )
    if "!!" in prefixes and context.target.version >= _NO_BANGS_SINCE:
        context.remark(
            "exec-prefix-gone",
            "has the prefix '!!', which is ignored: every kernel has ambient"
            " capabilities today; remove the prefix",
        )


def _check_characters(
    path: str, expanded: str, context: contexts.Context
) -> None:
    """Check a command's path as string_is_safe() does."""
    unsafe = "'\"\\\x7f"
    if context.target.version >= _NO_GLOBS_SINCE:
        unsafe += "*?["
    if any(char < " " or char in unsafe for char in expanded):
        raise contexts.BadValueError(
            f"{path!r}: a command's path may have no quotes, backslashes,"
            " wildcards or control characters"
        )


def _check_place(path: str, expanded: str, context: contexts.Context) -> None:
    """Check that a command is an absolute path or a bare name."""
    is_relative = "/" in expanded and not expanded.startswith("/")
    is_known = not specifiers.may_begin_with_slash(path, context)
    if (is_relative and is_known) or expanded in (".", ".."):
        raise contexts.BadValueError(
            f"{path!r} is a relative path: write an absolute path without"
            " variables, or a bare name that systemd looks up in its own PATH"
        )
    if any(len(part) > 255 for part in expanded.split("/")):
        raise contexts.BadValueError(
            "has a path with a part of more than 255 characters"
        )


def _cut_prefixes(word: str) -> tuple[str, str]:
    """Split a command's special characters off, each at most once."""
    seen = ""
    index = 0
    for index, char in enumerate(word):
        is_new = char in "-@:|" and char not in seen
        is_privilege = char == "+" and not set(seen) & {"+", "!"}
        is_bang = char == "!" and "+" not in seen and seen.count("!") < 2
        if not (is_new or is_privilege or is_bang):
            return seen, word[index:]
        seen += char
    return seen, ""


def _take_arguments(
    splitter: splitting.Splitter, context: contexts.Context | None = None
) -> Iterator[tuple[int, str]]:
    """Yield the words up to a bare ``;``.

    Yields:
        The index in the line at which the word begins, and the word.
    """
    while splitter.has_rest:
        start = splitter.place
        if _is_separator(splitter, ";"):
            splitter.skip(1)
            return
        if _is_separator(splitter, "\\;"):
            splitter.skip(2)
            yield start, ";"
        else:
            yield start, _take(splitter, context) or ""


def _is_separator(splitter: splitting.Splitter, mark: str) -> bool:
    """Tell whether a word is a bare ``;`` or an escaped one.

    Upstream compares before it unquotes, so that a quoted semicolon is
    an argument (config_parse_exec() of src/core/load-fragment.c).
    """
    end = splitter.place + len(mark)
    after = splitter.text[end : end + 1]
    return splitter.text.startswith(mark, splitter.place) and (
        not after or after in splitting.WHITESPACE
    )


def _check_arguments(
    splitter: splitting.Splitter, context: contexts.Context
) -> bool:
    """Check the words behind the path; tell whether there are any."""
    has_any = False
    line = splitter.text
    for start, word in _take_arguments(splitter, context):
        if word == "#" and line[start] == "#":
            rest = line[start : start + _REMARKED]
            context.remark(
                "trailing-comment",
                f"gives {report.shorten(rest)!r} to the program as"
                " arguments; write the comment on a line of its own",
            )
        has_any = True
        _note_shell_syntax(line, start, context)
        specifiers.expand(word, context)
        # An author who quotes a word or doubles its dollars wants the
        # text as it is.
        if line[start] not in "'\"" and "$$" not in word:
            _note_substitution(word, context)
    return has_any


def _note_no_program(path: str, context: contexts.Context) -> None:
    """Remark shell syntax that systemd reads as a program's name."""
    remedy = ""
    if "$" in path:
        remedy = (
            "systemd expands no variable in a command's path, write the"
            " path out"
        )
    elif _VARIABLE.match(path):
        remedy = "set the variable in Environment="
    elif path.endswith(";"):
        remedy = "write a space before the ';' between two commands"
    elif path in _SHELL_ITSELF:
        own = _SHELL_ITSELF[path]
        remedy = f"a shell runs it itself; {own or _SHELL}"
        remedy += f", or {_SHELL}" if own else ""
    elif _SHELL_PATH.search(path):
        remedy = f"no shell reads this line; {_SHELL}"
    if remedy:
        context.remark(
            "exec-no-program",
            f"begins with {path!r}, which is not the name of a program, so"
            f" that the command fails when it is run: {remedy}",
        )


def _note_shell_syntax(
    line: str, start: int, context: contexts.Context
) -> None:
    match = _SHELL_WORD.match(line, start)
    sequence = _SEQUENCE.match(line, start)
    if sequence:
        context.remark(
            "shell-syntax",
            f"{sequence[0].split(maxsplit=1)[0]!r} ends in a ';', and"
            " systemd runs no second command; write a space before the ';',"
            " or quote the word if the program needs it",
        )
    if match:
        context.remark(
            "shell-syntax",
            f"has {match[0]!r}, syntax of a shell, but no shell runs this"
            f" line and the program gets it as an argument;"
            f" {_instead(match[0])},"
            " or quote the word if the program needs it",
        )


def _instead(word: str) -> str:
    """Return what systemd has in place of a word of a shell."""
    if "<" in word:
        return "write StandardInput=file:PATH"
    if ">" in word:
        return "write StandardOutput=append:PATH"
    if ("|" in word and "||" not in word) or word == "&":
        return "run a shell: /bin/sh -c '...'"
    return "write a second Exec line, or run a shell: /bin/sh -c '...'"


def _note_substitution(word: str, context: contexts.Context) -> None:
    is_meant_for_shell = bool(re.search(r"\s", word))
    if is_meant_for_shell or _OWN_EXPANSION.search(word):
        return
    if _SUBSTITUTION.search(word):
        context.remark(
            "shell-substitution",
            f"has {word!r}, which looks like a shell's substitution, but no"
            " shell runs this line; write the value out, or double the dollar"
            " if the program needs it",
        )


class ExecCommand(NamedTuple):
    """One command of an Exec line.

    Attributes:
        prefixes: The special characters before the path, such as ``-``.
        argv: The words without their quotes; specifiers and variables
            are not resolved.
    """

    prefixes: str
    argv: tuple[str, ...]


def split_exec(value: str) -> list[ExecCommand]:
    """Split an Exec line into its commands.

    Raises:
        WordError: A quote is not closed.
    """
    commands = []
    splitter = splitting.Splitter(value, unquote=True, unescape=True)
    while (first := _take(splitter)) is not None:
        if first == ";":
            continue
        prefixes, path = _cut_prefixes(first)
        argv = (path, *(word for _start, word in _take_arguments(splitter)))
        commands.append(ExecCommand(prefixes, argv))
    return commands
