"""Texts as searches compare them: in which form, and which words they contain."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_BEGINNING = 20
"""Names are found by beginnings of their words up to this many characters: the limit that a client of the service has
observed.
"""

_MARK = "\ue001"
"""A character that no word of a text contains."""

_WORD = re.compile(r"[^\W_]+")
_WORD_OF_NAME = re.compile(r"[^\W_][\w-]*")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One or more words that follow each other, and the same as words of a name."""

    words: tuple[str, ...]
    words_of_name: tuple[str, ...]

    def in_field(self, field: str) -> tuple[str, ...]:
        """Its words as the text field contains them."""
        return self.words_of_name if field == "name" else self.words

    @property
    def is_beginning(self) -> bool:
        """Whether it also matches names with a word that begins with it."""
        return len(self.words_of_name) == 1 and len(self.words_of_name[0]) <= LONGEST_BEGINNING


def fold(text: str) -> str:
    """The text in the form that is compared: neither case nor the ways to encode a character make a difference."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words(text: str) -> tuple[str, ...]:
    """The words of a text in order, folded: runs of letters and digits. Any other character separates them."""
    return tuple(_WORD.findall(fold(text)))


def words_of_name(name: str) -> tuple[str, ...]:
    """The words of a name in order, folded. Inside of them, `_` and `-` do not separate, as users of the service have
    observed: of `a_b` and `a_b_c` it finds the first alone by `a_b` in full.
    """
    return tuple(_WORD_OF_NAME.findall(fold(name)))


def words_in(field: str, text: str) -> tuple[str, ...]:
    """The words of a text, marked as those of one field."""
    return tuple(f"{field}{_MARK}{word}" for word in words(text))


def phrase(text: str) -> Phrase:
    """A text as the phrase that it is in searches."""
    return Phrase(words(text), words_of_name(text))


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
