"""Sixteen clients in one world while its clock jumps: what they were told, all of it, against a plain model."""

from collections import Counter
from pathlib import Path

import pytest

from mock_server import MockCodeOcean
from tests.process import started
from tests.steering.consistency import RUN_STATES, entries, problems
from tests.steering.history import Call
from tests.steering.load import history_of

CLIENTS = 16
CALLS = 100


def check(calls: list[Call]) -> None:
    found = problems(calls)
    assert not found, "\n".join([f"{len(found)} problems", *found[:20]])
    counts = Counter((call.action, call.status) for call in calls)
    changes = ("rename", "stop", "delete", "update", "archive", "remove", "progress", "finish", "append", "put")
    assert all(counts[action, 200] + counts[action, 204] >= CLIENTS for action in changes), counts
    assert sum(number for (_, status), number in counts.items() if status == 409) >= CLIENTS, counts
    assert sum(number for (_, status), number in counts.items() if status == 404) >= CLIENTS, counts
    listed = [entry for call in calls if call.action == "list" for entry in entries(call)]
    got = [call.answer for call in calls if call.action == "get" and call.status == 200]
    assert {run["state"] for run in [*listed, *got]} == set(RUN_STATES)
    assert counts["advance", 200] >= 20


@pytest.mark.slow
def test_many_clients_of_one_server() -> None:
    with MockCodeOcean(random_seed=7) as mock:
        check(history_of([mock.url], CLIENTS, CALLS))


@pytest.mark.slow
def test_many_clients_of_two_servers_on_one_data_directory(tmp_path: Path) -> None:
    options = ("--data-dir", str(tmp_path / "data"))
    with started(*options) as one, started(*options) as two:
        check(history_of([one.url, two.url], CLIENTS, CALLS))
