"""The search language: words, `field:value`, quotes (SDK models/data_asset.py and models/capsule.py, `query`).

    query = { space | term }
    term  = field ":" value | name ":" | value
    value = '"' any text without '"' '"'  |  any text without spaces

A `field` is one of those that objects of the searched kind have. Any other name before a colon is a word of its own, as
clients of the service have observed: `subject id:668759` is three words. An unclosed quote is part of a word. So every
text is a query.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mock_server.errors import BadRequestError

DATA_ASSET_FIELDS = ("name", "tag", "run_script", "commit_id", "contained_data_id")
CAPSULE_FIELDS = ("id", "name", "doi", "tag", "field", "affiliation", "journal", "article", "author")

MAX_QUERY = 10_000
"""The maximum number of characters of a query."""

MAX_TERMS = 100

_NAME = r"[^\W\d][\w.-]*"


@dataclass(frozen=True, slots=True)
class Term:
    """A value, in a field or anywhere. A quoted one may contain spaces, or nothing."""

    field: str | None
    value: str
    quoted: bool

    def __str__(self) -> str:
        prefix = f"{self.field}:" if self.field else ""
        return f'{prefix}"{self.value}"' if self.quoted else f"{prefix}{self.value}"


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. Its text parses to an equal query."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    @property
    def free(self) -> tuple[str, ...]:
        """The words and phrases without a field."""
        return tuple(term.value for term in self.terms if term.field is None)

    @property
    def fields(self) -> dict[str, tuple[str, ...]]:
        """The values by field."""
        found: dict[str, tuple[str, ...]] = {}
        for term in self.terms:
            if term.field is not None:
                found[term.field] = (*found.get(term.field, ()), term.value)
        return found


def parse(text: str, fields: tuple[str, ...]) -> Query:
    """Parse any text; `fields` are those of the searched kind."""
    return Query(tuple(_terms(text, fields)))


def check(query: Query) -> None:
    """Raise `BadRequestError` for a query with too many terms, or with a term without a value."""
    if len(query.terms) > MAX_TERMS:
        raise BadRequestError(f"query has more than {MAX_TERMS} terms")
    for term in query.terms:
        if not term.value.strip():
            where = f'the search field "{term.field}"' if term.field else "a pair of quotes in the query"
            raise BadRequestError(f"{where} has no value")


def _terms(text: str, fields: tuple[str, ...]) -> Iterator[Term]:
    for found in _pattern(fields).finditer(text):
        group = found.lastgroup or ""
        field = found["field"].lower() if found["field"] else None
        yield Term(field, found[group], group in ("phrase", "phrase_in_field"))


@lru_cache
def _pattern(fields: tuple[str, ...]) -> re.Pattern[str]:
    """Matches one term; its last group is the value. Empty quotes behind a name that is not a field are part of it."""
    field = rf'(?P<field>(?ai:{"|".join(fields)})):(?:"(?P<phrase_in_field>[^"]*)"|(?P<word_in_field>\S*))'
    return re.compile(rf'{field}|(?P<name>{_NAME}):(?:"\s*")?|"(?P<phrase>[^"]*)"|(?P<word>\S+)')
