"""docs/faults.md and docs/journal.md tell of everything there is, and their examples are what they claim to be."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import TypeAdapter

from mock_server.services.journal.verification import MEASURING_ERROR
from mock_server.wire.control import Fault
from mock_server.wire.journal import Check, Entry, Match, WaitRequest

DOCS = Path(__file__).parents[2] / "docs"
FAULTS, JOURNAL = (DOCS / "faults.md").read_text(), (DOCS / "journal.md").read_text()

CHECKS = {get_args(kind.model_fields["check"].annotation)[0] for kind in get_args(get_args(Check)[0])}


def rows(text: str, heading: str) -> list[str]:
    """What the first column of the table below a heading names."""
    table = text.partition(f"{heading}\n")[2].partition("\n#")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def test_every_field_of_a_fault_has_its_heading() -> None:
    assert re.findall(r"^## `(\w+)`$", FAULTS, re.MULTILINE) == list(Fault.model_fields)


def test_every_field_of_a_match_and_an_entry_has_its_row() -> None:
    assert rows(JOURNAL, "## Which requests: `Match`") == list(Match.model_fields)
    assert rows(JOURNAL, "## What is shown: `Entry`") == list(Entry.model_fields)


def test_every_check_has_its_heading() -> None:
    assert set(re.findall(r"^### `(\w+)`$", JOURNAL, re.MULTILINE)) == CHECKS
    assert f"{MEASURING_ERROR * 1000:.0f} milliseconds" in JOURNAL


@pytest.mark.parametrize("example", re.findall(r"`(\{\".*\})`", FAULTS))
def test_the_examples_are_faults(example: str) -> None:
    assert Fault.model_validate_json(example)


def test_the_examples_of_the_journal() -> None:
    wish, *checks = re.findall(r"```json\n(.*?)```", JOURNAL, re.DOTALL)
    assert WaitRequest.model_validate_json(wish).count == 3
    found = [TypeAdapter[Check](Check).validate_json(check).check for check in checks]
    assert sorted(found) == sorted(CHECKS)


@pytest.mark.parametrize("text", [FAULTS, JOURNAL], ids=["faults", "journal"])
def test_what_curl_sends_is_json(text: str) -> None:
    for sent in re.findall(r"-d '(.*)'$", text, re.MULTILINE):
        assert json.loads(sent)
