"""Oracles of lists, searches and pages: found where it is wrong, silent where it is not."""

from typing import Any

import pytest

from contract_tests.oracles.lists import FiltersHold, ListAgreesWithGet, SortedAsRequested
from contract_tests.oracles.pages import ArchiveHides, Pages
from contract_tests.transport.exchange import Exchange
from tests.contract.sequences import ASSET, DONE, RUN, make_exchange, page, problems_in


def got(**fields: Any) -> Exchange:
    return make_exchange("get_data_asset", ASSET | fields, key="asset-1")


def rows(*fields: dict[str, Any], caller: str = "owner", **sent: Any) -> Exchange:
    answer = {"has_more": False, "results": [ASSET | {"id": f"asset-{n}"} | more for n, more in enumerate(fields, 1)]}
    return make_exchange("search_data_assets", answer, sent=sent, caller=caller)


def create_asset(key: str = "asset-1", **fields: Any) -> Exchange:
    return make_exchange("create_data_asset", ASSET | {"id": key} | fields, sent={})


def search(*ids: str, more: bool = False, token: str | None = None, **sent: Any) -> Exchange:
    return make_exchange("search_data_assets", page(*ids, more=more, token=token), sent=sent)


def old(*ids: str, more: bool = False, query: str = "", **rest: Any) -> Exchange:
    return make_exchange("search_data_assets_legacy", page(*ids, more=more, **rest), query=query)


def archive(flag: str, status: int | None = 204) -> Exchange:
    return make_exchange("archive_data_asset", None, status, key="asset-1", query=f"archive={flag}")


def listing(*runs: dict[str, Any], caller: str = "owner") -> Exchange:
    return make_exchange("list_capsule_computations", list(runs), key="c", caller=caller)


START = make_exchange("run_capsule", RUN, sent={"capsule_id": "C"})


@pytest.mark.parametrize(
    "sequence",
    [
        [got(), rows({})],
        [got(), rows({"name": "changed by somebody"})],
        [
            create_asset(),
            got(),
            make_exchange("update_data_asset", ASSET | {"name": "x"}, sent={}, key="asset-1"),
            rows({"name": "x"}),
        ],
        [
            create_asset(),
            got(),
            make_exchange("update_data_asset", None, None, sent={}, key="asset-1"),
            rows({"name": "x"}),
        ],
        [got(state="draft", size=0), rows({})],
        [START, listing(RUN, DONE | {"id": "run-2"})],
        [START, listing(caller="other")],
        [START, make_exchange("delete_computation", None, 204), listing()],
        [START, make_exchange("delete_computation", None, None), listing()],
    ],
)
def test_list_agrees_with_get_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(ListAgreesWithGet(), *sequence) == []


@pytest.mark.parametrize(
    "sequence",
    [
        [got(), rows({"type": "result"})],
        [rows({"size": 11}), got()],
        [create_asset(), got(), rows({"name": "x"})],
        [create_asset(), got(description="d"), rows({})],
        [make_exchange("get_computation", DONE), listing(DONE | {"exit_code": 1})],
        [make_exchange("get_computation", DONE), listing({k: v for k, v in DONE.items() if k != "end_status"})],
        [START, listing()],
        [START, make_exchange("delete_computation", {"message": "no"}, 403), listing(DONE | {"id": "run-2"})],
    ],
)
def test_list_agrees_with_get_finds(sequence: list[Exchange]) -> None:
    assert len(problems_in(ListAgreesWithGet(), *sequence)) == 1


@pytest.mark.parametrize(
    "sequence",
    [
        [rows({}, type="dataset", query="tag:A", origin="internal")],
        [rows({"source_bucket": {"external": True}}, origin="external")],
        [rows({"tags": []}, query="any words"), rows({"tags": []}, query="tag:a b")],
        [create_asset(), rows({}, ownership="created"), rows({"owner": "user-2"}, ownership="shared")],
        [rows({"owner": "user-2"}, ownership="created")],
        [old("asset-1", query="type=dataset&type=result")],
        [rows({}, query="name:IRS")],
        [rows({}, type="", status="", ownership="", origin="", query="")],
    ],
)
def test_filters_hold_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(FiltersHold(), *sequence) == []


@pytest.mark.parametrize(
    "sequence",
    [
        [rows({}, type="result")],
        [old("asset-1", query="type=result")],
        [rows({}, query="tag:b")],
        [rows({}, query="name:second")],
        [rows({}, origin="external")],
        [create_asset(), rows({"owner": "user-2"}, ownership="created")],
        [create_asset(), rows({}, ownership="shared")],
        [
            make_exchange(
                "search_capsules",
                {"has_more": False, "results": [{"id": "c", "status": "release"}]},
                sent={"status": "x"},
            )
        ],
    ],
)
def test_filters_hold_finds(sequence: list[Exchange]) -> None:
    assert len(problems_in(FiltersHold(), *sequence)) == 1


def test_sorted_as_requested() -> None:
    early, late = {"created": 1}, {"created": 2}
    oracle = SortedAsRequested()
    fine = (
        rows(early, early, late, sort_field="created", sort_order="asc"),
        rows(late, early, sort_field="created", sort_order="desc"),
        rows(late, early, sort_field="name", sort_order="asc"),
        rows(early, late, sort_order="desc"),
    )
    assert problems_in(oracle, *fine) == []
    assert oracle.judged == 2
    assert len(problems_in(oracle, rows(late, early, sort_field="created", sort_order="asc"))) == 1


CHANGE = make_exchange("rename_computation", None, 204, query="name=x")


@pytest.mark.parametrize(
    "sequence",
    [
        [search("1", "2", more=True, token="t", limit=2), search("3", limit=2, next_token="t")],
        [search("1", more=True, token="t", limit=1), search("1", limit=1, more=True, token="t")],
        [search("1", more=True, token="t"), search("2", next_token="t"), search("2", next_token="t")],
        [search("1", more=True, token="t"), CHANGE, search("1", next_token="t")],
        [search("1", more=True, token="t"), search("1", offset=1)],
        [search("1", more=True, token="t", query="a"), search("1", query="b", next_token="t")],
        [search("1", "2"), search("1"), search("1")],
        [create_asset("1"), search("1", "2"), CHANGE, search("2")],
        [create_asset("1"), search("1"), search("2", query="other")],
        [old("1", more=True, query="limit=1"), old("1", query="limit=1&start=1")],
        [old("1", "2", total=2)],
        [search(limit="x"), search("1", limit=True)],
    ],
)
def test_pages_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(Pages(), *sequence) == []


@pytest.mark.parametrize(
    ("sequence", "word"),
    [
        ([search("1", "2", limit=1)], "at most 1"),
        ([old(*map(str, range(11)))], "at most 10"),
        ([search(more=True, token="t")], "empty"),
        ([search("1", more=True)], "no next_token"),
        ([search("1", token="t")], "there is a next_token"),
        ([old("1", total=2)], "total"),
        ([search("1", "1")], "twice"),
        ([search("1", more=True, token="t"), search("1", next_token="t")], "two pages"),
        ([create_asset("1"), search("1", more=True, token="t"), search("1", offset=1)], "two pages"),
        ([create_asset("1"), search("1", "2"), search("2")], "not in that"),
        ([create_asset("1"), search("2"), search("1", "2")], "not in that"),
        ([search("1", "2"), search("2"), search("1", "2")], "before and after"),
        (
            [
                search("1", "2"),
                search("1", more=True, token="t", limit=1),
                search(limit=1, next_token="t"),
                search("1", "2"),
            ],
            "before and after",
        ),
    ],
)
def test_pages_finds(sequence: list[Exchange], word: str) -> None:
    [message] = problems_in(Pages(), *sequence)
    assert word in message


def hidden(*ids: str, **sent: Any) -> Exchange:
    return search(*ids, archived=True, **sent)


@pytest.mark.parametrize(
    "sequence",
    [
        [archive("true"), search("asset-2"), hidden("asset-1")],
        [archive("True"), archive("false"), search("asset-1"), hidden()],
        [archive("true", 403), search("asset-1")],
        [archive("true"), archive("false", None), search("asset-1"), hidden("asset-1")],
        [archive("true"), search("asset-1", next_token="t")],
        [create_asset(), search("asset-1"), old("asset-1")],
    ],
)
def test_archive_hides_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(ArchiveHides(), *sequence) == []


@pytest.mark.parametrize(
    "sequence",
    [
        [archive("true"), search("asset-1")],
        [archive("true"), search("asset-1", archived=False)],
        [archive("false"), hidden("asset-1")],
        [create_asset(), hidden("asset-1")],
        [archive("true"), old("asset-1")],
        [archive("true"), archive("false", 403), old("asset-1", query="archived=false")],
    ],
)
def test_archive_hides_finds(sequence: list[Exchange]) -> None:
    assert len(problems_in(ArchiveHides(), *sequence)) == 1
