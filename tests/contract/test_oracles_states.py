"""Oracles of states and of what is final: found where it is wrong, silent where it is not."""

from typing import Any

import pytest

from contract_tests.oracles.computations import ResultsAfterCompletion
from contract_tests.oracles.states import NoUnknownStatus, RunTimeGrows, StateOrder, TerminalIsFinal
from contract_tests.transport.exchange import Exchange
from tests.contract.sequences import ASSET, DONE, RUN, make_exchange, problems_in


def run(**fields: Any) -> Exchange:
    return make_exchange("get_computation", RUN | fields)


def done(**fields: Any) -> Exchange:
    return make_exchange("get_computation", DONE | fields)


def asset(**fields: Any) -> Exchange:
    return make_exchange("get_data_asset", ASSET | fields, key="asset-1")


def listed(*rows: dict[str, Any]) -> Exchange:
    return make_exchange("list_capsule_computations", list(rows))


def job(**fields: Any) -> Exchange:
    return make_exchange("get_capsule_release_job", {"job_id": "job-1"} | fields)


def results(*names: str, sent: Any = None) -> Exchange:
    items = [{"name": name, "path": name, "type": "file", "size": 1} for name in names]
    return make_exchange("list_computation_results", {"items": items}, sent=sent)


@pytest.mark.parametrize(
    "sequence",
    [
        [run(), run(state="running"), run(state="running"), run(state="finalizing"), done(), done()],
        [run(), done()],
        [run(state="running"), make_exchange("get_computation", {"message": "x"}, 429), done()],
        [asset(state="draft"), asset()],
        [job(status="created"), job(status="canceling"), job(status="canceled")],
        [run(state="running"), run(id="run-2")],
        [run(state="unheard-of"), run()],
    ],
)
def test_state_order_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(StateOrder(), *sequence) == []


@pytest.mark.parametrize(
    "sequence",
    [
        [run(state="running"), run()],
        [done(), run(state="finalizing")],
        [run(state="running"), listed(RUN)],
        [run(state="running"), run(id="RUN-1")],
        [asset(), asset(state="draft")],
        [job(status="completed"), job(status="started")],
    ],
)
def test_state_order_finds(sequence: list[Exchange]) -> None:
    oracle = StateOrder()
    [message] = problems_in(oracle, *sequence)
    assert "although request" in message
    assert oracle.judged == 1


@pytest.mark.parametrize(
    "sequence",
    [
        [done(), done(name="renamed"), done(owner_email="new@example.org")],
        [run(run_time=1), run(run_time=5, state="running"), done()],
        [done(), listed({name: DONE[name] for name in ("id", "state", "created")})],
        [asset(), asset(name="other", tags=[], last_used=5)],
        [asset(), make_exchange("transfer_data_asset", None, 204, key="asset-1"), asset(size=11)],
        [asset(), make_exchange("transfer_data_asset", None, None, key="asset-1"), asset(size=11)],
    ],
)
def test_terminal_is_final_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(TerminalIsFinal(), *sequence) == []


@pytest.mark.parametrize(
    "sequence",
    [
        [done(), done(exit_code=1)],
        [done(), done(state="failed")],
        [done(), done(has_results=False)],
        [
            done(),
            make_exchange("get_computation", {name: value for name, value in DONE.items() if name != "exit_code"}),
        ],
        [listed(DONE), done(end_status="failed")],
        [asset(), asset(size=11)],
        [asset(state="failed", failure_reason="a"), asset(state="failed", failure_reason="b")],
        [asset(), make_exchange("transfer_data_asset", {"message": "no"}, 403, key="asset-1"), asset(files=3)],
        [job(status="completed", duration=3), job(status="completed", duration=4)],
    ],
)
def test_terminal_is_final_finds(sequence: list[Exchange]) -> None:
    [message] = problems_in(TerminalIsFinal(), *sequence)
    assert "at its end" in message


def test_unknown_statuses() -> None:
    oracle = NoUnknownStatus()
    assert (
        problems_in(
            oracle,
            done(),
            asset(),
            job(status="canceling"),
            make_exchange("get_capsule", {"id": "c", "status": "release"}),
        )
        == []
    )
    assert oracle.judged == 6
    wrong = (run(state="RUNNING"), done(end_status=""), asset(type=1), job(status=None), asset(state=["draft"]))
    assert len(problems_in(oracle, *wrong)) == len(wrong)


@pytest.mark.parametrize(
    "sequence",
    [
        [run(run_time=0), run(run_time=0), run(run_time=2.5, state="running"), done(), done(), done()],
        [done(), run(id="2")],
    ],
)
def test_run_time_grows_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(RunTimeGrows(), *sequence) == []


@pytest.mark.parametrize(
    ("sequence", "word"),
    [
        ([run(run_time=-1)], "not a number"),
        ([run(run_time="1")], "not a number"),
        ([run(run_time=True)], "not a number"),
        ([run(run_time=None)], "not a number"),
        ([run(run_time=5), run(run_time=4)], "although"),
        ([done(), done(run_time=9)], "after its end"),
    ],
)
def test_run_time_grows_finds(sequence: list[Exchange], word: str) -> None:
    [message] = problems_in(RunTimeGrows(), *sequence)
    assert word in message


@pytest.mark.parametrize(
    "sequence",
    [
        [run(), results(), done(), results("output")],
        [done(has_results=False), results()],
        [done(), results(sent={"path": "empty/folder"})],
        [run(), make_exchange("list_computation_results", {"message": "x"}, 404), run(state="running")],
        [results("output"), done()],
        [results("one", "two"), run(state="running", processes=[{"name": "a", "capsule_id": "b"}])],
        [done(end_status="stopped"), results("one")],
        [done(has_results=False), results("output")],
        [done(end_status="failed", has_results=False), done(end_status="failed", has_results=False)],
        [make_exchange("get_computation", DONE | {"state": "failed", "end_status": "failed"})],
    ],
)
def test_results_after_completion_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(ResultsAfterCompletion(), *sequence) == []


@pytest.mark.parametrize(
    ("sequence", "word"),
    [
        ([results("table.csv"), run(state="running")], "showed result files"),
        ([results("output"), run(state="running")], "showed its log"),
        ([results("nextflow"), run(processes=[{"name": "a", "capsule_id": "b"}])], "showed its log"),
        ([make_exchange("get_result_file_urls", query="path=output"), run(processes=[{"name": "a"}])], "its log"),
        ([make_exchange("get_result_file_urls", {"download_url": "x", "view_url": "y"}), run()], "showed result files"),
        ([run(end_status="succeeded")], "already"),
        ([run(exit_code=0)], "already"),
        ([run(has_results=True)], "already"),
        (
            [make_exchange("get_computation", {k: v for k, v in DONE.items() if k != "end_status"})],
            "without an end_status",
        ),
        ([done(), results()], "lists no results"),
        ([done(), results(sent={"path": ""})], "lists no results"),
    ],
)
def test_results_after_completion_finds(sequence: list[Exchange], word: str) -> None:
    [message] = problems_in(ResultsAfterCompletion(), *sequence)
    assert word in message
