"""No rule without a judge: the list of rules against what the suite really judges."""

import io
import json
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from contract_tests import suite
from contract_tests.checks import check, run_checks
from contract_tests.deployment import Deployment
from contract_tests.findings import Outcome, Status, expect
from contract_tests.reports.html import html
from contract_tests.reports.json_text import json_text
from contract_tests.reports.progress import Silent
from contract_tests.reports.terminal import write_summary
from contract_tests.rules.catalog import Judges, exceptions, listed_judges
from contract_tests.rules.catalog import entries as documented
from contract_tests.rules.comparison import Recorded, complaints, steady
from contract_tests.rules.rule import Rule
from tests.cli.conftest import command
from tests.contract.reported import failed_check, finding, report
from tests.contract.whole_run import WholeRun

DOCS = Path(__file__).parents[2] / "docs"

ONE = Rule("a.query.limit", "`a` takes a limit.", "the spec")
OTHER = Rule("b.answer.state", "`b` answers with a state.", "the spec")

LISTED: Judges = {ONE.id: ("probes.invalid_limits",), OTHER.id: ("oracles.conforms_to_spec", "scenarios.life")}

RECORDED: Recorded = {
    ONE.id: {"probes.invalid_limits", "spec.negative_data_rejection"},
    OTHER.id: {"oracles.conforms_to_spec", "scenarios.life"},
}


def problems(
    *rules: Rule,
    listed: Judges = LISTED,
    recorded: Recorded = RECORDED,
    excused: Collection[str] = (),
) -> list[str]:
    known = {rule.id: rule for rule in rules or (ONE, OTHER)}
    return list(complaints(known, listed, recorded, excused))


@pytest.mark.slow
def test_every_rule_of_the_contract_has_the_judges_that_the_list_names(whole: WholeRun) -> None:
    """But for generated requests, which are no judges to rely on."""
    assert list(complaints(suite.rules(), listed_judges(), whole.recorded, exceptions())) == []


def fidelity_entries() -> set[str]:
    page = yaml.safe_load((DOCS / "fidelity.yaml").read_text())
    named = {entry["subject"] for part in ("disagreements", "observed") for entry in page[part]}
    return named | {entry["question"] for entry in page["assumptions"]} | {*page["certain"], *page["differences"]}


def search_rows() -> set[str]:
    """The first cell of each row of the tables, without the headings."""
    tables = re.findall(r"^\|.*\|\n\|[-|]+\|\n((?:\|.*\|\n)+)", (DOCS / "search.md").read_text(), re.MULTILINE)
    return {row.split(" | ")[0].removeprefix("| ") for table in tables for row in table.splitlines()}


@pytest.mark.parametrize(
    ("page", "entries"), [("docs/fidelity.yaml", fidelity_entries()), ("docs/search.md", search_rows())]
)
def test_every_entry_of_a_page_is_a_rule(page: str, entries: set[str]) -> None:
    held, rules = documented()[page], suite.rules()
    assert sorted(entries - held.keys()) == [], "entries that no rule names"
    assert sorted(held.keys() - entries) == [], "entries that the page does not have"
    assert sorted({rule for names in held.values() for rule in names} - rules.keys()) == []


def test_the_list_that_agrees_with_the_run() -> None:
    assert problems() == []


def test_a_rule_without_a_judge_is_named() -> None:
    new = Rule("c.body.name", "`c` takes a name.", "the spec")
    assert problems(ONE, OTHER, new) == ["the rule c.body.name has no judge in the list"]


def test_a_rule_that_only_a_run_judges_is_named_with_what_to_do() -> None:
    new = Rule("c.body.name", "`c` takes a name.", "the spec")
    run = {**RECORDED, new.id: {"scenarios.life"}}
    expected = "the rule c.body.name has no judge in the list, although scenarios.life judges it: make rules"
    assert problems(ONE, OTHER, new, recorded=run) == [expected]


def test_a_judge_that_no_longer_judges_is_named() -> None:
    run = {**RECORDED, OTHER.id: {"oracles.conforms_to_spec"}}
    assert problems(recorded=run) == ["scenarios.life no longer judges the rule b.answer.state"]


def test_generated_requests_are_no_judge_to_rely_on() -> None:
    run = {**RECORDED, ONE.id: {"spec.negative_data_rejection", "spec.pages"}}
    assert problems(recorded=run) == ["probes.invalid_limits no longer judges the rule a.query.limit"]
    assert ONE.id not in steady(run)


def test_an_id_that_is_not_in_the_list_is_named() -> None:
    run = {**RECORDED, "a.query.limt": {"probes.invalid_limits"}}
    assert problems(recorded=run) == ["probes.invalid_limits judged a.query.limt, which is not a rule"]


def test_a_judge_of_a_rule_that_is_gone_is_named() -> None:
    assert problems(ONE) == [
        "the list has judges of b.answer.state, which is not a rule",
        "oracles.conforms_to_spec, scenarios.life judged b.answer.state, which is not a rule",
    ]


def test_a_rule_that_nobody_can_judge_is_excused_until_somebody_does() -> None:
    new = Rule("c.status.408", "`c` answers 408.", "the spec")
    assert problems(ONE, OTHER, new, excused=["*.status.408"]) == []
    assert problems(excused=["*.status.408"]) == [
        "the exception *.status.408 is for a rule that is judged, or for none"
    ]
    assert problems(excused=[ONE.id]) == ["the exception a.query.limit is for a rule that is judged, or for none"]


@check("get_custom_metadata")
def judging(deployment: Deployment) -> None:
    """A check that names its rules."""
    answer = deployment.http().ask("GET", "/custom_metadata")
    expect(answer.status == 200, "it is not answered", "get_custom_metadata.status.200")
    expect(answer.status == 418, "it is no teapot", "get_custom_metadata.status.418")
    expect(answer.ok, "never reached", "get_custom_metadata.answer")


def test_what_a_check_asserts_is_what_it_judges(deployment: Deployment) -> None:
    [outcome] = run_checks(deployment, "probes", [judging], Silent())
    assert outcome.judged == {"get_custom_metadata.status.200", "get_custom_metadata.status.418"}
    assert [finding.rules for finding in outcome.findings] == [{"get_custom_metadata.status.418"}]


KNOWN = {rule.id: rule for rule in (ONE, OTHER)}


def states(**more: Any) -> dict[str, tuple[str, str | None]]:
    made = report(rules=KNOWN.values(), listed=LISTED, **more)
    return {row.id: (str(row.state), row.reason) for row in made.rules}


def test_what_a_run_judged() -> None:
    assert states(recorded=RECORDED) == {ONE.id: ("judged", None), OTHER.id: ("judged", None)}


def test_what_a_run_found_broken() -> None:
    broken = failed_check(finding(rules=frozenset({ONE.id})))
    assert states(outcomes=[broken], recorded=RECORDED)[ONE.id] == ("broken", None)
    known = failed_check(finding(rules=frozenset({ONE.id}), known="agreed"))
    assert states(outcomes=[known], recorded=RECORDED)[ONE.id] == ("judged", None)


@pytest.mark.parametrize(
    ("outcome", "more", "reason"),
    [
        (Outcome("probes", "invalid_limits", Status.SKIPPED, detail="no capsule to test with"), {}, "no capsule"),
        (Outcome("probes", "invalid_limits", Status.SKIPPED, detail="the profile does not allow b"), {}, "the profile"),
        (Outcome("scenarios", "life", Status.PASSED), {"layers": ("scenarios",)}, "the layer probes was left out"),
        (
            Outcome("scenarios", "life", Status.PASSED),
            {"stopped": "the budget of 5 requests is spent"},
            "the budget of",
        ),
        (Outcome("probes", "invalid_limits", Status.PASSED), {}, "nothing in this run showed it"),
    ],
)
def test_why_a_run_did_not_judge(outcome: Outcome, more: dict[str, Any], reason: str) -> None:
    state, why = states(outcomes=[outcome], **more)[ONE.id]
    assert state == "not judged"
    assert why is not None
    assert why.startswith(reason)


def test_why_no_run_can_judge() -> None:
    rule = replace(ONE, unjudged="nothing provokes it")
    [row] = report(rules=[rule]).rules
    assert row.reason == "nothing provokes it"


def test_the_three_states_in_every_output() -> None:
    third = Rule("c.body.name", "`c` takes a <name>.", "the spec")
    broken = failed_check(finding(rules=frozenset({ONE.id})))
    made = report([broken], rules=[*KNOWN.values(), third], listed=LISTED, recorded=RECORDED)
    counts = {"judged": 1, "broken": 1, "not judged": 1}
    assert made.rule_counts == counts
    rows = json.loads(json_text(made))["rules"]
    assert {row["id"]: row["state"] for row in rows} == {
        ONE.id: "broken",
        OTHER.id: "judged",
        third.id: "not judged",
    }
    page = html(made)
    assert "`c` takes a &lt;name&gt;." in page
    assert all(f"{number} {state}</summary>" in page for state, number in counts.items())
    console = Console(width=200, record=True, file=io.StringIO())
    write_summary(made, console)
    assert "1 judged, 1 broken, 1 not judged" in console.export_text()


def listing(*arguments: str) -> Any:
    done = command("contract", "rules", *arguments)
    assert done.code == 0, done.err
    return done


def test_the_command_lists_every_rule_with_its_judges() -> None:
    rows = listing("--json").json
    assert {row["id"]: tuple(row["judges"]) for row in rows if row["judges"]} == listed_judges()
    assert [row["id"] for row in rows] == list(suite.rules())
    assert all(row["sentence"].endswith(".") and row["source"] for row in rows)


def test_the_command_selects_by_operation_and_text() -> None:
    rows = listing("--operation", "get_computation", "END_STATUS", "--json").json
    assert [row["id"] for row in rows] == ["get_computation.answer.end_status"]
    assert "oracles.results_after_completion" in rows[0]["judges"]
    assert listing("no such thing").out == "0 rules of 0 subjects, 0 judged in a complete run\n"


def test_the_command_as_a_table() -> None:
    out = listing("--operation", "rename_computation").out
    assert out.startswith("rename_computation ")
    assert "oracles.reads_back" in out
    assert re.search(r"^\d+ rules of 1 subjects, \d+ judged in a complete run", out, re.MULTILINE)


def test_an_operation_that_is_not_one_is_refused() -> None:
    done = command("contract", "rules", "--operation", "get_x")
    assert (done.code, done.out) == (2, "")
    assert done.err == 'codeocean-mock: not an operation: "get_x"; codeocean-mock contract plan lists them\n'
