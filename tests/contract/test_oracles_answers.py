"""Oracles of the shape of answers, and the watch that has all oracles see every exchange."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from contract_tests.oracles.answers import ErrorsHaveMessage, NeverNull, NoServerError, RequiredFields
from contract_tests.oracles.observation import Observation
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.runner import ORACLES, Watch
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import OPERATIONS
from tests.contract.sequences import ASSET, RUN, download, make_exchange, page, problems_in

HTML = {"Content-Type": "text/html"}


def outside(status: int, answer: bytes, headers: dict[str, str]) -> Exchange:
    """An answer to a path that the API does not have."""
    exchange = make_exchange("get_custom_metadata", None, status, headers=headers)
    return replace(exchange, operation=None, answer=answer, url=f"{exchange.url}/else")


@pytest.mark.parametrize(
    "exchange",
    [
        make_exchange("get_computation", {"message": "computation not found"}, 404),
        make_exchange(
            "get_computation", {"message": "x"}, 404, headers={"Content-Type": "application/json; charset=utf-8"}
        ),
        make_exchange("delete_data_asset", {"message": "in use", "datasets": []}, 403),
        make_exchange("release_capsule", {"uncommitted_files": True}, 403),
        make_exchange("get_computation", None, 502, headers=HTML),
        make_exchange("get_computation", RUN),
        make_exchange("get_computation", None, None),
        outside(404, b'{"message":"not found"}', {"Content-Type": "application/json"}),
        download("https://files.example.org/a", b"<Error/>", 403),
        replace(make_exchange("get_computation", None, 405, headers={}), method="HEAD"),
    ],
)
def test_errors_have_message_is_silent(exchange: Exchange) -> None:
    assert problems_in(ErrorsHaveMessage(), exchange) == []


@pytest.mark.parametrize(
    "exchange",
    [
        make_exchange("get_computation", {"error": "not found"}, 404),
        make_exchange("get_computation", {"message": ""}, 404),
        make_exchange("get_computation", {"message": {"text": "x"}}, 404),
        make_exchange("get_computation", ["message"], 404),
        make_exchange("get_computation", {"message": "x"}, 404, headers={"Content-Type": "text/plain"}),
        make_exchange("get_computation", None, 404, headers={}),
        make_exchange("release_capsule", {"uncommitted_files": False}, 403),
        make_exchange("release_capsule", {}, 403),
        make_exchange("archive_capsule", {"uncommitted_files": True}, 403),
        outside(404, b"Not Found", {"Content-Type": "text/plain"}),
        make_exchange("get_computation", None, 500, headers=HTML),
    ],
)
def test_errors_have_message_finds(exchange: Exchange) -> None:
    assert len(problems_in(ErrorsHaveMessage(), exchange)) == 1


def test_no_server_error() -> None:
    oracle = NoServerError()
    assert (
        problems_in(
            oracle, *(make_exchange("get_computation", None, status) for status in (200, 404, 502, 503, 504, None))
        )
        == []
    )
    assert len(problems_in(oracle, make_exchange("get_computation", {"message": "internal error"}, 500))) == 1


def test_never_null() -> None:
    oracle = NeverNull()
    fine = (
        make_exchange("get_data_asset", ASSET | {"custom_metadata": {"a": None}}),
        make_exchange("get_data_asset", {"message": None}, 404),
        make_exchange("delete_data_asset", None, 204),
    )
    assert problems_in(oracle, *fine) == []
    nulls = (
        make_exchange("get_data_asset", ASSET | {"description": None}),
        make_exchange("list_capsule_computations", [RUN, RUN | {"parameters": [{"name": None}]}]),
        make_exchange("search_data_assets", page("1") | {"next_token": None}),
    )
    messages = problems_in(oracle, *nulls)
    assert [message.split()[0] for message in messages] == ["description", "[].parameters[].name", "next_token"]


def without(name: str) -> dict[str, Any]:
    return {field: value for field, value in RUN.items() if field != name}


@pytest.mark.parametrize(
    "exchange",
    [
        make_exchange("get_computation", RUN | {"more": 1, "run_time": 1.5, "created": 5.0}),
        make_exchange("get_data_asset", ASSET),
        make_exchange("get_computation", {"message": "no"}, 404),
        make_exchange("search_data_assets", page("1", "2")),
        make_exchange("list_capsule_computations", [RUN]),
        make_exchange("attach_capsule_data_assets", [{"id": "asset-1"}]),
        make_exchange("delete_computation", None, 204),
        replace(make_exchange("get_computation", without("state")), is_cut=True),
    ],
)
def test_required_fields_is_silent(exchange: Exchange) -> None:
    assert problems_in(RequiredFields(), exchange) == []


@pytest.mark.parametrize(
    "exchange",
    [
        *(
            make_exchange("get_computation", without(field))
            for field in ("id", "created", "name", "owner", "run_time", "state")
        ),
        make_exchange("get_computation", RUN | {"created": "1700000000"}),
        make_exchange("get_computation", RUN | {"created": True}),
        make_exchange("get_computation", RUN | {"name": None}),
        make_exchange("run_capsule", [RUN]),
        make_exchange("get_computation"),
        make_exchange("list_capsule_computations", {"results": []}),
        make_exchange("list_capsule_computations", [RUN, "run"]),
        make_exchange("search_data_assets", {"has_more": "false", "results": []}),
        make_exchange("search_data_assets", {"results": []}),
        make_exchange("search_data_assets", {"has_more": False, "results": {}}),
        make_exchange("list_data_asset_files", {"items": [{"name": "a", "type": "file"}]}),
        make_exchange("get_result_file_urls", {"download_url": "https://x.example.org"}),
        make_exchange("get_capsule_release_job", {"status": "created"}),
        make_exchange("attach_capsule_data_assets", [{"mount": "a"}]),
    ],
)
def test_required_fields_finds(exchange: Exchange) -> None:
    oracle = RequiredFields()
    assert len(problems_in(oracle, exchange)) == 1
    assert oracle.judged


class Failing(Oracle):
    name = "failing"
    summary = "Fails."

    def observe(self, seen: Observation) -> Iterable[str]:
        raise KeyError("lost")

    def finish(self) -> Iterable[str]:
        raise KeyError("lost")


def test_the_watch_tells_what_oracles_find_and_survives_them() -> None:
    watch = Watch([Failing(), NoServerError(), NeverNull()])
    exchange = make_exchange("get_computation", {"message": "internal error"}, 500)
    watch.observe(exchange)
    assert [name for name, _ in exchange.problems] == ["failing", "no_server_error"]
    assert "KeyError" in exchange.problems[0][1]
    assert watch.judged == {"get_computation": {"no_server_error"}}
    assert [oracle.name for oracle in watch.oracles if not oracle.judged] == ["failing", "never_null"]
    assert [name for name, _ in watch.finish()] == ["failing"]


def test_oracles_have_names_of_their_own() -> None:
    names = [oracle.name for oracle in ORACLES]
    assert len(set(names)) == len(names)
    assert all(oracle.summary.endswith(".") for oracle in ORACLES)


BODIES: tuple[Any, ...] = (
    None,
    0,
    "text",
    [],
    [[], None, 5],
    {},
    {"id": {}, "results": 5, "items": {}, "has_more": "x", "next_token": [], "total": None, "url": "http://[::1"},
    {"id": "x", "state": {}, "status": [], "created": "x", "run_time": [], "parameters": 5, "tags": 5, "users": 5},
    {"results": [None, 5, {"id": 5}, {"id": "x", "tags": {}, "custom_metadata": []}], "has_more": True},
    {"items": [None, {"name": {}, "path": [], "size": {}, "type": None}]},
    {"users": [], "groups": {}, "everyone": 5},
)


@pytest.mark.parametrize("answer", BODIES)
@pytest.mark.parametrize("sent", BODIES)
def test_oracles_survive_any_body(answer: Any, sent: Any) -> None:
    watch = Watch()
    for caller in ("owner", "other"):
        for name in OPERATIONS:
            for query in ("", "path=%FF&limit=x&archive=maybe&name=a&name=b"):
                exchange = replace(
                    make_exchange(name, answer, 200, sent=sent, caller=caller, query=query),
                    body=json.dumps(sent).encode(),
                )
                watch.observe(exchange)
                assert not [message for _, message in exchange.problems if "itself failed" in message], (
                    exchange.problems
                )
