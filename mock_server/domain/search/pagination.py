"""Pages of a search, and the tokens that continue it: where the next page begins, sealed against making one up."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mock_server.domain.search.conditions import All
from mock_server.domain.signing import same
from mock_server.errors import BadRequestError

CREATED = "created"
RELEVANCE = "relevance"

Seal = Callable[[str], str]
"""Signs a text, so that a token that was not given out for the same search is known."""

Place = list[Any]
"""Where a page begins: values of the last row before it, as JSON holds them."""


def encode_token(place: Place, seal: Seal) -> str:
    """An opaque token that continues a search at `place`."""
    written = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    return f"{written}.{seal(written)}"


def decode_token(token: str, seal: Seal) -> Place:
    """What `encode_token` took. Raises `BadRequestError` for a token of another search, and for a made-up one."""
    written, _, sealed = token.partition(".")
    if not written.isascii() or not same(sealed, seal(written)):
        raise BadRequestError("next_token does not belong to this search")
    place: Place = json.loads(base64.urlsafe_b64decode(written))
    return place


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A page of objects: which ones, in which order, from where.

    `scope` is what most objects fulfil (who may see them, which list they stand in), `asked` what the caller looks for.
    `phrases` are what relevance goes by, `sort` is a column, `CREATED` or `RELEVANCE`. The page begins at `place`, or
    without one after `offset` objects.
    """

    kind: str
    scope: All
    asked: All
    phrases: tuple[tuple[str, ...], ...]
    sort: str
    descending: bool
    limit: int
    offset: int = 0
    place: Place | None = None
