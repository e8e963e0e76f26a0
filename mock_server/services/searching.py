"""What the searches for capsules and for data assets have in common: pages, tokens, filters."""

import json
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from mock_server.domain.access import Caller
from mock_server.domain.search import Wanted, decode_token, encode_token, parse
from mock_server.errors import BadRequestError
from mock_server.store import search
from mock_server.store.engine import R, Rows
from mock_server.wire.capsules import CapsuleSearchParams
from mock_server.wire.data_assets import DataAssetSearchParams
from mock_server.world import World

DEFAULT_LIMIT = 100

PAGING = {"next_token", "offset", "from_", "limit"}


class Page(NamedTuple):
    """One page of rows; `next_token` is None on the last one."""

    rows: list[Any]
    next_token: str | None


def wanted(
    caller: Caller,
    params: CapsuleSearchParams | DataAssetSearchParams,
    equal: dict[str, Any],
    default_sort: tuple[str, bool],
) -> Wanted:
    """The search that `params` ask for; `equal` are the exact column values that the caller's filters come down to.

    `default_sort` is a column and whether it descends; `sort_order` without `sort_field` is ignored, as documented.
    """
    if params.filters:
        raise BadRequestError("filters are not served")
    sort, descending = default_sort
    if params.sort_field is not None:
        sort, descending = params.sort_field, params.sort_order == "desc"
    return Wanted(
        caller=caller,
        terms=parse(params.query or ""),
        equal={"archived": bool(params.archived)} | {k: v for k, v in equal.items() if v is not None},
        ownership=params.ownership,
        favorite=bool(params.favorite),
        sort=sort,
        descending=descending,
        limit=params.limit or DEFAULT_LIMIT,
        offset=(params.from_ if params.offset is None else params.offset) or 0,
    )


def page(world: World, rows: Rows[R], params: CapsuleSearchParams | DataAssetSearchParams, look_for: Wanted) -> Page:
    """The page that `params` ask for. Raises `BadRequestError` for a token of another search."""
    asked = params.model_dump(exclude=PAGING) | {"user": look_for.caller.user_id, "kind": look_for.equal}
    seal = partial(_seal, world, json.dumps(asked, sort_keys=True))
    if params.next_token:
        look_for = replace(look_for, after=decode_token(params.next_token, seal))
    found = search.page(world.db, rows, look_for)
    if len(found) <= look_for.limit:
        return Page(list(found), None)
    last: Any = found[look_for.limit - 1]
    token = encode_token((search.sort_value(last, look_for.sort), last.id), seal)
    return Page(list(found[: look_for.limit]), token)


def _seal(world: World, asked: str, place: str) -> str:
    return world.ids.digest("page", asked, place).hex()[:32]
