"""Texts as the search sees them: in which form they are compared, and which words they hold."""

import re
import unicodedata
from collections.abc import Iterable

_MARK = "\ue001"
"""Stands in no word that is found in a text."""

_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """The text in the form that is compared: capitals and the ways to write one sign make no difference."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words(text: str) -> tuple[str, ...]:
    """The words of a text in order, folded: runs of letters and digits. Every other sign separates."""
    return tuple(_WORD.findall(fold(text)))


def words_in(field: str, text: str) -> tuple[str, ...]:
    """The words of a text, marked as those of one field."""
    return tuple(f"{field}{_MARK}{word}" for word in words(text))


def line(texts: Iterable[tuple[str, ...]]) -> str:
    """The words of several texts as one line, with blanks around each word and ` . ` between the texts: what stands in
    the line between two blanks is a phrase of one of the texts.
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
