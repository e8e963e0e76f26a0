"""Oracles of what is written: found where it is wrong, silent where it is not."""

from typing import Any

import pytest

from contract_tests.oracles.write_consistency import CreatedExists, CreatedIsFixed, GoneAfterDelete, NewIds, ReadsBack
from contract_tests.transport.exchange import Exchange
from tests.contract.sequences import ASSET, DONE, RUN, make_exchange, page, problems_in

PARAMS = {"name": "first", "mount": "first", "tags": ["a"]}
MISSING = {"message": "not found"}


def asset(**fields: Any) -> Exchange:
    return make_exchange("get_data_asset", ASSET | fields, key="asset-1")


def create(sent: Any = None, **fields: Any) -> Exchange:
    return make_exchange("create_data_asset", ASSET | fields, sent=PARAMS | (sent or {}))


def update(status: int | None = 200, **sent: Any) -> Exchange:
    answer = ASSET | {name: value for name, value in sent.items() if value not in (None, "")}
    return make_exchange("update_data_asset", answer if status == 200 else MISSING, status, sent=sent, key="asset-1")


def start(shows: dict[str, Any] | None = None, **sent: Any) -> Exchange:
    return make_exchange("run_capsule", RUN | (shows or {}), sent={"capsule_id": "c"} | sent)


def delete(status: int | None = 204, key: str = "asset-1") -> Exchange:
    return make_exchange("delete_data_asset", None, status, key=key)


def gone(caller: str | None = "owner", status: int = 404) -> Exchange:
    return make_exchange("get_data_asset", MISSING, status, key="asset-1", caller=caller)


def search(*ids: str, **sent: Any) -> Exchange:
    return make_exchange("search_data_assets", page(*ids), sent=sent)


def test_new_ids() -> None:
    assert problems_in(NewIds(), create(), start(), asset(), create(id="asset-2")) == []
    oracle = NewIds()
    assert len(problems_in(oracle, create(), create())) == 1
    assert (
        len(
            problems_in(
                oracle,
                make_exchange("get_computation", DONE | {"id": "x"}),
                make_exchange("run_capsule", RUN | {"id": "X"}, sent={}),
            )
        )
        == 1
    )


@pytest.mark.parametrize(
    "sequence",
    [
        [create(), asset()],
        [create(), delete(), gone()],
        [create(), delete(None), gone()],
        [create(), gone(caller="other")],
        [create(), gone(status=429)],
        [create(), gone(status=401, caller="unknown")],
        [start(), make_exchange("delete_capsule", None, 204, key="c"), make_exchange("get_computation", MISSING, 404)],
        [gone()],
    ],
)
def test_created_exists_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(CreatedExists(), *sequence) == []


@pytest.mark.parametrize(
    "sequence",
    [
        [create(), gone()],
        [start(), make_exchange("get_computation", MISSING, 404)],
        [create(), delete(403), gone()],
        [create(), make_exchange("delete_capsule", None, 204, key="c"), gone()],
    ],
)
def test_created_exists_finds(sequence: list[Exchange]) -> None:
    oracle = CreatedExists()
    assert len(problems_in(oracle, *sequence)) == 1
    assert oracle.judged == 1


@pytest.mark.parametrize(
    "sequence",
    [
        [delete(), gone(), search("asset-2")],
        [delete(403), asset(), search("asset-1")],
        [delete(None), asset()],
        [delete(), search("asset-1", next_token="t")],
        [search("asset-1"), delete()],
        [delete(), asset(id="other")][:1],
    ],
)
def test_gone_after_delete_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(GoneAfterDelete(), *sequence) == []


@pytest.mark.parametrize(
    "sequence",
    [
        [delete(), asset()],
        [delete(), search("asset-2", "asset-1")],
        [delete(), update()],
        [delete(), make_exchange("list_data_asset_files", {"items": []}, key="ASSET-1")],
        [make_exchange("delete_computation", None, 204), make_exchange("list_computation_results", {"items": []})],
        [make_exchange("delete_computation", None, 204), make_exchange("list_capsule_computations", [DONE], key="c")],
    ],
)
def test_gone_after_delete_finds(sequence: list[Exchange]) -> None:
    assert len(problems_in(GoneAfterDelete(), *sequence)) == 1


@pytest.mark.parametrize(
    "sequence",
    [
        [asset(), asset(name="other"), search("asset-1")],
        [asset(), make_exchange("update_data_asset_permissions", None, 204, key="asset-1"), asset(owner="user-2")],
        [make_exchange("get_data_asset", ASSET, key="ASSET-1")],
        [start(), make_exchange("get_computation", DONE)],
    ],
)
def test_created_is_fixed_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(CreatedIsFixed(), *sequence) == []


@pytest.mark.parametrize(
    "sequence",
    [
        [asset(), asset(created=ASSET["created"] + 1)],
        [asset(), asset(owner="user-2")],
        [asset(), asset(type="result")],
        [
            create(),
            make_exchange("search_data_assets", {"has_more": False, "results": [ASSET | {"owner": "user-2"}]}, sent={}),
        ],
        [asset(created=0)],
        [asset(created="1700000000")],
        [asset(created=1_700_000_000_000)],
        [asset(created=1.5)],
        [asset(id="asset-2")],
    ],
)
def test_created_is_fixed_finds(sequence: list[Exchange]) -> None:
    assert len(problems_in(CreatedIsFixed(), *sequence)) == 1


NAMED = [{"param_name": "rows", "value": "3"}]
USED = {"data_assets": [{"id": "asset-1", "mount": "first"}]}


def raw_update(body: bytes, **fields: Any) -> Exchange:
    exchange = make_exchange("update_data_asset", ASSET | fields, key="asset-1")
    exchange.body = body
    return exchange


def read_run(**fields: Any) -> Exchange:
    return make_exchange("get_computation", RUN | fields)


def detach(status: int | None = 204) -> Exchange:
    return make_exchange("detach_computation_data_assets", None, status)


@pytest.mark.parametrize(
    "sequence",
    [
        [create(), asset()],
        [create({"tags": [], "mount": "/a//b/"}, tags=[], mount="a/b")],
        [create({"description": ""}), asset()],
        [create({"custom_metadata": {"a": 1, "b": None}}, custom_metadata={"a": 1.0, "c": 2})],
        [create(), update(name="x"), asset(name="x")],
        [create(), update(name=None), asset()],
        [create(), update(name="", mount=""), asset()],
        [create(), update(mount="\u00e9"), asset(mount="\u00e9")],
        [create(), update(mount="/else/"), asset(mount="else")],
        [create(), update(tags="a"), asset(tags=["b"])],
        [create(), update(tags=[1]), asset(tags=["1"])],
        [create(), update(name=5), asset(name="5")],
        [create(), update(description="\ud800"), asset(description="\ufffd")],
        [create({"custom_metadata": {"a": 1}}, custom_metadata={"a": 1}), update(custom_metadata=[]), asset()],
        [create(), raw_update(b'{"name": "x", "name": "y"}', name="x"), asset(name="x")],
        [create(), raw_update(b"no JSON", name="x"), asset(name="x")],
        [create(), raw_update('{"name": "x"}'.encode("utf-16"), name="?"), asset(name="?")],
        [start(data_assets=[{"id": "ASSET-1"}], shows=USED), read_run(**USED)],
        [start(data_assets=[{"id": "asset-1"}], shows=USED), detach(), read_run()],
        [start(data_assets=[{"id": "asset-1"}], shows=USED), detach(None), read_run()],
        [start(data_assets=[{"id": "asset-1"}], shows=USED), delete(), read_run()],
        [start(named_parameters=[{"param_name": "rows", "value": ""}], shows={"parameters": []})],
        [start(named_parameters=[{"param_name": "rows", "value": 3}], shows={"parameters": []})],
        [start(named_parameters=[*NAMED, {"param_name": "rows", "value": "4"}], shows={"parameters": []})],
        [start(), make_exchange("rename_computation", None, 204, query="name="), read_run()],
        [create(), update(400, name="x"), asset()],
        [create(), update(None, name="x"), asset(name="x")],
        [create(), update(503, name="x"), asset()],
        [asset(name="somebody else's")],
        [
            make_exchange("rename_computation", None, 204, query="name=a%20b"),
            make_exchange("get_computation", RUN | {"name": "a b"}),
        ],
        [make_exchange("rename_computation", None, 204, query="name=a&name=b"), make_exchange("get_computation", RUN)],
        [make_exchange("rename_computation", None, 204, query="name=%FF"), make_exchange("get_computation", RUN)],
        [start(parameters=["1"])],
        [create({"tags": ["b", "a"]}, tags=["a", "b"])],
        [create(), search("asset-2")],
    ],
)
def test_reads_back_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(ReadsBack(), *sequence) == []


@pytest.mark.parametrize(
    "sequence",
    [
        [create(name="other")],
        [create({"tags": ["a", "b"]})],
        [create({"description": "x"})],
        [create({"mount": "else"})],
        [create({"custom_metadata": {"a": 1}}, custom_metadata={"a": True})],
        [create({"custom_metadata": {"a": 1}})],
        [create(), update(name="x"), asset()],
        [create(), update(description="x"), asset()],
        [create(), update(tags=[]), asset()],
        [create(), update(mount="\u00e9"), update(mount="else"), asset()],
        [create(), update(mount="\u00e9"), asset(name="other")],
        [create(), raw_update(b'{"name": "x"}', name="x"), asset()],
        [start(data_assets=[{"id": "ASSET-1"}], shows=USED), read_run()],
        [start(data_assets=[{"id": "asset-1"}], shows=USED), detach(403), read_run()],
        [
            make_exchange("rename_computation", None, 204, query="name=new"),
            start(data_assets=[{"id": "asset-1"}], shows=USED | {"name": "new"}),
            detach(),
            read_run(name="old"),
        ],
        [make_exchange("rename_computation", None, 204, query="name=new"), make_exchange("get_computation", RUN)],
        [start(named_parameters=NAMED)],
        [
            make_exchange(
                "run_capsule",
                RUN | {"parameters": [{"param_name": "rows", "value": "4"}]},
                sent={"named_parameters": NAMED},
            )
        ],
        [start(data_assets=[{"id": "asset-1"}])],
    ],
)
def test_reads_back_finds(sequence: list[Exchange]) -> None:
    assert len(problems_in(ReadsBack(), *sequence)) == 1
