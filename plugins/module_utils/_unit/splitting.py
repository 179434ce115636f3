# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a value, split and unquoted as systemd does it.

The rules are those of systemd.syntax(7), "Quoting", and of upstream's
src/basic/extract-word.c and src/basic/escape.c, in plain Python.
"""

from __future__ import annotations

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

    Attributes:
        rest: The text that is not taken yet; None at its end.
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
        self.rest: str | None = value
        self.is_lenient = False
        self._separators = separators
        self._unquote = unquote
        self._unescape = unescape
        self._unescape_separators = unescape_separators
        self._keep_escapes = keep_escapes
        self._coalesce = coalesce

    def take(self) -> str | None:
        """Return the next word, or None when there is none left.

        Raises:
            WordError: An unbalanced quote or an unknown escape.
        """
        if self.rest is None:
            return None
        text, index = self.rest, 0
        if self._coalesce:
            text = text.lstrip(self._separators)
            if not text:
                self.rest = None
                return None
        elif not text:
            self.rest = None
            return ""
        word, index = self._scan(text)
        self.rest = self._after(text, index)
        return word

    def _after(self, text: str, index: int) -> str | None:
        if index >= len(text):
            return None
        if self._coalesce:
            return text[index:].lstrip(self._separators) or None
        return text[index + 1 :]

    def _scan(self, text: str) -> tuple[str, int]:
        word: list[str] = []
        quote = ""
        index = 0
        while index < len(text):
            char = text[index]
            if char == "\\" and not self._keep_escapes:
                piece, index = self._escape(text, index + 1)
                word.append(piece)
                continue
            if quote:
                if char == quote:
                    quote = ""
                else:
                    word.append(char)
            elif char in self._separators:
                break
            elif self._unquote and char in "'\"":
                quote = char
            else:
                word.append(char)
            index += 1
        if quote:
            raise WordError(f"unbalanced {quote} in: {text}")
        return "".join(word), index

    def _escape(self, text: str, index: int) -> tuple[str, int]:
        if index >= len(text):
            if self.is_lenient:
                return "\\", index
            raise WordError(f"trailing backslash in: {text}")
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
