# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a value, split and unquoted as systemd does it.

The rules are those of systemd.syntax(7), "Quoting", and of upstream's
src/basic/extract-word.c and src/basic/escape.c, in plain Python.
"""

from __future__ import annotations

import re
from functools import cache

WHITESPACE = " \t\n\r"

_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "'": "'",
    "s": " ",
}
_HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}


class WordError(ValueError):
    """A value cannot be split: a quote or an escape is incomplete."""


def _code_of(text: str, start: int) -> tuple[int, int]:
    """Return the number in a numeric escape, and the index after it."""
    if text[start] in _HEX_LENGTHS:
        begin, base, valid = start + 1, 16, "0123456789abcdefABCDEF"
        end = begin + _HEX_LENGTHS[text[start]]
    else:
        begin, base, valid = start, 8, "01234567"
        end = begin + 3
    digits = text[begin:end]
    is_complete = len(digits) == end - begin
    if not is_complete or any(char not in valid for char in digits):
        raise WordError(f"unknown escape sequence \\{text[start:end]}")
    return int(digits, base), end


def unescape_one(text: str, start: int) -> tuple[str, int]:
    r"""Decode the escape whose first character after ``\`` is at start.

    Returns:
        The character, and the index after the escape. A byte above
        127 is returned as a surrogate escape, as it need not be UTF-8.

    Raises:
        WordError: systemd knows no such escape (systemd.syntax(7),
            table "Supported escapes").
    """
    first = text[start]
    if first in _SIMPLE:
        return _SIMPLE[first], start + 1
    code, end = _code_of(text, start)
    is_byte = first not in "uU"
    is_none = not is_byte and 0xD800 <= code <= 0xDFFF
    # Upstream checks these behind \U alone.
    if first == "U":
        is_none |= _is_left_out(code)
    if code == 0 or is_none or code > (0xFF if is_byte else 0x10FFFF):
        raise WordError(f"escape \\{text[start:end]} is not a character")
    if is_byte and code > 127:
        return chr(0xDC00 + code), end
    return chr(code), end


class Splitter:
    """Takes one word after the other from a value.

    A word costs as much time as it is long, however much text is behind
    it: the splitter keeps its place in the value, and copies no rest.

    Attributes:
        text: The whole value.
        place: The index of the first character that is not taken yet.
        is_lenient: Whether an unknown escape stays as it is spelt
            (EXTRACT_CUNESCAPE_RELAX).
    """

    def __init__(
        self,
        value: str,
        *,
        separators: str = WHITESPACE,
        unquote: bool = False,
        unescape: bool = False,
        unescape_separators: bool = False,
        keep_escapes: bool = False,
        coalesce: bool = True,
    ) -> None:
        self.text = value
        self.place = 0
        self.is_lenient = False
        self._is_done = False
        self._separators = separators
        self._unescape = unescape
        self._unescape_separators = unescape_separators
        self._coalesce = coalesce
        self._escapes = "" if keep_escapes else "\\"
        quotes = "'\"" if unquote else ""
        self._plain = _run_without(separators + self._escapes + quotes)
        self._gap = _run_of(separators)

    @property
    def rest(self) -> str | None:
        """The text that is not taken yet; None at its end."""
        return None if self._is_done else self.text[self.place :]

    @property
    def has_rest(self) -> bool:
        """Whether any text is not taken yet."""
        return not self._is_done and self.place < len(self.text)

    def take(self) -> str | None:
        """Return the next word, or None when there is none left.

        Raises:
            WordError: An unbalanced quote or an unknown escape.
        """
        if self._is_done:
            return None
        if self._coalesce and not self.skip(0):
            return None
        word, index = self._scan(self.place)
        if self._coalesce:
            self.skip(index - self.place)
        elif index < len(self.text):
            self.place = index + 1
        else:
            self._is_done = True
        return word

    def back_to(self, place: int) -> None:
        """Go back to the begin of a word, to take it once more."""
        self.place, self._is_done = place, False

    def skip(self, count: int) -> bool:
        """Go past some characters, and the separators behind them.

        Returns:
            Whether any text is not taken yet.
        """
        begin = self.place + count
        gap = self._gap.match(self.text, begin)
        self.place = gap.end() if gap else begin
        self._is_done = self.place >= len(self.text)
        return not self._is_done

    def _scan(self, start: int) -> tuple[str, int]:
        """Return the word at an index, and the index behind it."""
        text, index = self.text, start
        word: list[str] = []
        quote, run = "", self._plain
        while index < len(text):
            plain = run.match(text, index)
            if plain:
                word.append(plain[0])
                index = plain.end()
                continue
            char = text[index]
            if char == self._escapes:
                piece, index = self._escape(start, index + 1)
                word.append(piece)
                continue
            if not quote and char in self._separators:
                break
            # Only a quote is left: the first one, or its like.
            quote = "" if quote else char
            run = _run_without(quote + self._escapes) if quote else self._plain
            index += 1
        if quote:
            raise WordError(f"unbalanced {quote} in: {text[start:]}")
        return "".join(word), index

    def _escape(self, start: int, index: int) -> tuple[str, int]:
        text = self.text
        if index >= len(text):
            if self.is_lenient:
                return "\\", index
            raise WordError(f"trailing backslash in: {text[start:]}")
        # Both flags together: EXTRACT_UNESCAPE_SEPARATORS.
        is_kept = self._unescape_separators and text[index] in self._separators
        if not self._unescape or is_kept:
            return text[index], index + 1
        try:
            return unescape_one(text, index)
        except WordError:
            if self.is_lenient:
                return f"\\{text[index]}", index + 1
            raise


@cache
def _run_without(chars: str) -> re.Pattern[str]:
    """Return the pattern of a text without any of some characters."""
    return re.compile(f"[^{re.escape(chars)}]+" if chars else "(?s:.+)")


@cache
def _run_of(chars: str) -> re.Pattern[str]:
    """Return the pattern of a text of some characters, or of nothing."""
    return re.compile(f"[{re.escape(chars)}]*" if chars else "")


def split_words(value: str, *, unescape: bool = False) -> list[str]:
    """Split a value at white space and remove its quotes.

    Args:
        value: The text behind the ``=``.
        unescape: Whether C escapes are decoded, as in Environment= and
            ExecStart=; elsewhere a backslash protects one character.

    Raises:
        WordError: An unbalanced quote or an unknown escape.
    """
    return take_all(Splitter(value, unquote=True, unescape=unescape))


def take_all(splitter: Splitter) -> list[str]:
    """Take every word that is left.

    Raises:
        WordError: An unbalanced quote or an unknown escape.
    """
    words = []
    while (word := splitter.take()) is not None:
        words.append(word)
    return words


def is_utf8(text: str) -> bool:
    """Tell whether a text with bytes as surrogates is UTF-8.

    systemd takes no noncharacter of Unicode (unichar_is_valid()).
    """
    if text.isascii():
        return True
    try:
        plain = text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return False
    return not any(_is_left_out(ord(char)) for char in plain)


def _is_left_out(code: int) -> bool:
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
