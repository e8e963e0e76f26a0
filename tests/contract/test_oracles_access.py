"""Oracles of who may do what: found where it is wrong, silent where it is not."""

from typing import Any

import pytest

from contract_tests.oracles.access import Authentication, Ownership, Scopes
from contract_tests.transport.exchange import Exchange
from tests.contract.sequences import ASSET, RUN, make_exchange, page, problems_in

PRIVATE = {"everyone": "none", "users": [{"email": "a@example.org", "role": "owner"}]}
NO = {"message": "no"}


def test_authentication() -> None:
    oracle = Authentication()
    refused = [
        make_exchange("get_computation", NO, status, caller=who)
        for who in (None, "unknown")
        for status in (401, 404, 500)
    ]
    assert problems_in(oracle, *refused, make_exchange("get_computation", RUN)) == []
    assert oracle.judged == 6
    assert (
        len(
            problems_in(
                oracle,
                make_exchange("get_computation", RUN, caller=None),
                make_exchange("run_capsule", RUN, caller="unknown"),
            )
        )
        == 2
    )


def test_scopes() -> None:
    oracle = Scopes()
    fine = (
        make_exchange("get_computation", RUN, caller="reader"),
        make_exchange("search_data_assets", page(), caller="reader"),
        make_exchange("run_capsule", NO, 403, caller="reader"),
        make_exchange("run_capsule", RUN),
    )
    assert problems_in(oracle, *fine) == []
    assert oracle.judged == 1
    written = [
        make_exchange(name, None, 204, caller="reader")
        for name in ("run_capsule", "update_data_asset", "delete_computation", "transfer_data_asset", "archive_capsule")
    ]
    assert len(problems_in(oracle, *written)) == len(written)


def create_asset() -> Exchange:
    return make_exchange("create_data_asset", ASSET, sent={})


def start_run() -> Exchange:
    return make_exchange("run_capsule", RUN, sent={"capsule_id": "c"})


def permissions(answer: Any = PRIVATE) -> Exchange:
    return make_exchange("get_capsule_permissions", answer, key="c")


def share(status: int | None = 204, what: str = "data_asset", key: str = "asset-1", **sent: Any) -> Exchange:
    return make_exchange(f"update_{what}_permissions", None, status, sent=sent, key=key)


def other(name: str = "get_data_asset", answer: Any = ASSET, status: int = 200, **more: Any) -> Exchange:
    return make_exchange(name, answer, status, caller="other", **({"key": "asset-1"} | more))


@pytest.mark.parametrize(
    "sequence",
    [
        [create_asset(), other(answer=NO, status=404)],
        [create_asset(), share(), other()],
        [create_asset(), share(None), other()],
        [create_asset(), share(what="capsule", key="c", share_assets=True), other()],
        [other()],
        [make_exchange("create_data_asset", ASSET, sent={}, caller="other"), other()],
        [start_run(), other("get_computation", RUN, key="run-1")],
        [start_run(), permissions(PRIVATE | {"everyone": "viewer"}), other("get_computation", RUN, key="run-1")],
        [start_run(), permissions(PRIVATE | {"groups": [{"group": "g"}]}), other("get_computation", RUN, key="run-1")],
        [start_run(), permissions(), share(what="capsule", key="c"), other("get_computation", RUN, key="run-1")],
        [create_asset(), make_exchange("get_data_asset", ASSET, key="asset-1", caller="admin")],
        [create_asset(), other("search_data_assets", page("asset-2"), key="c")],
    ],
)
def test_ownership_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(Ownership(), *sequence) == []


@pytest.mark.parametrize(
    "sequence",
    [
        [create_asset(), other()],
        [create_asset(), other("update_data_asset", ASSET)],
        [create_asset(), other("list_data_asset_files", {"items": []}, key="ASSET-1")],
        [create_asset(), share(403), other()],
        [create_asset(), share(), make_exchange("get_data_asset_permissions", PRIVATE, key="asset-1"), other()],
        [start_run(), permissions(), other("list_computation_results", {"items": []}, key="run-1")],
        [permissions(), start_run(), other("list_capsule_computations", [RUN], key="c")],
        [create_asset(), other("search_data_assets", page("asset-1"))],
        [create_asset(), other("run_capsule", RUN | {"id": "run-2"}, sent={"data_assets": [{"id": "asset-1"}]})],
        [create_asset(), other("create_data_asset", ASSET | {"id": "asset-2"}, sent={"data_asset_ids": ["asset-1"]})],
        [
            permissions(),
            start_run(),
            other("create_data_asset", ASSET, sent={"source": {"computation": {"id": "run-1"}}}),
        ],
    ],
)
def test_ownership_finds(sequence: list[Exchange]) -> None:
    oracle = Ownership()
    [message] = problems_in(oracle, *sequence)
    assert "to a user it is not shared with" in message
