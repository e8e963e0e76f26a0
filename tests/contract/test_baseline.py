"""The baseline: what it marks, when it fails a run, and how a broken file is refused."""

from datetime import date
from pathlib import Path

import pytest

from contract_tests.baseline import Baseline, BaselineError, read
from contract_tests.findings import Finding, Outcome, Status

TODAY = date(2026, 11, 24)

ENTRY = """
version: 1
known_differences:
  - check: pages
    layer: oracles
    operation: search_capsules
    contains: row 5
    reason: rows move while they are indexed
    expires: 2026-11-24
"""


def baseline(tmp_path: Path, text: str) -> Baseline:
    path = tmp_path / "known.yaml"
    path.write_text(text)
    return read(path)


def outcome(*messages: str, layer: str = "oracles", operation: str = "search_capsules") -> Outcome:
    findings = [Finding(layer, "pages", message, operation) for message in messages]
    return Outcome(layer, "pages", Status.FAILED if findings else Status.PASSED, findings=findings)


def test_a_match_is_known_and_everything_else_is_not(tmp_path: Path) -> None:
    failed_check = outcome("row 5 came twice", "row 6 came twice")
    elsewhere = [outcome("row 5", layer="spec"), outcome("row 5", operation="search_pipelines")]
    assert baseline(tmp_path, ENTRY).apply([failed_check, *elsewhere], TODAY, {"pages"}) == []
    assert [finding.known for finding in failed_check.findings] == ["rows move while they are indexed", None]
    assert [finding.known for other in elsewhere for finding in other.findings] == [None, None]


def test_the_check_alone_is_enough(tmp_path: Path) -> None:
    short = "version: 1\nknown_differences: [{check: pages, reason: so, expires: 2026-12-01}]"
    failed_check = [outcome("one"), outcome("two", layer="spec", operation="x")]
    assert baseline(tmp_path, short).apply(failed_check, TODAY, {"pages"}) == []
    assert all(finding.known == "so" for result in failed_check for finding in result.findings)


def test_an_expired_entry_marks_nothing_and_is_listed(tmp_path: Path) -> None:
    failed_check = outcome("row 5 came twice")
    [complaint] = baseline(tmp_path, ENTRY).apply([failed_check], date(2026, 11, 25), {"pages"})
    assert complaint.endswith("known.yaml: line 4: pages: expired on 2026-11-24: rows move while they are indexed")
    assert failed_check.findings[0].known is None


def test_an_unused_entry_is_listed_when_its_check_has_run(tmp_path: Path) -> None:
    entries = baseline(tmp_path, ENTRY)
    [complaint] = entries.apply([outcome()], TODAY, {"pages"})
    assert complaint.endswith("line 4: pages: no longer matches anything: remove it")
    skipped = Outcome("oracles", "pages", Status.SKIPPED)
    for not_tried in ([], [skipped], [outcome(layer="spec")]):
        assert entries.apply(not_tried, TODAY, {"pages"}) == []


def test_an_entry_for_a_check_that_does_not_exist_is_listed(tmp_path: Path) -> None:
    [complaint] = baseline(tmp_path, ENTRY).apply([], TODAY, {"page"})
    assert complaint.endswith("line 4: pages: unknown check")


def test_without_a_file_nothing_is_known() -> None:
    failed_check = outcome("row 5")
    assert Baseline().apply([failed_check], TODAY, {"pages"}) == []
    assert failed_check.findings[0].known is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: is empty"),
        ("# nothing", "line 1: is empty"),
        ("a: [", "line 2: is not YAML: "),
        ("\x00", "line 1: is not YAML: "),
        ("a: !!timestamp 2026-11-24", "line 1: is not YAML that is taken here: "),
        ("[" * 5000, "line 1: is not YAML that is taken here: it is nested more than 50 levels deep"),
        (ENTRY.replace("    layer: oracles\n", "    check: pages\n"), "line 5: has the same key twice"),
        ("- 1", "line 1: must be a mapping"),
        ("version: 2\nknown_differences: []", "line 1: version: must be 1"),
        ("version: 1", "line 1: known_differences: is missing"),
        (ENTRY.replace("    expires: 2026-11-24\n", ""), "line 4: known_differences.0.expires: is missing"),
        (ENTRY.replace("2026-11-24", "tomorrow"), "line 9: known_differences.0.expires: must be a date"),
        (
            ENTRY.replace("2026-11-24", "2026-13-45"),
            "line 9: known_differences.0.expires: must be a date",
        ),
        (ENTRY.replace("2026-11-24", "20261124"), "line 9: known_differences.0.expires: must be a date"),
        (ENTRY.replace("rows move while they are indexed", "''"), "line 8: known_differences.0.reason: "),
        (ENTRY.replace("    reason:", "    why: x\n    reason:"), "line 8: known_differences.0.why: unknown field"),
        (
            ENTRY.replace("pages", "7").replace("oracles", "8"),
            "line 4: known_differences.0.check: must be text, not a number",
        ),
    ],
)
def test_a_broken_file_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BaselineError) as refusal:
        baseline(tmp_path, text)
    assert str(refusal.value).startswith(f"{tmp_path}/known.yaml: {message}")
    assert "\n" not in str(refusal.value)


def test_several_problems_are_counted(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"line 4: .*check: .* \(and 1 more\)$"):
        baseline(tmp_path, ENTRY.replace("pages", "7").replace("oracles", "8"))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"none\.yaml: cannot be read: No such file or directory"):
        read(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"\xff")
    with pytest.raises(BaselineError, match=r"latin\.yaml: is not UTF-8 text"):
        read(tmp_path / "latin.yaml")
