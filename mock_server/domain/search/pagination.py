"""Pages of a search, and the tokens that continue it: a cursor, signed so that nobody makes one up."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mock_server.domain.search.conditions import All
from mock_server.domain.search.text import Phrase
from mock_server.domain.signing import same
from mock_server.errors import BadRequestError

CREATED = "created"
RELEVANCE = "relevance"

Seal = Callable[[str], str]
"""Signs a text, so that a token that was not issued for the same search is recognised."""

Cursor = list[Any]
"""Values of the last row of a page, as JSON holds them: the next page begins behind them."""


def encode_token(cursor: Cursor, seal: Seal) -> str:
    """An opaque token that continues a search behind `cursor`."""
    written = base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode()
    return f"{written}.{seal(written)}"


def decode_token(token: str, seal: Seal) -> Cursor:
    """The cursor in a token. Raises `BadRequestError` for a token of another search, and for a made-up one."""
    written, _, sealed = token.partition(".")
    if not written.isascii() or not same(sealed, seal(written)):
        raise BadRequestError("next_token does not belong to this search")
    cursor: Cursor = json.loads(base64.urlsafe_b64decode(written))
    return cursor


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A page of objects: which ones, in which order, from where.

    `scope` is what most objects fulfil (who may see them, which list they are in), `conditions` what the caller
    searches for. `sort` is a column, `CREATED` or `RELEVANCE`. Relevance goes by `phrases` within each of `tiers`: the
    conditions of the objects that come first, of those that follow, and so on. The page begins behind `cursor`, or
    without one after `offset` objects.
    """

    kind: str
    scope: All
    conditions: All
    tiers: tuple[All, ...]
    phrases: tuple[Phrase, ...]
    sort: str
    descending: bool
    limit: int
    offset: int = 0
    cursor: Cursor | None = None
