"""The terms of the full text index: what an entry is found by. The first letter of a term says of which kind it is.

The index stores which entries have a term, and not where: a phrase is found by the pairs of words in it, a part of a
name by its parts of three characters, and both are then checked in the entry itself. The words of a name have terms for
their beginnings as well.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from mock_server.domain.search.text import LONGEST_BEGINNING
from mock_server.store.index.documents import facet
from mock_server.store.index.numeric_ranges import Cell, cells_of

_LINES = ("tags_words", "description_words", "more_words")

LONGEST_PART = 3

MOST_PARTS = 12
"""How many parts of a long text, or pairs of a long phrase, are looked up: more would exclude hardly anything else."""

_BETWEEN = "\ue000"
# The tokenizer takes only these characters for parts of terms: letters and digits of ASCII, and everything beyond it.
_ENCODED = {code: chr(0xE000 + code) for code in range(1, 128) if not chr(code).isalnum()}
_ENCODED_IN_WORDS = {code: _ENCODED[code] for code in map(ord, "-_")}
# Where a name contains such a character itself, one character stands for all of them, and the entry is checked.
_UNCLEAR = "\uffff"
_ENCODED |= {ord(character): _UNCLEAR for character in _ENCODED.values()}


def terms_of(entry: Mapping[str, Any]) -> str:
    """All terms of an entry; a function of the entry alone, so that they can be taken out of the index again."""
    found: list[str] = []
    for name in _LINES:
        for phrase in entry[name].split(" . "):
            words = phrase.split()
            found += map(_word, words)
            found += _pairs(words)
    found += _of_name([part.translate(_ENCODED_IN_WORDS) for part in entry["name_words"].split()])
    found += _parts(entry["folded_name"])
    found += (cell(key, one) for key, number in json.loads(entry["numbers"]) for one in cells_of(float(number)))
    return f"{' '.join(dict.fromkeys(found))}{entry['facets']}"


def of_phrase(words: Sequence[str]) -> list[str]:
    """Terms of all entries that contain these words, one behind the other; of a long phrase, some."""
    encoded = [word.translate(_ENCODED_IN_WORDS) for word in words]
    if len(encoded) == 1:
        return [_word(encoded[0])]
    found = list(dict.fromkeys(_pairs(encoded)))
    return found[:: max(1, len(found) // MOST_PARTS)]


def part(text: str) -> str:
    """The term for a part of a name, up to three characters."""
    return "n" + text.translate(_ENCODED)


def cell(key: str, one: Cell) -> str:
    """The term for a number in a cell, in a custom metadata field."""
    return facet(f"cell:{key}", f"{one[0]}:{one[1]}")


def parts_of_search(text: str) -> list[str]:
    """Parts of all names that contain `text`: those it consists of, the last from its end; of a long text, some."""
    if len(text) <= LONGEST_PART:
        return [text]
    last = len(text) - LONGEST_PART
    starts = [*range(0, last, max(LONGEST_PART, last // MOST_PARTS)), last]
    return list(dict.fromkeys(text[start : start + LONGEST_PART] for start in starts))


def is_part(text: str) -> bool:
    """Whether the names that contain `text` are exactly those that have the term for it."""
    return len(text) <= LONGEST_PART and _UNCLEAR not in text.translate(_ENCODED)


def _word(text: str) -> str:
    return "w" + text


def _pairs(words: Iterable[str]) -> Iterator[str]:
    return (f"p{one}{_BETWEEN}{other}" for one, other in pairwise(words))


def _of_name(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        yield from (_word(word[:length]) for length in range(1, min(len(word), LONGEST_BEGINNING) + 1))
        yield _word(word)
    yield from _pairs(words)


def _parts(name: str) -> Iterator[str]:
    name = name.translate(_ENCODED)
    for length in range(1, LONGEST_PART + 1):
        for start in range(len(name) - length + 1):
            yield "n" + name[start : start + length]
