"""The search language, as far as it is served: words, `name:` and `tag:` terms, quotes.

The same field repeated means OR, different fields and words mean AND; nothing is case-sensitive
(SDK models/data_asset.py, `DataAssetSearchParams.query`).
"""

import base64
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mock_server.domain.access import Caller
from mock_server.errors import BadRequestError

SERVED_FIELDS = {"name", "tag"}
DOCUMENTED_FIELDS = {
    "id", "name", "doi", "tag", "field", "affiliation", "journal", "article", "author",
    "run_script", "commit_id", "contained_data_id",
}  # fmt: skip

Seal = Callable[[str], str]
"""Signs a text, so that a token that was not given out for the same search is known."""

MAX_TERMS = 100

_TERM = re.compile(r'(?:([A-Za-z_]+):)?(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True, slots=True)
class Terms:
    """A parsed query: each word must occur; of each field's values one must match."""

    words: tuple[str, ...] = ()
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)


def parse(query: str) -> Terms:
    """The terms of `query`. Raises `BadRequestError` for a documented field that is not served yet."""
    words: list[str] = []
    fields: dict[str, tuple[str, ...]] = {}
    for number, match in enumerate(_TERM.finditer(query)):
        if number >= MAX_TERMS:
            raise BadRequestError(f"query has more than {MAX_TERMS} terms")
        name, quoted, plain = match.groups()
        value = (quoted if quoted is not None else plain).lower()
        key = name.lower() if name else None
        if key in SERVED_FIELDS:
            fields[key] = (*fields.get(key, ()), value)
        elif key in DOCUMENTED_FIELDS:
            raise BadRequestError(f'the search field "{key}" is not served; "name" and "tag" are')
        else:
            words.append(f"{name}:{value}".lower() if name else value)
    return Terms(tuple(words), fields)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of objects: which ones, in which order, from where.

    `equal` are exact column values; `sort` is a column, ties are broken by id in the same direction.
    """

    caller: Caller
    terms: Terms
    equal: dict[str, Any]
    ownership: str | None
    favorite: bool
    sort: str
    descending: bool
    limit: int
    offset: int = 0
    after: tuple[Any, str] | None = None


def encode_token(after: tuple[Any, str], seal: Seal) -> str:
    """An opaque token that continues a search behind the row with sort value and id `after`."""
    place = base64.urlsafe_b64encode(json.dumps(after).encode()).decode()
    return f"{place}.{seal(place)}"


def decode_token(token: str, seal: Seal) -> tuple[Any, str]:
    """What `encode_token` took. Raises `BadRequestError` for a token of another search, and for a made-up one."""
    place, _, sealed = token.partition(".")
    if not place.isascii() or not hmac.compare_digest(sealed.encode("utf-8", "replace"), seal(place).encode()):
        raise BadRequestError("next_token does not belong to this search")
    value, key = json.loads(base64.urlsafe_b64decode(place))
    return value, key
