"""The search language: words, `field:value`, quotes (SDK models/data_asset.py and models/capsule.py, `query`).

    query = { blank | term }
    term  = [ field ":" ] value
    value = '"' all but '"' '"'  |  all but blanks

A `field` is one of `FIELDS`; any other name before a colon is part of a word, as the service has it. A quote that is
never closed is part of a word too. So every text is a query.
"""

import re
from dataclasses import dataclass

from mock_server.errors import BadRequestError

DATA_ASSET_FIELDS = ("name", "tag", "run_script", "commit_id", "contained_data_id")
CAPSULE_FIELDS = ("id", "name", "doi", "tag", "field", "affiliation", "journal", "article", "author")
FIELDS = frozenset((*DATA_ASSET_FIELDS, *CAPSULE_FIELDS))

MAX_QUERY = 10_000
"""The most characters of a query."""

MAX_TERMS = 100

_TERM = re.compile(r'([A-Za-z_]+):(?=\s|$)|(?:([A-Za-z_]+):)?(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True, slots=True)
class Term:
    """One term: a value, in a field or anywhere. A quoted one may hold blanks, or nothing."""

    field: str | None
    value: str
    quoted: bool

    def __str__(self) -> str:
        prefix = f"{self.field}:" if self.field else ""
        return f'{prefix}"{self.value}"' if self.quoted else f"{prefix}{self.value}"


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. Printed, it parses to the same query."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    @property
    def free(self) -> tuple[str, ...]:
        """The words and phrases that may stand anywhere."""
        return tuple(term.value for term in self.terms if term.field is None)

    @property
    def fields(self) -> dict[str, tuple[str, ...]]:
        """The values that are asked for by field."""
        found: dict[str, tuple[str, ...]] = {}
        for term in self.terms:
            if term.field is not None:
                found[term.field] = (*found.get(term.field, ()), term.value)
        return found


def parse(text: str) -> Query:
    """The query that `text` is; there is no text that is none."""
    return Query(tuple(map(_term, _TERM.finditer(text))))


def _term(match: re.Match[str]) -> Term:
    bare, name, phrase, word = match.groups()
    if bare is not None:
        return Term(bare.lower(), "", False) if bare.lower() in FIELDS else Term(None, f"{bare}:", False)
    quoted = phrase is not None
    value = phrase if quoted else word
    if name is None:
        return Term(None, value, quoted)
    field = name.lower()
    return Term(field, value, quoted) if field in FIELDS else Term(None, f"{name}:{value}", quoted)


def check(query: Query, fields: tuple[str, ...], of: str) -> None:
    """Raise `BadRequestError` for a query that says nothing clear: a field that the objects, called `of`, do not have,
    a term without a value, too many terms.
    """
    if len(query.terms) > MAX_TERMS:
        raise BadRequestError(f"query has more than {MAX_TERMS} terms")
    for term in query.terms:
        if term.field is not None and term.field not in fields:
            raise BadRequestError(f'{of} have no search field "{term.field}"; they have {", ".join(fields)}')
        if not term.value.strip():
            where = f'the search field "{term.field}"' if term.field else "a pair of quotes in the query"
            raise BadRequestError(f"{where} has no value")
