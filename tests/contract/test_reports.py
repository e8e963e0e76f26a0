"""Report of a run."""

import pytest

from contract_tests.findings import Outcome, Status
from contract_tests.reports.report import OperationRow, Report, Verdict
from contract_tests.transport.ledger import Entry, Run
from contract_tests.transport.operations import OPERATIONS
from tests.contract.reported import SPEC, exchange, failed_check, finding, passed_check, report

KNOWN = failed_check(finding(known="it is so"))
SKIPPED = Outcome("scenarios", "b_check", Status.SKIPPED, detail="requires the fake's control plane")
CUT = Outcome("probes", "b_check", Status.SKIPPED, detail="left out", is_cut=True)
ERROR = Outcome("spec", "c_check", Status.ERROR, detail="the budget of 5 requests is spent.")


def row(of: Report, name: str) -> OperationRow:
    [match] = [row for row in of.operations if row.name == name]
    return match


@pytest.mark.parametrize(
    ("outcomes", "more", "verdict", "code", "sentence"),
    [
        ([passed_check(), SKIPPED], {}, Verdict.PASSED, 0, "http://127.0.0.1:8000 conforms to the contract."),
        ([passed_check(), KNOWN], {}, Verdict.PASSED, 0, "http://127.0.0.1:8000 conforms to the contract."),
        ([KNOWN], {}, Verdict.PASSED, 0, "http://127.0.0.1:8000 conforms to the contract."),
        (
            [passed_check(), ERROR, failed_check(finding(), finding(known="it is so"))],
            {"stopped": "the budget is spent"},
            Verdict.FAILED,
            1,
            "http://127.0.0.1:8000 violates the contract: 1 finding.",
        ),
        ([failed_check()], {}, Verdict.FAILED, 1, "http://127.0.0.1:8000 violates the contract: 0 findings."),
        (
            [passed_check()],
            {"complaints": ["known.yaml: line 3: it expired"]},
            Verdict.FAILED,
            1,
            "http://127.0.0.1:8000 has only known differences, but the baseline needs an update.",
        ),
        (
            [passed_check()],
            {"written": Run("t", "u", None, [], [Entry(1, "run_capsule", "a")])},
            Verdict.FAILED,
            1,
            "1 resource created on http://127.0.0.1:8000 could not be deleted.",
        ),
        (
            [passed_check(), ERROR],
            {},
            Verdict.COULD_NOT_RUN,
            2,
            "No verdict on http://127.0.0.1:8000: spec.c_check: the budget of 5 requests is spent.",
        ),
        (
            [passed_check()],
            {"stopped": "it is not well"},
            Verdict.COULD_NOT_RUN,
            2,
            "No verdict on http://127.0.0.1:8000: it is not well.",
        ),
        (
            [passed_check(), CUT],
            {"stopped": "budget exhausted: 5 requests", "spent": True, "carried_out": (1, 2)},
            Verdict.PASSED,
            0,
            "http://127.0.0.1:8000 conforms to the contract in what the budget allows: 1 of 2 checks.",
        ),
        (
            [passed_check(), CUT],
            {"stopped": "budget exhausted: 5 requests", "spent": True, "carried_out": (1, 3)},
            Verdict.COULD_NOT_RUN,
            2,
            "No verdict on http://127.0.0.1:8000: budget exhausted: 5 requests; 1 of 3 checks are too little to say "
            "anything.",
        ),
        (
            [passed_check(), CUT],
            {"left_out": ["probes.b_check"], "carried_out": (1, 3)},
            Verdict.COULD_NOT_RUN,
            2,
            "No verdict on http://127.0.0.1:8000: the budget is too small; 1 of 3 checks are too little to say "
            "anything.",
        ),
        (
            [failed_check(finding()), CUT],
            {"left_out": ["probes.b_check"], "carried_out": (1, 3)},
            Verdict.FAILED,
            1,
            "http://127.0.0.1:8000 violates the contract: 1 finding.",
        ),
        (
            [SKIPPED],
            {},
            Verdict.COULD_NOT_RUN,
            2,
            "No verdict on http://127.0.0.1:8000: no check ran.",
        ),
        (
            [],
            {},
            Verdict.COULD_NOT_RUN,
            2,
            "No verdict on http://127.0.0.1:8000: no check ran.",
        ),
    ],
)
def test_the_verdict(
    outcomes: list[Outcome], more: dict[str, object], verdict: Verdict, code: int, sentence: str
) -> None:
    of = report(outcomes, **more)  # type: ignore[arg-type]
    assert (of.verdict, of.verdict.exit_code, of.sentence) == (verdict, code, sentence)


def test_every_operation_of_the_spec_and_of_the_table_has_a_row() -> None:
    of = report()
    assert {row.name for row in of.operations} == set(OPERATIONS)
    assert all(row.declared for row in of.operations)
    assert [(row.path, row.method) for row in of.operations] == sorted((row.path, row.method) for row in of.operations)
    assert row(of, "get_capsule").evidence == "documented"

    paths = {"/api/v1/capsules/{capsule_id}": {"get": {"operationId": "capsule"}}, "/more": {"get": {}}}
    other = report(document={"openapi": "3.1.0", "info": {"version": 5}, "paths": paths})
    assert other.spec_version == "5"
    declared = [(row.name, row.method, row.path) for row in other.operations if row.declared]
    assert declared == [("get_capsule", "GET", "/api/v1/capsules/{capsule_id}"), ("GET /more", "GET", "/more")]
    assert {row.name for row in other.operations} == {*OPERATIONS, "GET /more"}


def test_what_was_seen_of_an_operation() -> None:
    seen = [
        exchange("GET /api/v1/capsules/a", 200),
        exchange("GET /api/v1/capsules/b", 404, b'{"message":"capsule not found"}'),
        exchange(
            "GET /api/v1/capsules/c", 404, b'{"message":"capsule not found"}', problems=[("pages", "a row twice")]
        ),
        exchange("GET /api/v1/capsules/d", 500),
        exchange("GET /api/v1/capsules/e", None),
    ]
    operation = row(
        report([passed_check()], seen, judged={"get_capsule": ["pages", "reads_back", "never_null"]}), "get_capsule"
    )
    assert (operation.called, operation.ok, operation.negatives) == (5, 1, {404: 2})
    assert operation.answers == {200: 1, 404: 2, 500: 1}
    assert (operation.passed, operation.failed) == (("never_null", "reads_back"), ("pages",))


@pytest.mark.parametrize(
    ("answers", "served"),
    [
        ([], None),
        ([(401, b"{}"), (429, b"{}"), (503, b"{}"), (None, b"")], None),
        ([(404, b'{"message":"computation not found"}')], True),
        ([(404, b'{"message":"not found"}')], False),
        ([(404, b"404 page not found")], False),
        ([(405, b'{"message":"method not allowed"}')], False),
        ([(501, b"{}")], False),
        ([(500, b"{}")], True),
        ([(403, b"{}"), (404, b"no such page")], True),
    ],
)
def test_whether_an_operation_is_served(answers: list[tuple[int | None, bytes]], served: bool | None) -> None:
    seen = [exchange("GET /api/v1/computations/a", status, answer) for status, answer in answers]
    seen.append(exchange("GET /api/v1/nothing", 404, b'{"message":"not found"}'))
    assert row(report([passed_check()], seen), "get_computation").served is served


def test_a_search_is_never_for_something_that_is_not_there() -> None:
    seen = [exchange("POST /api/v1/capsules/search", 404, b'{"message":"nothing here"}')]
    seen += [exchange("POST /api/v1/computations", 404, b'{"message":"capsule not found"}')]
    of = report([passed_check()], seen)
    assert (row(of, "search_capsules").served, row(of, "run_capsule").served) == (False, True)


def test_what_was_created_is_counted_from_the_ledger_if_there_is_one() -> None:
    entries = [
        Entry(1, "run_capsule", "a", settled=True),
        Entry(2, "create_data_asset", "b"),
        Entry(3, "run_capsule", settled=True),
        Entry(4, "run_capsule"),
    ]
    of = report([passed_check()], written=Run("contract-1", "u", None, [], entries))
    assert str(of.made) == "created 2, deleted 1, left 2"
    assert of.made.left == ("create_data_asset b", "run_capsule (id unknown)")


def test_without_a_ledger_what_was_created_is_counted_from_the_requests() -> None:
    seen = [
        exchange("POST /api/v1/computations", answer=b'{"id":"a"}'),
        exchange("POST /api/v1/data_assets", answer=b'{"id":"b"}'),
        exchange("POST /api/v1/computations", answer=b"[]"),
        exchange("POST /api/v1/computations", 400),
        exchange("DELETE /api/v1/computations/a", 204),
        exchange("DELETE /api/v1/computations/older", 204),
        exchange("DELETE /api/v1/data_assets/b", 403),
    ]
    of = report([passed_check()], seen)
    assert str(of.made) == "created 3, deleted 1, the rest was dropped with its world"
    assert of.verdict is Verdict.PASSED


def test_requests_are_counted_by_layer_and_refusals_by_what_they_were() -> None:
    seen = [exchange("GET /api/v1/capsules/a", layer=layer) for layer in ("spec", "spec", "probes")]
    of = report([passed_check()], seen, refused=["DELETE /x: no", "DELETE /x: no", "PUT /y: no"])
    assert of.requests == {"spec": 2, "probes": 1}
    assert of.refused == {"DELETE /x: no": 2, "PUT /y: no": 1}


def test_a_finding_says_how_to_see_it_again() -> None:
    seen = exchange("GET /api/v1/capsules/a?b=1", 500, b"oops", number=3)
    of = report([failed_check(finding(exchanges=[seen]))], [seen], replay=lambda layer, check: f"again {layer} {check}")
    [reported] = of.findings
    [request] = reported.exchanges
    assert reported.replay == "again scenarios a_check"
    assert (request.number, request.request, request.caller, request.status) == (
        3,
        "GET /api/v1/capsules/a?b=1",
        "owner",
        500,
    )
    assert request.curl == "curl -i -X GET -u \"$TOKEN:\" 'http://127.0.0.1:8000/api/v1/capsules/a?b=1'"


def test_the_spec_of_the_tests_is_the_one_that_is_shipped() -> None:
    assert report().spec_version == SPEC["info"]["version"]
