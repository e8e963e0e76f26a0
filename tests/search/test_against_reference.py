"""What the SQL finds is what the reference finds, on worlds and searches drawn at random; page by page, in order."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.domain.access import EVERYONE, SCOPES, Caller
from mock_server.domain.scenarios import ready_since
from mock_server.services import data_assets
from mock_server.settings import Settings
from mock_server.store import queries, schema
from mock_server.store.index import blocks, writer
from mock_server.store.search import count_cache, pages, scan
from mock_server.wire.data_assets import DataAssetSearchParams
from mock_server.world import World
from mock_server.worlds import Worlds
from tests.search.reference import Thing, User, fits, order

WINDOW = 4

USERS = [
    User("ann", {EVERYONE, "user:ann@x"}),
    User("bob", {EVERYONE, "user:bob@x", "group:lab"}),
    User("eve", {EVERYONE}, True),
]
SUBJECTS = (EVERYONE, "user:bob@x", "group:lab", "group:other")

SIGNS = ("rna", "RNA", "seq", "rna-seq", "Straße", "strasse", "Ⅳ", "é", "e\u0301", "668759", "of", "_", "(", "日本")
texts = st.lists(st.sampled_from(SIGNS), max_size=4).map(" ".join)
LONG = "668759_2023-04-11_13-06"
names = st.builds(
    lambda parts, separator: separator.join(parts),
    st.lists(st.sampled_from(("Rna", "seq", "ab c", "É", "668759", LONG, "-")), min_size=1, max_size=4),
    st.sampled_from(("_", "_", "-", " ", ".")),
)
tags = st.lists(st.sampled_from(("rna", "RNA-seq", "t 1", "x", "668759")), max_size=3, unique=True)
numbers = st.integers(-3, 3) | st.sampled_from((0.5, -0.5, 2.5, 1e9, 1.7e9, 1700000001, -1e300, 2**62))
values = (
    numbers
    | st.sampled_from(("5", "Adult", "adult mouse", "", True))
    | st.lists(numbers | st.just("adult"), max_size=2)
)
keys = st.sampled_from(("data level", "age", "name"))
ids = st.integers(0, 99).map(lambda number: f"{number:08x}-0000-4000-8000-000000000000")

things = st.builds(
    Thing,
    id=ids,
    created=st.integers(1, 4),
    owner=st.sampled_from(("ann", "ann", "bob")),
    name=names,
    tags=tags,
    description=texts,
    type=st.sampled_from(("dataset", "result")),
    external=st.booleans(),
    archived=st.integers(0, 4).map(lambda number: number == 0),
    size=st.sampled_from((None, 0, 5, 7)),
    metadata=st.dictionaries(keys, values, max_size=2),
    provenance=st.dictionaries(st.just("commit"), st.sampled_from(("c0ffee", "C0FFEE1")), max_size=1),
    contained=st.lists(ids, max_size=1),
    subjects=st.sets(st.sampled_from(SUBJECTS), max_size=2),
    fans=st.sets(st.sampled_from(("ann", "bob")), max_size=1),
)
keyed = st.sampled_from(("tags", "data level", "age", "description", "description"))
wanted_values = st.sampled_from(("rna", "ADULT", "t 1", 5, 0.5, True, "of"))
name_parts = st.lists(
    st.sampled_from(("668", "RNA", "É", "x", LONG, LONG[1:22], f"rna_{LONG}")), min_size=1, max_size=2
)
filters = st.one_of(
    st.fixed_dictionaries({"key": keyed, "value": wanted_values}, optional={"exclude": st.booleans()}),
    st.fixed_dictionaries({"key": st.just("name"), "values": name_parts}),
    st.builds(
        lambda key, ends, exclude: {"key": key, "range": {"min": min(ends), "max": max(ends)}, "exclude": exclude},
        st.sampled_from(("age", "data level")),
        st.tuples(numbers, numbers),
        st.booleans(),
    ),
    numbers.map(lambda low: {"key": "age", "range": {"min": low}}),
)
options = st.one_of(
    st.tuples(st.just("ownership"), st.sampled_from(("created", "private", "shared"))),
    st.tuples(st.just("type"), st.sampled_from(("dataset", "result"))),
    st.tuples(st.just("origin"), st.sampled_from(("internal", "external"))),
    st.tuples(st.just("favorite"), st.booleans()),
    st.tuples(st.just("archived"), st.booleans()),
    st.tuples(st.just("sort_field"), st.sampled_from(("created", "name", "type", "size"))),
    st.tuples(st.just("filters"), st.lists(filters, min_size=1, max_size=2)),
    st.tuples(st.just("filters"), filters.map(lambda one: [one])),
)
short = (
    "rna",
    "seq",
    "rna-seq",
    "rna_seq",
    "É",
    "668759",
    "6687",
    "668759_",
    "r",
    "strasse",
    "adult",
    "5",
    "(",
    "_seq",
)
long = (
    LONG,
    LONG[:20],
    LONG[:21],
    f"Rna_{LONG}",
    f"seq {LONG}",
    "c_668759",
    "ab c",
    "2023-04-11",
    "seq-",
    "rna of seq",
)
free = st.sampled_from((*short, *long))
fields = st.one_of(
    st.tuples(
        st.just("name"),
        st.lists(
            st.sampled_from(("rna", "668", "rna_seq", "Q_RNA", "É", "q", "c_ab c", LONG, LONG[:21], f"c_{LONG}")),
            min_size=1,
            max_size=2,
        ),
    ),
    st.tuples(st.just("tag"), st.lists(st.sampled_from(("rna", "rna-SEQ", "t 1")), min_size=1, max_size=2)),
    st.tuples(st.just("commit_id"), st.just(["c0ffee"])),
    st.tuples(st.just("contained_data_id"), st.lists(ids, min_size=1, max_size=2)),
)
searches = st.builds(
    lambda free, fields, options, order: {"free": free, "fields": dict(fields), **dict(options), "sort_order": order},
    st.lists(free, max_size=2),
    st.lists(fields, max_size=1),
    st.lists(options, max_size=2),
    st.sampled_from(("asc", "desc")),
)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds so small that a world of a few objects meets all of them."""
    for module, name, value in (
        (pages, "WINDOW", WINDOW),
        (pages, "FEW", 3),
        (scan, "AT_ONCE", 3),
        (scan, "PROBED", 4),
        (count_cache, "AT_ONCE", 3),
        (writer, "GAP", 3),
        (writer, "RUN", 2),
        (writer, "_ROOM", 24),
        (writer, "BATCH", 4),
        (blocks, "LENGTH", 15),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    worlds = Worlds(Settings(data_dir=None, seed="empty", random_seed=1))
    yield worlds
    worlds.close()


def add(world: World, thing: Thing) -> None:
    more = {"custom_metadata": thing.metadata, "provenance": thing.provenance}
    contained = [{"id": key} for key in thing.contained]
    plan = ready_since(thing.created)
    row = schema.DataAssetRow(
        id=thing.id, name=thing.name, mount="m", owner=thing.owner, created=thing.created + 0.5, last_used=0.0,
        type=thing.type, description=thing.description, tags=thing.tags, archived=thing.archived,
        external=thing.external, plan=plan, files=None, size=thing.size, tree="", settles=plan.ends_at,
        more=more | ({"contained_data_assets": contained} if contained else {}),
    )  # fmt: skip
    queries.DATA_ASSETS.insert(world.db, row)
    for subject in thing.subjects:
        queries.GRANTS.insert(world.db, schema.GrantRow(entity_id=thing.id, subject=subject, role=2))
    for fan in thing.fans:
        queries.FAVORITES.insert(world.db, schema.FavoriteRow(user_id=fan, entity_id=thing.id))


def remove(world: World, thing: Thing) -> None:
    for table in (queries.DATA_ASSETS, queries.GRANTS, queries.FAVORITES):
        table.delete(world.db, thing.id)


def query_of(asked: dict[str, Any]) -> str:
    terms = [f'"{value}"' for value in asked["free"]]
    terms += [f'{name}:"{value}"' for name, values in asked["fields"].items() for value in values]
    return " ".join(terms)


def request(user: User, asked: dict[str, Any], **more: Any) -> tuple[Caller, DataAssetSearchParams]:
    """Who asks, and for what."""
    groups = tuple(one.removeprefix("group:") for one in user.subjects if one.startswith("group:"))
    caller = Caller(user.id, f"{user.id}@x", user.admin, frozenset(SCOPES), groups)
    body = {key: value for key, value in asked.items() if key not in ("free", "fields")}
    return caller, DataAssetSearchParams.model_validate(body | {"query": query_of(asked)} | more)


def pages_of(world: World, user: User, asked: dict[str, Any], limit: int) -> Iterator[list[str]]:
    token = None
    while True:
        caller, params = request(user, asked, limit=limit, next_token=token)
        found = asyncio.run(data_assets.search(world, caller, params))
        yield [entry.id for entry in found.results]
        token = found.next_token
        assert found.has_more == (token is not None)
        if token is None:
            return


def at_once(world: World, user: User, asked: dict[str, Any], limit: int, offset: int) -> tuple[list[str], int | None]:
    """The page behind `offset` objects, and how many there are on all."""
    caller, params = request(user, asked, limit=limit, offset=offset)
    found = asyncio.run(data_assets.search(world, caller, params, with_total=True))
    return [entry.id for entry in found.results], found.total


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(things, min_size=6, max_size=16, unique_by=lambda thing: thing.id),
    st.lists(things, max_size=6, unique_by=lambda thing: thing.id),
    st.sets(ids, max_size=5),
    st.lists(st.tuples(st.sampled_from(USERS), searches, st.integers(1, 9)), min_size=4, max_size=8),
)
def test_the_sql_finds_what_the_reference_finds(
    worlds: Worlds,
    first: list[Thing],
    later: list[Thing],
    gone: set[str],
    asked: list[tuple[User, dict[str, Any], int]],
) -> None:
    world = worlds.create("random")
    try:
        there = {thing.id: thing for thing in first}
        with world.write():
            for thing in first:
                add(world, thing)
        for user, wanted, _ in asked:  # What is remembered of this is asked for again when others have come and gone.
            assert at_once(world, user, wanted, 1, 0)[1] == sum(fits(thing, user, wanted) for thing in first)
        for thing in later:  # Each in a transaction of its own, some in the place of others.
            with world.write():
                if thing.id in there:
                    remove(world, there[thing.id])
                add(world, thing)
                there[thing.id] = thing
        with world.write():
            for key in gone & set(there):
                remove(world, there.pop(key))
        for user, wanted, limit in asked:
            expected = order([thing for thing in there.values() if fits(thing, user, wanted)], wanted, WINDOW)
            found = list(pages_of(world, user, wanted, limit))
            assert [key for page in found for key in page] == expected
            assert all(len(page) == limit for page in found[:-1])
            for offset in (0, limit, 2 * limit):
                shown = expected[offset : offset + limit]
                assert at_once(world, user, wanted, limit, offset) == (shown, len(expected))
    finally:
        worlds.drop("random")
