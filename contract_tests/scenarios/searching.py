"""Searching for data assets: filters, the search language, orders, pages. Only what the scenario made is judged."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from codeocean.data_asset import DataAssetSearchParams

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.eventually import eventually
from contract_tests.scenarios.expect_error import refused
from contract_tests.scenarios.pages import rows_of

CAPTURE = ("run_capsule", "get_computation", "create_data_asset", "get_data_asset", "delete_data_asset")

NAMES = ("alpha", "beta", "gamma")

STEPS = 20
"""Pages that are asked for before a walk counts as endless."""


class Mine(NamedTuple):
    """Data assets that carry a tag of their own, by a short name, oldest first."""

    deployment: Deployment
    tag: str
    ids: dict[str, str]

    def named(self, rows: Iterable[Any]) -> list[str]:
        """Which of them are among rows, in that order."""
        names = {key: name for name, key in self.ids.items()}
        return [names[row.id] for row in rows if row.id in names]

    def search(self, query: str = "", **wanted: Any) -> list[str]:
        """Which of them a search gives, in that order, page by page. `query` is added to the tag."""
        params = DataAssetSearchParams(query=f'tag:"{self.tag}" {query}'.strip(), **{"limit": 100} | wanted)
        return self.named(rows_of(self.deployment.sdk().data_assets.search_data_assets, params))

    def found(self, wanted: Iterable[str], query: str = "", **filters: Any) -> None:
        """Raise `CheckFailed` unless a search gives these, in any order."""
        asked = " ".join(filter(None, (query, *(f"{name}={value}" for name, value in filters.items()))))
        eventually(
            self.deployment,
            lambda: sorted(self.search(query, **filters)) == sorted(wanted),
            f"a search for {asked or 'their tag'} does not give {', '.join(wanted) or 'nothing'}",
        )


@contextmanager
def _three(deployment: Deployment) -> Iterator[Mine]:
    tag = f"{deployment.tag}-found"
    about = {"alpha": "A zebra.", "beta": "A giraffe.", "gamma": "Zebra and giraffe."}
    with ExitStack() as stack:
        ids = {}
        for name in NAMES:
            tags = [tag, f"{tag}-{name}"]
            made = fixtures.captured(deployment, f"{name} {deployment.tag}", tags=tags, description=about[name])
            ids[name] = stack.enter_context(made).id
            deployment.pass_time(2)
        yield Mine(deployment, tag, ids)


@check(*CAPTURE, "search_data_assets", "archive_data_asset")
def search_and_page(deployment: Deployment) -> None:
    """Data assets are found by tag, name, word and filter, in the order asked for, page by page without one dropped or
    repeated.
    """
    with _three(deployment) as mine:
        mine.found(NAMES)
        _by_filter(mine)
        _by_query(mine)
        _archived(mine)
        _ordered(mine)
        _paged(mine)


def _by_filter(mine: Mine) -> None:
    for filters, given in (
        ({"type": "result"}, True),
        ({"type": "dataset"}, False),
        ({"type": "combined"}, False),
        ({"type": "model"}, False),
        ({"origin": "internal"}, True),
        ({"origin": "external"}, False),
        ({"ownership": "created"}, True),
        ({"ownership": "shared"}, False),
        ({"favorite": False}, True),
        ({"favorite": True}, False),
        ({"type": "result", "origin": "internal", "ownership": "created"}, True),
        ({"type": "result", "origin": "external", "ownership": "created"}, False),
    ):
        mine.found(NAMES if given else (), **filters)


def _by_query(mine: Mine) -> None:
    for query, given in (
        ("name:alpha", ("alpha",)),
        ("name:ALPHA", ("alpha",)),
        ("name:alpha name:gamma", ("alpha", "gamma")),
        ("name:alpha zebra", ("alpha",)),
        ("name:beta zebra", ()),
        ("zebra", ("alpha", "gamma")),
        ("zebra giraffe", ("gamma",)),
        ("name:nosuchname", ()),
        ("nosuchword", ()),
        (f'tag:"{mine.tag}-beta" name:beta', ("beta",)),
    ):
        mine.found(given, query)


def _archived(mine: Mine) -> None:
    client = mine.deployment.sdk().data_assets
    mine.found((), archived=True)
    client.archive_data_asset(mine.ids["beta"], True)
    mine.found(("beta",), archived=True)
    mine.found(("alpha", "gamma"))
    mine.found(("alpha", "gamma"), archived=False)
    client.archive_data_asset(mine.ids["beta"], False)
    mine.found(NAMES, archived=False)


def _ordered(mine: Mine) -> None:
    for field in ("name", "created"):
        for order, wanted in (("asc", list(NAMES)), ("desc", list(reversed(NAMES)))):
            for limit in (1, 2, 100):
                told = mine.search(sort_field=field, sort_order=order, limit=limit)
                expect(told == wanted, f"sorted by {field} {order}, {limit} a page, {wanted} come as {told}")


def _paged(mine: Mine) -> None:
    """Pages can be reached by offset too, and the SDK's iterator goes through them."""
    client = mine.deployment.sdk().data_assets
    wanted = {"query": f'tag:"{mine.tag}"', "sort_field": "name", "sort_order": "asc", "limit": 1}
    told: list[str] = []
    for offset in range(STEPS):
        page = client.search_data_assets(DataAssetSearchParams(offset=offset, **wanted))
        expect(len(page.results) <= 1, f"a page of 1 has {len(page.results)} rows")
        told += mine.named(page.results)
        if not page.has_more:
            break
    expect(told == list(NAMES), f"by offset, {list(NAMES)} come as {told}")
    told = mine.named(client.search_data_assets_iterator(DataAssetSearchParams(**wanted)))
    expect(told == list(NAMES), f"by the SDK's iterator, {list(NAMES)} come as {told}")


@check(*CAPTURE, "search_data_assets", full=True)
def pages_hold(deployment: Deployment) -> None:
    """A walk through pages neither repeats nor drops a row, although others are made and deleted meanwhile."""
    client = deployment.sdk().data_assets
    with _three(deployment) as mine:
        for order, first in (("desc", "gamma"), ("asc", "alpha")):
            wanted = {"query": f'tag:"{mine.tag}"', "sort_field": "created", "sort_order": order, "limit": 1}
            page = client.search_data_assets(DataAssetSearchParams(**wanted))
            told = mine.named(page.results)
            with fixtures.captured(deployment, "late", tags=[mine.tag]):
                told += mine.named(_after(client, wanted, page, 1))
            expect(sorted(told) == sorted(NAMES), f"while one was made, a walk {order} gave {told}")
            expect(told[0] == first, f"a walk by creation, {order}, began with {told[0]}")
        with fixtures.captured(deployment, "between", tags=[mine.tag]) as between:
            wanted = {"query": f'tag:"{mine.tag}"', "sort_field": "created", "sort_order": "desc", "limit": 1}
            page = client.search_data_assets(DataAssetSearchParams(**wanted))
            client.delete_data_asset(between.id)
            told = mine.named(page.results) + mine.named(_after(client, wanted, page, 1))
        expect(told == list(reversed(NAMES)), f"while one was deleted, a walk gave {told}")
        other = DataAssetSearchParams(**wanted | {"next_token": "made-up"})
        refused(400, "a search with a token that was not given out", client.search_data_assets, other)


def _after(client: Any, wanted: dict[str, Any], page: Any, limit: int) -> Iterator[Any]:
    """The rows of the pages behind a page."""
    for _ in range(STEPS):
        if not page.has_more:
            return
        page = client.search_data_assets(DataAssetSearchParams(**wanted, next_token=page.next_token))
        expect(len(page.results) <= limit, f"a page of {limit} has {len(page.results)} rows")
        yield from page.results


@check(*CAPTURE, "search_data_assets", full=True)
def search_by_kind(deployment: Deployment) -> None:
    """Data assets of each type and origin are told apart, and sorted by size and type; equal ones keep one order on
    all pages.
    """
    tag = f"{deployment.tag}-kinds"
    external, internal = (fixtures.from_bucket("kinds", external=external) for external in (True, False))
    with ExitStack() as stack:
        rows = {}
        for name, source in (("result", None), ("far", external), ("further", external), ("near", internal)):
            source = source or fixtures.from_run(fixtures.shared_run(deployment).id)
            made = fixtures.ready(deployment, f"{name} kind", tags=[tag], mount=name, source=source)
            rows[name] = stack.enter_context(made)
        parts = [rows["far"].id, rows["further"].id]
        whole = fixtures.ready(deployment, "whole kind", tags=[tag], data_asset_ids=parts)
        rows["whole"] = stack.enter_context(whole)
        mine = Mine(deployment, tag, {name: row.id for name, row in rows.items()})
        mine.found(("result",), type="result")
        mine.found(("far", "further", "near"), type="dataset")
        mine.found(("whole",), type="combined")
        mine.found(("result", "near"), origin="internal")
        mine.found(("far", "further", "whole"), origin="external")
        mine.found(tuple(rows), ownership="private")
        for field in ("size", "type"):
            for order in ("asc", "desc"):
                _sorted(mine, rows, field, order)


def _sorted(mine: Mine, rows: dict[str, Any], field: str, order: str) -> None:
    walks = {limit: mine.search(sort_field=field, sort_order=order, limit=limit) for limit in (1, 2, 100)}
    for limit, told in walks.items():
        values = [getattr(rows[name], field) for name in told]
        expect(
            len(told) == len(rows), f"sorted by {field} {order}, {limit} a page, {len(told)} of {len(rows)} are found"
        )
        wanted = sorted(values, reverse=order == "desc")
        expect(values == wanted, f"sorted by {field} {order}, {limit} a page, the values come as {values}")
        expect(told == walks[100], f"sorted by {field} {order}, {limit} a page, equal ones come in another order")


@check(*CAPTURE, "search_data_assets_legacy", full=True)
def legacy_search(deployment: Deployment) -> None:
    """The older search by GET finds the same, with the number of all that match."""
    caller = deployment.http()
    with _three(deployment) as mine:
        tag = f'tag:"{mine.tag}"'
        names = {key: name for name, key in mine.ids.items()}
        for query, wanted in (
            ({"sort_field": "name", "sort_order": "asc"}, list(NAMES)),
            ({"sort_field": "name", "sort_order": "desc"}, list(reversed(NAMES))),
            ({"type": "dataset"}, []),
            ({"type": "result", "ownership": "owner", "sort_field": "name", "sort_order": "asc"}, list(NAMES)),
            ({"ownership": "shared"}, []),
            ({"archived": "true"}, []),
            ({"favorite": "true"}, []),
            ({"query": f"{tag} name:beta"}, ["beta"]),
        ):
            answer = caller.ask("GET", "/data_assets", 200, params={"query": tag} | query).json()
            told = [names.get(row["id"]) for row in answer["results"]]
            expect(told == wanted, f"the older search for {query} gives {told}, not {wanted}")
            expect(answer["total"] == len(wanted), f"the older search counts {answer['total']}, not {len(wanted)}")
        told = []
        for start in range(len(NAMES)):
            page = {"query": tag, "sort_field": "name", "sort_order": "asc", "start": start, "limit": 1}
            answer = caller.ask("GET", "/data_assets", 200, params=page).json()
            told += [names.get(row["id"]) for row in answer["results"]]
            more = start + 1 < len(NAMES)
            expect(answer["has_more"] is more, f"the older search says of page {start} has_more={answer['has_more']}")
            expect(answer["total"] == len(NAMES), "the older search counts one page alone")
        expect(told == list(NAMES), f"by the older search, page by page, {list(NAMES)} come as {told}")
