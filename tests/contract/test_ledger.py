"""The ledger: written before, read after, whatever happens in between."""

import json
from pathlib import Path

import pytest

from contract_tests.transport.exchange import Exchange
from contract_tests.transport.ledger import Ledger, LedgerError, read
from tests.contract.test_profiles import API, answered_exchange, exchange

URL = "https://codeocean.example.org"


def run_of(path: Path) -> Ledger:
    ledger = Ledger(path, "run-1", URL, "capsule")
    ledger.open(["old"])
    return ledger


def create() -> Exchange:
    return exchange("POST", f"{API}/data_assets", {"tags": ["run-1"]})


def test_a_life(tmp_path: Path) -> None:
    ledger = run_of(tmp_path / "ledger")
    created = ledger.record_intent(create())
    [run] = read(ledger.path)
    assert (run.tag, run.url, run.capsule, run.before) == ("run-1", URL, "capsule", ["old"])
    assert [(entry.operation, entry.id) for entry in run.left] == [("create_data_asset", None)]
    ledger.record_response(created, answered_exchange("POST", f"{API}/data_assets", {"id": "x"}))
    refused = ledger.record_intent(create())
    ledger.record_response(refused, exchange("POST", f"{API}/data_assets", status=400))
    lost = ledger.record_intent(create())
    ledger.record_response(lost, exchange("POST", f"{API}/data_assets", status=502))
    [run] = read(ledger.path)
    assert [(entry.number, entry.id) for entry in run.left] == [(created, "x"), (lost, None)]
    assert run.created_count == 1
    ledger.record_deletion(created)
    ledger.record_deletion(lost)
    [run] = read(ledger.path)
    assert run.left == []


def test_it_is_on_disk_before_anything_is_sent_and_holds_no_secret(tmp_path: Path) -> None:
    ledger = run_of(tmp_path / "ledger")
    sent = create()
    sent.headers = {"Authorization": "Basic c2VjcmV0"}
    ledger.record_intent(sent)
    text = ledger.path.read_text()
    assert [set(json.loads(line)) - {"of"} for line in text.splitlines()] == [{"run"}, {"intent", "operation"}]
    assert "c2VjcmV0" not in text


def test_several_runs_share_a_file(tmp_path: Path) -> None:
    first = run_of(tmp_path / "ledger")
    first.record_intent(create())
    second = Ledger(first.path, "run-2", URL, None)
    second.record_intent(create())
    second.record_intent(create())
    assert [(run.tag, len(run.left)) for run in read(first.path)] == [("run-1", 1), ("run-2", 2)]


def test_a_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    ledger = run_of(tmp_path / "ledger")
    ledger.record_intent(create())
    whole = ledger.path.read_bytes()
    for end in range(len(whole) - 1, whole[:-1].rindex(b"\n"), -1):
        ledger.path.write_bytes(whole[:end])
        [run] = read(ledger.path)
        assert len(run.left) <= 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("nonsense\n", "line 1 is not JSON"),
        ('{"a": 1}\n', "line 1 is not a ledger entry"),
        ("[1]\n", "line 1 is not a ledger entry"),
        ('{"of": "x", "intent": 1, "operation": "y"}\n', "line 1 is not a ledger entry"),
        ('{"of": "x", "run": {"tag": "x"}}\n', "line 1 is not a ledger entry"),
    ],
)
def test_another_file(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "ledger").write_text(content)
    with pytest.raises(LedgerError, match=words):
        read(tmp_path / "ledger")


def test_what_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be read"):
        read(tmp_path / "none")
    with pytest.raises(LedgerError, match="cannot be written"):
        run_of(tmp_path)
