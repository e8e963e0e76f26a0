"""Findings of Schemathesis that are none, and that are."""

import re

import pytest
from hypothesis import strategies
from schemathesis.specs.openapi import negative

from contract_tests.deployment import Deployment
from contract_tests.reports.progress import Silent
from contract_tests.spec import layer
from contract_tests.spec.configuration import Effort
from contract_tests.spec.document import packaged
from contract_tests.transport.exchange import Exchange
from mock_server import MockCodeOcean
from tests.contract import fake
from tools.mutants.host import host
from tools.mutants.mutant import Answer, Ask, Request

FOREIGN = "1az0c240-1a9z-192b-pa4c-22bac5ffa17b"
"""An id of the demo world that is no UUID: the documentation prints it."""

EFFORT = Effort(examples=1, coverage=False, stateful=False)


def messages(deployment: Deployment, operation: str = "get_data_asset", effort: Effort = EFFORT) -> list[str]:
    """What the layer finds wrong with an operation."""
    outcomes = layer.run(deployment, packaged(), effort, 1, Silent(), frozenset({operation}))
    return [finding.message for outcome in outcomes for finding in outcome.findings]


def test_an_id_that_the_document_does_not_allow_may_be_refused_once_it_is_gone(mock: MockCodeOcean) -> None:
    with fake.deployment(mock) as deployment:
        deployment.subjects.data_asset = FOREIGN
        deployment.http().ask("GET", f"/data_assets/{FOREIGN}", 200)
        deployment.http("admin").ask("DELETE", f"/data_assets/{FOREIGN}", 204)
        deployment.http().ask("GET", f"/data_assets/{FOREIGN}", 400)
        assert messages(deployment) == []


async def refuse(ask: Ask, request: Request) -> Answer:
    """Call the id of every data asset malformed."""
    answer = await ask(request)
    is_read = request.scope["method"] == "GET" and "/data_assets/" in request.scope["path"]
    return answer.with_status(400).with_json({"message": "invalid id"}) if is_read else answer


def test_one_that_it_allows_may_not() -> None:
    with host() as (served, server), fake.deployment(server) as deployment:
        served.change = refuse
        assert any("Schema-valid request rejected" in message for message in messages(deployment))


@pytest.fixture
def _white_space(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every body that is drawn to be no JSON consists of spaces."""
    monkeypatch.setattr(negative, "_random_non_json_bytes", lambda: strategies.just(b"  "))
    monkeypatch.setattr(negative, "SYNTAX_FUZZING_PROBABILITY", 1.0)


SPOILED = Effort(examples=100, coverage=False, stateful=False)


async def accept(ask: Ask, request: Request) -> Answer:
    """Call everything fine."""
    return (await ask(request)).with_status(200).with_json({"has_more": False, "results": []})


@pytest.mark.slow
@pytest.mark.usefixtures("_white_space")
def test_white_space_is_no_body_where_there_may_be_none(deployment: Deployment) -> None:
    assert messages(deployment, "list_data_asset_files", SPOILED) == []
    accepted = [exchange.body for exchange in deployment.gate.exchanges if exchange.ok]
    assert b"  " in accepted


@pytest.mark.slow
@pytest.mark.usefixtures("_white_space")
def test_white_space_has_to_be_refused_where_a_body_is_required() -> None:
    with host() as (served, server), fake.deployment(server) as deployment:
        served.change = accept
        assert any(
            "Schema-violating request accepted" in message
            for message in messages(deployment, "search_data_assets", SPOILED)
        )


async def lose(ask: Ask, request: Request) -> Answer:
    """Find no run."""
    answer = await ask(request)
    is_run = request.scope["method"] == "GET" and re.search(r"/computations/[0-9a-f-]+$", request.scope["path"])
    return answer.with_status(404).with_json({"message": "not found"}) if is_run else answer


@pytest.mark.slow
def test_what_was_just_made_has_to_be_found() -> None:
    with host() as (served, server), fake.deployment(server) as deployment:
        served.change = lose
        effort = Effort(examples=30, coverage=False, stateful=True)
        only = frozenset({"run_capsule", "get_computation"})
        outcomes = layer.run(deployment, packaged(), effort, 1, Silent(), only)
        found = [finding.message for outcome in outcomes for finding in outcome.findings]
        assert any("Created resource not found" in message for message in found)


@pytest.mark.parametrize(
    ("url", "body", "is_part"),
    [
        ("/computations/1/results", b'{"path": "images-03"}', True),
        ("/computations/1/results/urls?path=a", b"", True),
        ("/computations/1/results", b'{"path": ""}', False),
        ("/computations/1/results", b"{}", False),
        ("/computations/1/results", b"  ", False),
        ("/computations/1/results?x=a", b"[]", False),
    ],
)
def test_a_part_that_is_not_there_says_nothing_of_what_was_made(url: str, body: bytes, is_part: bool) -> None:
    exchange = Exchange(1, "POST", f"http://127.0.0.1{url}", {}, body, None, {}, None, "spec", "links")
    assert layer.names_a_part(exchange) is is_part
