"""Oracles of who may do what: found where it is wrong, silent where it is not."""

from typing import Any

import pytest

from contract_tests.oracles.access import Authentication, Ownership, Scopes
from contract_tests.transport.exchange import Exchange
from tests.contract.sequences import ASSET, RUN, found, of, page

PRIVATE = {"everyone": "none", "users": [{"email": "a@example.org", "role": "owner"}]}
NO = {"message": "no"}


def test_authentication() -> None:
    oracle = Authentication()
    refused = [of("get_computation", NO, status, caller=who) for who in (None, "unknown") for status in (401, 404, 500)]
    assert found(oracle, *refused, of("get_computation", RUN)) == []
    assert oracle.judged == 6
    assert len(found(oracle, of("get_computation", RUN, caller=None), of("run_capsule", RUN, caller="unknown"))) == 2


def test_scopes() -> None:
    oracle = Scopes()
    fine = (
        of("get_computation", RUN, caller="reader"),
        of("search_data_assets", page(), caller="reader"),
        of("run_capsule", NO, 403, caller="reader"),
        of("run_capsule", RUN),
    )
    assert found(oracle, *fine) == []
    assert oracle.judged == 1
    written = [
        of(name, None, 204, caller="reader")
        for name in ("run_capsule", "update_data_asset", "delete_computation", "transfer_data_asset", "archive_capsule")
    ]
    assert len(found(oracle, *written)) == len(written)


def made() -> Exchange:
    return of("create_data_asset", ASSET, sent={})


def started() -> Exchange:
    return of("run_capsule", RUN, sent={"capsule_id": "c"})


def permissions(answer: Any = PRIVATE) -> Exchange:
    return of("get_capsule_permissions", answer, key="c")


def share(status: int | None = 204, what: str = "data_asset", key: str = "asset-1", **sent: Any) -> Exchange:
    return of(f"update_{what}_permissions", None, status, sent=sent, key=key)


def other(name: str = "get_data_asset", answer: Any = ASSET, status: int = 200, **more: Any) -> Exchange:
    return of(name, answer, status, caller="other", **({"key": "asset-1"} | more))


@pytest.mark.parametrize(
    "sequence",
    [
        [made(), other(answer=NO, status=404)],
        [made(), share(), other()],
        [made(), share(None), other()],
        [made(), share(what="capsule", key="c", share_assets=True), other()],
        [other()],
        [of("create_data_asset", ASSET, sent={}, caller="other"), other()],
        [started(), other("get_computation", RUN, key="run-1")],
        [started(), permissions(PRIVATE | {"everyone": "viewer"}), other("get_computation", RUN, key="run-1")],
        [started(), permissions(PRIVATE | {"groups": [{"group": "g"}]}), other("get_computation", RUN, key="run-1")],
        [started(), permissions(), share(what="capsule", key="c"), other("get_computation", RUN, key="run-1")],
        [made(), of("get_data_asset", ASSET, key="asset-1", caller="admin")],
        [made(), other("search_data_assets", page("asset-2"), key="c")],
    ],
)
def test_ownership_is_silent(sequence: list[Exchange]) -> None:
    assert found(Ownership(), *sequence) == []


@pytest.mark.parametrize(
    "sequence",
    [
        [made(), other()],
        [made(), other("update_data_asset", ASSET)],
        [made(), other("list_data_asset_files", {"items": []}, key="ASSET-1")],
        [made(), share(403), other()],
        [made(), share(), of("get_data_asset_permissions", PRIVATE, key="asset-1"), other()],
        [started(), permissions(), other("list_computation_results", {"items": []}, key="run-1")],
        [permissions(), started(), other("list_capsule_computations", [RUN], key="c")],
        [made(), other("search_data_assets", page("asset-1"))],
        [made(), other("run_capsule", RUN | {"id": "run-2"}, sent={"data_assets": [{"id": "asset-1"}]})],
        [made(), other("create_data_asset", ASSET | {"id": "asset-2"}, sent={"data_asset_ids": ["asset-1"]})],
        [
            permissions(),
            started(),
            other("create_data_asset", ASSET, sent={"source": {"computation": {"id": "run-1"}}}),
        ],
    ],
)
def test_ownership_finds(sequence: list[Exchange]) -> None:
    oracle = Ownership()
    [message] = found(oracle, *sequence)
    assert "does not share it" in message
