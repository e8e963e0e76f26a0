"""Requests that each profile allows."""

import json
from typing import Any

import pytest

from contract_tests.transport import operations
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import OPERATIONS, Effect
from contract_tests.transport.profiles import Profile, Rules
from contract_tests.transport.target import Target

TARGET = Target.of("https://codeocean.example.org")
API = f"{TARGET.url}/api/v1"
CAPSULE = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"


def rules(profile: Profile, **more: Any) -> Rules:
    return Rules(profile, TARGET, tag="run-1", **more)


def exchange(method: str, url: str, body: Any = None, caller: str | None = "owner", **more: Any) -> Exchange:
    match = operations.find(method, TARGET.path_of(url))
    sent = b"" if body is None else json.dumps(body).encode()
    operation, keys = match or (None, {})
    return Exchange(0, method, url, {}, sent, operation, keys, caller, "probes", "it", **more)


def answered_exchange(method: str, url: str, answer: Any, body: Any = None) -> Exchange:
    return exchange(method, url, body, status=200, answer=json.dumps(answer).encode())


def url_of(template: str) -> str:
    return TARGET.url + template.replace("{", "").replace("}", "")


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
def test_observe_lets_out_what_reads_and_nothing_else(operation: operations.Operation) -> None:
    refused = rules(Profile.OBSERVE).refusal(exchange(operation.method, url_of(operation.template), {}))
    assert (refused is None) == (operation.effect is Effect.READ)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("DELETE", f"{API}/capsules/search"),
        ("PUT", f"{API}/computations"),
        ("GET", f"{API}/capsules/{CAPSULE}/purge"),
        ("GET", f"{API}/capsules/{CAPSULE}/../purge"),
        ("GET", f"{TARGET.url}/admin"),
        ("POST", f"{API}//computations"),
        ("GET", f"https://elsewhere.example.org/api/v1/capsules/{CAPSULE}"),
        ("GET", f"https://codeocean.example.org.evil.example/api/v1/capsules/{CAPSULE}"),
        ("GET", f"http://codeocean.example.org/api/v1/capsules/{CAPSULE}"),
        ("TRACE", f"{API}/capsules/{CAPSULE}"),
    ],
)
@pytest.mark.parametrize("profile", [Profile.OBSERVE, Profile.SANDBOXED])
def test_what_the_contract_does_not_have_is_not_let_out(profile: Profile, method: str, url: str) -> None:
    assert rules(profile, capsule=CAPSULE).refusal(exchange(method, url)) is not None


def test_full_stays_at_its_deployment() -> None:
    full = rules(Profile.FULL)
    assert full.refusal(exchange("DELETE", f"{API}/capsules/search")) is None
    assert full.refusal(exchange("GET", "https://elsewhere.example.org/api/v1/capsules/x")) == "it goes to another host"


def test_signed_urls_from_answers_may_be_read_without_a_token() -> None:
    observe = rules(Profile.OBSERVE)
    address = "https://s3.example.org/bucket/key?X-Amz-Signature=1"
    assert observe.refusal(exchange("GET", address, caller=None)) is not None
    observe.learn(
        answered_exchange("GET", f"{API}/data_assets/x/files/urls", {"download_url": address, "view_url": address})
    )
    assert observe.refusal(exchange("GET", address, caller=None)) is None
    assert observe.refusal(exchange("GET", address)) is not None, "with the token"
    assert observe.refusal(exchange("PUT", address, caller=None)) is not None
    assert observe.refusal(exchange("GET", f"{address}2", caller=None)) is not None


@pytest.mark.parametrize(
    ("body", "lets_out"),
    [
        ({"capsule_id": CAPSULE}, True),
        ({"capsule_id": CAPSULE, "data_assets": [{"id": "x"}]}, True),
        ({"capsule_id": CAPSULE, "pipeline_id": CAPSULE}, False),
        ({"capsule_id": "another"}, False),
        ({"pipeline_id": CAPSULE}, False),
        ([CAPSULE], False),
        (None, False),
    ],
)
def test_sandboxed_runs_the_named_capsule_alone(body: Any, lets_out: bool) -> None:
    sandboxed = rules(Profile.SANDBOXED, capsule=CAPSULE)
    assert (sandboxed.refusal(exchange("POST", f"{API}/computations", body)) is None) == lets_out
    assert rules(Profile.SANDBOXED).refusal(exchange("POST", f"{API}/computations", body)) is not None


@pytest.mark.parametrize(
    ("changed", "lets_out"),
    [
        ({}, True),
        ({"tags": []}, False),
        ({"tags": None}, False),
        ({"source": {"aws": {"bucket": "b"}}}, False),
        ({"source": {"computation": {"id": "mine"}, "aws": None, "gcp": None}, "target": None}, True),
        ({"source": {"computation": {"id": "another"}}}, False),
        ({"source": {"computation": {"id": "mine"}, "aws": {"bucket": "b"}}}, False),
        ({"source": None, "data_asset_ids": ["x", "y"]}, False),
        ({"target": {"aws": {"bucket": "b"}}}, False),
    ],
)
def test_sandboxed_captures_its_own_runs_with_its_tag(changed: dict[str, Any], lets_out: bool) -> None:
    sandboxed = rules(Profile.SANDBOXED, capsule=CAPSULE)
    sandboxed.learn(answered_exchange("POST", f"{API}/computations", {"id": "mine"}))
    body = {"name": "n", "mount": "m", "tags": ["run-1"], "source": {"computation": {"id": "mine"}}} | changed
    assert (sandboxed.refusal(exchange("POST", f"{API}/data_assets", body)) is None) == lets_out


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/computations/"), ("PATCH", "/computations/"), ("PUT", "/data_assets/"), ("DELETE", "/data_assets/")],
)
def test_sandboxed_changes_what_it_has_made_alone(method: str, path: str) -> None:
    sandboxed = rules(Profile.SANDBOXED, capsule=CAPSULE)
    sandboxed.learn(answered_exchange("POST", f"{API}/computations", {"id": "mine"}))
    sandboxed.learn(answered_exchange("GET", f"{API}/computations/theirs", {"id": "theirs"}))
    assert sandboxed.refusal(exchange(method, f"{API}{path}mine", {})) is None
    assert sandboxed.refusal(exchange(method, f"{API}{path}theirs", {})) is not None


@pytest.mark.parametrize(
    "name",
    [operation.name for operation in OPERATIONS.values() if operation.effect is Effect.ADMIN]
    + ["attach_capsule_data_assets", "update_capsule_permissions", "archive_capsule", "sync_capsule"],
)
def test_sandboxed_leaves_alone_what_is_not_its_own(name: str) -> None:
    operation = OPERATIONS[name]
    sent = exchange(operation.method, url_of(operation.template), {})
    assert rules(Profile.SANDBOXED, capsule="capsule_id").refusal(sent) is not None


def test_administrators_operations_need_their_name() -> None:
    transfer = OPERATIONS["transfer_data_asset"]
    assert not rules(Profile.SANDBOXED).allows(transfer)
    assert rules(Profile.SANDBOXED, named=["transfer_data_asset"]).allows(transfer)
    named = rules(Profile.SANDBOXED, named=["transfer_data_asset"])
    assert named.refusal(exchange("POST", f"{API}/data_assets/theirs/transfer", {})) is not None
