"""`docs/contract-reports.md` describes all that is written."""

import json
import re
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contract_tests.baseline import Entry, read
from contract_tests.drift.compare import compare
from contract_tests.drift.difference import RULES
from contract_tests.drift.render import json_text as drift_json
from contract_tests.reports.json_text import json_text
from contract_tests.reports.report import BUDGETS, BudgetUse, CreatedResources, ReportedExchange, ReportedFinding
from contract_tests.rules.rule import Rule
from tests.contract.reported import SPEC, URL, exchange, failed_check, finding, report

PAGE = (Path(__file__).parents[2] / "docs/contract-reports.md").read_text("utf-8")


def section(heading: str) -> str:
    """The text below a heading, up to the next one."""
    [text] = re.findall(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return str(text)


def described(heading: str) -> set[str]:
    """The fields that have a row."""
    cells = re.findall(r"^\| (`[^|]+`) \|", section(heading), re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def documented() -> Any:
    outcomes = [failed_check(finding(exchanges=[exchange("GET /api/v1/capsules/a")]))]
    return json.loads(json_text(report(outcomes, rules=[Rule("a.query.b", "`a` takes a `b`.", "the spec")])))


def test_every_field_of_the_json_is_described() -> None:
    assert described("JSON") == set(documented())
    assert described("`checks`") == set(documented()["checks"][0])
    assert described("`operations`") == set(documented()["operations"][0])
    assert described("`rules`") == set(documented()["rules"][0])


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("`checks`", {field.name for of in (ReportedFinding, ReportedExchange) for field in fields(of)}),
        ("JSON", {field.name for of in (CreatedResources, BudgetUse) for field in fields(of)} | set(BUDGETS)),
        ("Drift", {*json.loads(drift_json(compare(URL, [], SPEC)))}),
        (
            "Drift",
            {*json.loads(drift_json(compare(URL, [exchange("GET /api/v1/capsules/a", 299)], SPEC)))["differences"][0]},
        ),
    ],
)
def test_smaller_parts_are_named(heading: str, names: set[str]) -> None:
    assert {name for name in names if f"`{name}`" not in section(heading)} == set()


def test_every_rule_of_drift_is_documented() -> None:
    rows = re.findall(r"^\| (high|medium|low) \| ([^|]+) \| ([^|]+) \|$", section("Drift"), re.MULTILINE)
    assert rows == [(str(severity), str(kind), why) for kind, (severity, why) in RULES.items()]


def test_the_example_of_a_baseline_is_one(tmp_path: Path) -> None:
    assert described("The baseline") == set(Entry.model_fields)
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "known.yaml").write_text(example)
    [(line, entry)] = read(tmp_path / "known.yaml").entries
    assert (line, entry.operation, entry.expires) == (3, "get_capsule", date(2027, 3, 31))
