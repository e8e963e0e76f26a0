"""Findings of Schemathesis that are none, and that are."""

from contract_tests.deployment import Deployment
from contract_tests.reports.progress import Silent
from contract_tests.spec import layer
from contract_tests.spec.configuration import Effort
from contract_tests.spec.document import packaged
from mock_server import MockCodeOcean
from tests.contract import fake
from tools.mutants.host import host
from tools.mutants.mutant import Answer, Ask, Request

FOREIGN = "1az0c240-1a9z-192b-pa4c-22bac5ffa17b"
"""An id of the demo world that is no UUID: the documentation prints it."""

EFFORT = Effort(examples=1, coverage=False, stateful=False)


def messages(deployment: Deployment) -> list[str]:
    """What the layer finds wrong with reading a data asset."""
    outcomes = layer.run(deployment, packaged(), EFFORT, 1, Silent(), frozenset({"get_data_asset"}))
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
