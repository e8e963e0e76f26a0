"""What an oracle does not understand makes it forget; what it does understand does not."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests

from contract_tests.oracles.access import Ownership
from contract_tests.oracles.answers import NoServerError
from contract_tests.oracles.computations import ResultsAfterCompletion
from contract_tests.oracles.files import SignedUrls
from contract_tests.oracles.lists import ListAgreesWithGet
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.pages import ArchiveHides, Pages
from contract_tests.oracles.runner import Watch
from contract_tests.oracles.states import StateOrder, TerminalIsFinal
from contract_tests.oracles.write_consistency import CreatedExists, CreatedIsFixed, GoneAfterDelete, NewIds
from contract_tests.transport.budgets import Budgets, Meter
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.gate import Gate
from contract_tests.transport.profiles import Profile, Rules
from contract_tests.transport.target import Target
from mock_server import MockCodeOcean
from tests.contract.sequences import ASSET, DONE, RUN, download, make_exchange, page, problems_in
from tests.process import PATIENCE

NOT_FOUND = {"message": "not found"}
PRIVATE = {"everyone": "none", "users": [{"email": "a@example.com", "role": "owner"}]}
URL = "https://files.example.org/a.txt?X-Amz-Expires=3600"
DAY = 1_700_000_000.0


def create(key: str = "asset-1", **fields: Any) -> Exchange:
    return make_exchange("create_data_asset", ASSET | {"id": key} | fields, sent={"name": "first"})


def get(key: str = "asset-1", status: int | None = 200, **fields: Any) -> Exchange:
    answer = ASSET | {"id": key} | fields if status == 200 else NOT_FOUND
    return make_exchange("get_data_asset", answer, status, key=key)


def start(**fields: Any) -> Exchange:
    return make_exchange("run_capsule", RUN | fields, sent={"capsule_id": "c"})


def run(status: int = 200, **fields: Any) -> Exchange:
    return make_exchange("get_computation", RUN | fields if status == 200 else NOT_FOUND, status)


def on_asset(name: str, status: int | None = 204, sent: Any = None, query: str = "", key: str = "asset-1") -> Exchange:
    return make_exchange(name, None, status, key=key, sent=sent, query=query)


def on_capsule(name: str, status: int | None = 204, sent: Any = None) -> Exchange:
    return make_exchange(name, None, status, key="c", sent={} if sent is None else sent)


def rows(*ids: str, **sent: Any) -> Exchange:
    return make_exchange("search_data_assets", page(*ids), sent=sent)


def walk(first: str, second: str, fields: dict[str, Any] | None = None, **sent: Any) -> list[Exchange]:
    """Two pages of one walk; `fields` are those of the first row."""
    begin = page(first, more=True, token="t")
    begin["results"][0].update(fields or {})
    return [
        make_exchange("search_data_assets", begin, sent=sent),
        make_exchange("search_data_assets", page(second), sent=sent | {"next_token": "t"}),
    ]


def counted(key: str, **sent: Any) -> list[Exchange]:
    """Two pages that are found by counting, with the same row."""
    begin = page(key, more=True, token="t")
    begin["results"][0].update(LOOSE)
    last = make_exchange("search_data_assets", page(key) | {"results": begin["results"]}, sent=sent | {"offset": 1})
    return [make_exchange("search_data_assets", begin, sent=sent), last]


def listing(size: int = 5) -> Exchange:
    items = [{"name": "a.txt", "path": "a.txt", "type": "file", "size": size}]
    return make_exchange("list_computation_results", {"items": items}, sent={}, at=DAY)


def signed() -> Exchange:
    return make_exchange("get_result_file_urls", {"download_url": URL, "view_url": URL}, query="path=a.txt", at=DAY)


def legacy(query: str) -> Exchange:
    return make_exchange("search_data_assets_legacy", page("asset-1"), query=query)


def results(**sent: Any) -> Exchange:
    return make_exchange("list_computation_results", {"items": []}, sent=sent)


def other(name: str = "get_data_asset", answer: Any = ASSET, **more: Any) -> Exchange:
    return make_exchange(name, answer, caller="other", **({"key": "asset-1"} | more))


def capsule(owner: str) -> Exchange:
    return make_exchange("get_capsule", {"id": "c", "owner": owner}, key="c")


def permissions() -> Exchange:
    return make_exchange("get_capsule_permissions", PRIVATE, key="c")


TRANSFER = on_asset("transfer_data_asset")
SHARED = on_capsule("update_capsule_permissions", sent={"share_assets": True})
NOT_ALONG = on_capsule("update_capsule_permissions", sent={"share_assets": False})
UNREADABLE = on_capsule("update_capsule_permissions", sent=["no object"])
ATTACHED = on_capsule("attach_capsule_data_assets", 200, sent=[{"id": "ASSET-1"}])
OTHER_ATTACHED = on_capsule("attach_capsule_data_assets", 200, sent=[{"id": "asset-2"}])
ARCHIVED = on_asset("archive_data_asset", query="archive=true")
PARTS = {"Content-Type": "multipart/byteranges; boundary=x"}
SLASH = replace(get(status=404), url=f"{get().url}/")
LOOSE: dict[str, Any] = {"state": "draft", "size": 0}


@pytest.mark.parametrize(
    ("oracle", "sequence"),
    [
        (StateOrder, [get(), TRANSFER, get(**LOOSE)]),
        (TerminalIsFinal, [get(), TRANSFER, get(), get(files=9)]),
        (TerminalIsFinal, [get(), on_asset("transfer_data_asset", 503), get(files=9)]),
        (CreatedExists, [start(), on_capsule("delete_capsule"), run(404)]),
        (CreatedExists, [start(), NOT_ALONG, run(404)]),
        (CreatedExists, [create(), on_asset("update_data_asset_permissions"), get(status=404)]),
        (CreatedExists, [create(), SLASH]),
        (CreatedIsFixed, [get(), SHARED, get(owner="user-2")]),
        (CreatedIsFixed, [get(), UNREADABLE, get(owner="user-2")]),
        (ListAgreesWithGet, [get(owner="user-2"), SHARED, rows("asset-1")]),
        (ListAgreesWithGet, [TRANSFER, get(source_bucket={"external": True}), rows("asset-1")]),
        (ListAgreesWithGet, [start(), NOT_ALONG, make_exchange("list_capsule_computations", [], key="c")]),
        (Pages, [create(**LOOSE), rows("asset-1", "asset-2"), rows("asset-2")]),
        (Pages, [create(**LOOSE), rows("asset-2"), get(), rows("asset-1", "asset-2")]),
        (Pages, walk("asset-1", "asset-1", {"name": "other"}, sort_field="name")),
        (Pages, walk("asset-1", "asset-1", {"tags": ["other"]}, query="words")),
        (Pages, [create(**LOOSE), *walk("asset-1", "asset-1", LOOSE, sort_field="size")]),
        (Pages, [create(**LOOSE), *counted("asset-1", sort_field="size")]),
        (Pages, [rows("1", "2", sort_field="name"), rows("2", sort_field="name"), rows("1", "2", sort_field="name")]),
        (ArchiveHides, [ARCHIVED, legacy("archived=true&archived=false")]),
        (Ownership, [create(), SHARED, other()]),
        (Ownership, [create(), UNREADABLE, other()]),
        (Ownership, [create(), ATTACHED, other()]),
        (Ownership, [create(), on_capsule("attach_capsule_data_assets", 200, sent="no list"), other()]),
        (Ownership, [create(), on_capsule("release_capsule", 200), other()]),
        (Ownership, [capsule(owner="user-2"), permissions(), start(), other("get_computation", RUN, key="run-1")]),
        (ResultsAfterCompletion, [make_exchange("get_computation", DONE), results(path=0)]),
        (SignedUrls, [start(), listing(), signed(), download(URL, b"hello!", at=DAY)]),
        (SignedUrls, [start(), signed(), download(URL, b"hell", at=DAY), download(URL, b"hello", at=DAY)]),
        (SignedUrls, [listing(), TRANSFER, signed(), download(URL, b"hello!", at=DAY)]),
        (SignedUrls, [get(), signed(), TRANSFER, download(URL, b"", 404, at=DAY)]),
        (SignedUrls, [signed(), download(URL, b"--x", 206, at=DAY, headers=PARTS)]),
        (SignedUrls, [signed(), download(URL, b"", 408, at=DAY)]),
    ],
)
def test_what_may_have_changed_is_forgotten(oracle: type[Oracle], sequence: list[Exchange]) -> None:
    assert problems_in(oracle(), *sequence) == []


@pytest.mark.parametrize(
    ("oracle", "sequence"),
    [
        (StateOrder, [get(), on_asset("update_data_asset_permissions"), get(**LOOSE)]),
        (TerminalIsFinal, [get(), on_asset("transfer_data_asset", 403), get(files=9)]),
        (TerminalIsFinal, [get(), on_asset("transfer_data_asset", key="asset-2"), get(files=9)]),
        (CreatedExists, [create(), NOT_ALONG, SHARED, get(status=404)]),
        (CreatedExists, [start(), on_asset("update_data_asset_permissions"), run(404)]),
        (CreatedIsFixed, [get(), NOT_ALONG, get(owner="user-2")]),
        (ListAgreesWithGet, [get(owner="user-2"), NOT_ALONG, rows("asset-1")]),
        (Pages, [create(**LOOSE), get(), rows("asset-1", "asset-2"), rows("asset-2")]),
        (Pages, [create("1"), *counted("1", sort_field="size")]),
        (Pages, [create(**LOOSE), *counted("asset-1", sort_field="created")]),
        (Pages, [create("1"), create("2"), *walk("1", "1", sort_field="size")]),
        (Pages, walk("asset-1", "asset-1", {"name": "other"}, sort_field="created")),
        (Pages, walk("asset-1", "asset-1", sort_field="name")),
        (Pages, walk("asset-1", "asset-1", query="words")),
        (ArchiveHides, [ARCHIVED, legacy("archived=false")]),
        (Ownership, [create(), NOT_ALONG, OTHER_ATTACHED, other()]),
        (Ownership, [capsule(owner="user-1"), permissions(), start(), other("get_computation", RUN, key="run-1")]),
        (ResultsAfterCompletion, [make_exchange("get_computation", DONE), results(path=None)]),
        (SignedUrls, [start(), make_exchange("get_computation", DONE), listing(), signed(), download(URL, b"hello!")]),
        (SignedUrls, [listing(), signed(), on_asset("transfer_data_asset", 403), download(URL, b"", 404, at=DAY)]),
    ],
)
def test_what_cannot_have_changed_is_not(oracle: type[Oracle], sequence: list[Exchange]) -> None:
    assert len(problems_in(oracle(), *sequence)) == 1


def seen_by(watch: Watch, *exchanges: Exchange) -> list[str]:
    """The names of the oracles that find something wrong."""
    for exchange in exchanges:
        exchange.problems.clear()
        watch.observe(exchange)
    return [name for exchange in exchanges for name, _ in exchange.problems]


def watch() -> Watch:
    return Watch([StateOrder(), CreatedIsFixed(), GoneAfterDelete(), NewIds(), NoServerError()])


def unknown(method: str = "POST", status: int | None = 200) -> Exchange:
    return replace(on_asset("archive_data_asset", status), method=method, operation=None, keys={})


@pytest.mark.parametrize("status", [None, 502, 504])
def test_a_lost_request_may_still_take_effect(status: int | None) -> None:
    lost = on_asset("update_data_asset_permissions", status)
    assert seen_by(watch(), get(), lost, get(), get(owner="user-2"), get(**LOOSE)) == []
    assert seen_by(watch(), get("asset-2"), lost, get("asset-2", owner="user-2")) == ["created_is_fixed"]
    refused = on_asset("update_data_asset_permissions", 403)
    assert seen_by(watch(), get(), refused, get(), get(owner="user-2")) == ["created_is_fixed"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("status", [200, 302, None])
def test_a_request_that_nobody_knows_may_change_anything(method: str, status: int | None) -> None:
    assert seen_by(watch(), get(), unknown(method, status), get(owner="user-2", **LOOSE)) == []


@pytest.mark.parametrize("exchange", [unknown(status=404), unknown("GET"), unknown("OPTIONS"), unknown("TRACE")])
def test_a_request_that_changes_nothing_is_no_reason_to_forget(exchange: Exchange) -> None:
    assert seen_by(watch(), get(), exchange, get(owner="user-2")) == ["created_is_fixed"]


def test_what_was_judged_before_counts_after_all_is_forgotten() -> None:
    watching = watch()
    seen_by(watching, get(), get(), unknown(), get(), unknown(status=500))
    assert {oracle.name: oracle.judged for oracle in watching.oracles}["state_order"] == 1
    assert {oracle.name: oracle.judged for oracle in watching.oracles}["no_server_error"] == 5


def test_requests_at_the_same_time_have_no_order() -> None:
    beside = replace(get(**LOOSE), overlapped=True)
    assert seen_by(watch(), get(), beside) == []
    assert seen_by(watch(), beside, get(), get(**LOOSE)) == ["state_order"]
    deleted = replace(on_asset("delete_data_asset"), overlapped=True)
    assert seen_by(watch(), deleted, get()) == []
    made = replace(create(), overlapped=True)
    assert seen_by(watch(), rows("asset-1"), made) == []
    assert seen_by(watch(), replace(get(status=500), overlapped=True)) == ["no_server_error"]


def test_the_gate_tells_what_runs_beside_what(mock: MockCodeOcean) -> None:
    target = Target.of(mock.url)
    gate = Gate(target, Rules(Profile.OBSERVE, target, tag="run-1"), Meter(Budgets()))
    known = f"{mock.url}/api/v1/custom_metadata"

    def body() -> Iterator[bytes]:
        requests.get(known, timeout=PATIENCE)
        yield b"{}"

    with gate.installed():
        requests.get(known, timeout=PATIENCE)
        requests.post(f"{mock.url}/api/v1/capsules/search", data=body(), timeout=PATIENCE)
        requests.get(known, timeout=PATIENCE)
    assert [exchange.overlapped for exchange in gate.exchanges] == [False, True, True, False]
