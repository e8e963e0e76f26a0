"""What the searches for capsules and data assets share: conditions, order, pages, tokens."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeVar

from mock_server.domain.access import Caller
from mock_server.domain.search import from_query
from mock_server.domain.search.conditions import All, Condition, Is, Not
from mock_server.domain.search.pagination import RELEVANCE, Seal, SearchRequest, decode_token, encode_token
from mock_server.domain.search.query import CAPSULE_FIELDS, DATA_ASSET_FIELDS, check, parse
from mock_server.services import metadata, search_filters
from mock_server.store.database import Database
from mock_server.store.index.documents import listed_for, listing, owning
from mock_server.store.rows import R, Rows
from mock_server.store.search import catching_up, pages
from mock_server.store.search.scan import Steps
from mock_server.wire.capsules import CapsuleSearchParams
from mock_server.wire.data_assets import DataAssetSearchParams
from mock_server.world import World

PAGING = {"next_token", "offset", "from_", "limit"}

Params = CapsuleSearchParams | DataAssetSearchParams

T = TypeVar("T")


class Page(NamedTuple):
    """One page of rows; `next_token` is None on the last one."""

    rows: list[Any]
    next_token: str | None


def build_request(
    world: World,
    caller: Caller,
    kind: str,
    params: Params,
    traits: Mapping[str, str | None],
    default_sort: tuple[str, bool],
) -> SearchRequest:
    """The search that `params` describe. `traits` are conditions beside the query and the filters, `default_sort` is a
    column and whether it descends; `sort_order` without `sort_field` is ignored, as documented.

    Raises `BadRequestError` for an invalid query or filter, and for a token of another search.
    """
    assets = kind == "data_asset"
    query = parse(params.query or "", DATA_ASSET_FIELDS if assets else CAPSULE_FIELDS)
    check(query)
    found = from_query.conditions(query, attached=not assets, short_names=world.search_quirks)
    others = search_filters.conditions(params.filters or (), metadata.field_names(world) if assets else set())
    if params.favorite:
        others.append(Is("favorite_of", (caller.user_id,)))
    sort, descending = (RELEVANCE, True) if found.phrases else default_sort
    if params.sort_field is not None:
        sort, descending = params.sort_field, params.sort_order == "desc"
    return SearchRequest(
        kind=kind,
        scope=All(tuple(_scope(caller, kind, params, traits))),
        conditions=found.all(tuple(others)),
        tiers=found.tiers(tuple(others)),
        phrases=found.phrases,
        sort=sort,
        descending=descending,
        limit=params.limit or world.default_limit,
        offset=(params.from_ if params.offset is None else params.offset) or 0,
        cursor=decode_token(params.next_token, _sealing(world, caller, kind, params)) if params.next_token else None,
    )


async def page(world: World, caller: Caller, rows: Rows[R], params: Params, request: SearchRequest) -> Page:
    """The page that `request` describes, with the token of the next one."""
    found = await _run(world, partial(pages.page, counts=world.counts), request)
    token = None
    if found.has_more:
        # The service's pages have been seen to overlap.
        last = -2 if world.search_quirks and len(found.cursors) > 1 else -1
        token = encode_token(found.cursors[last], _sealing(world, caller, request.kind, params))
    return Page(rows.named(world.db, found.ids), token)


async def total(world: World, request: SearchRequest, shown: Page) -> int:
    """The number of matches on all pages together. What others write after `shown` was read does not contradict it."""
    first, behind = request.offset, request.offset + len(shown.rows)
    if shown.next_token is None and (shown.rows or not first):
        return behind
    counted = await _run(world, world.counts.total, request)
    return min(counted, first) if shown.next_token is None else max(counted, behind + 1)


async def _run(world: World, start: Callable[[Database, SearchRequest], Steps[T]], request: SearchRequest) -> T:
    """Run a search to its end. Other requests are served between its steps; when one of them renumbers entries, it
    starts again. It finds what was written before it began; of what is written meanwhile, it may find some.
    """
    for _ in catching_up.steps(world.db):
        await asyncio.sleep(0)
    steps, moves = start(world.db, request), pages.moves(world.db)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        await asyncio.sleep(0)
        if pages.moves(world.db) != moves:
            steps, moves = start(world.db, request), pages.moves(world.db)


def _scope(caller: Caller, kind: str, params: Params, traits: Mapping[str, str | None]) -> Iterator[Condition]:
    list_ = listing(kind, archived=bool(params.archived))
    own = Is("owner", (caller.user_id,))
    if caller.admin:
        yield Is("listing", (list_,))
    else:
        subjects = (owning(caller.user_id), *caller.subjects)
        yield Is("listed_for", tuple(listed_for(list_, subject) for subject in subjects))
    if params.ownership == "shared":
        yield Not(own)
    elif params.ownership is not None:
        yield own
    if params.ownership == "private":
        yield Not(Is("shared", ("yes",)))
    for trait, value in traits.items():
        if value is not None:
            yield Is(trait, (value,))


def _sealing(world: World, caller: Caller, kind: str, params: Params) -> Seal:
    search = params.model_dump(exclude=PAGING) | {"user": caller.user_id, "kind": kind}
    return partial(_seal, world, json.dumps(search, sort_keys=True))


def _seal(world: World, search: str, cursor: str) -> str:
    return world.ids.digest("cursor", search, cursor).hex()[:32]
