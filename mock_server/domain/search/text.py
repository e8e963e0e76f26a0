"""Texts as searches compare them: in which form, and which words they contain."""

import re
import unicodedata
from collections.abc import Iterable

_MARK = "\ue001"
"""A character that no word of a text contains."""

_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """The text in the form that is compared: neither case nor the ways to encode a character make a difference."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words(text: str) -> tuple[str, ...]:
    """The words of a text in order, folded: runs of letters and digits. Any other character separates them."""
    return tuple(_WORD.findall(fold(text)))


def words_in(field: str, text: str) -> tuple[str, ...]:
    """The words of a text, marked as those of one field."""
    return tuple(f"{field}{_MARK}{word}" for word in words(text))


def line(texts: Iterable[tuple[str, ...]]) -> str:
    """The words of several texts as one line, with spaces around each word and ` . ` between the texts: what the line
    contains between two spaces is a phrase of one of the texts.
    """
    phrases = [" ".join(text) for text in texts if text]
    return f" {' . '.join(phrases)} " if phrases else ""


def plain(value: str | float | bool) -> str:
    """A value in the form that values are compared in: texts folded, and numbers as people write them, so that 5, 5.0
    and "5" are one.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return fold(value) if isinstance(value, str) else repr(value)
