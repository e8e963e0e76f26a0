"""Outputs of a report for people and for programs; none of them shows a secret."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from contract_tests.findings import Outcome, Status
from contract_tests.options import Options
from contract_tests.reports.folder import DATA, JUNIT, PAGE, write_reports
from contract_tests.reports.html import html
from contract_tests.reports.json_text import json_text
from contract_tests.reports.junit import junit
from contract_tests.reports.progress import progress_display
from contract_tests.reports.report import Report
from contract_tests.reports.terminal import write_summary
from contract_tests.transport import redaction
from contract_tests.transport.budgets import Budgets
from contract_tests.transport.ledger import Entry, Run
from tests.contract.reported import exchange, failed_check, finding, passed_check, report

SECRETS = ("given-Zx81!", "cop_abcDEF123", "AKIAIOSFODNN7EXAMPLE", "sIgNaTuRe123", "aHVudGVyMjphYmM", "wJalrXUtnFEMI")


def summary(of: Report) -> str:
    console = Console(file=StringIO(), width=100, force_terminal=True, color_system="standard")
    write_summary(of, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def words(of: Report) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", summary(of))


OUTPUTS: dict[str, Callable[[Report], str]] = {
    "terminal": summary,
    "junit": lambda of: junit(of).decode(),
    "json": json_text,
    "html": html,
}


def everywhere(text: str) -> Report:
    """A report with a text in every place that a deployment, a file or a user can reach."""
    seen = exchange(
        f"POST /api/v1/computations/a/data_assets?path={text}",
        500,
        text.encode("utf-8", "surrogatepass"),
        body=text.encode("utf-8", "surrogatepass"),
        headers={"Authorization": text, "Content-Type": text},
        problems=[("pages", text)],
    )
    findings = [finding(text, check=text, operation=text, exchanges=[seen], known=known) for known in (None, text)]
    outcomes = [
        failed_check(*findings, name=text),
        failed_check(findings[1], name=text),
        passed_check(text),
        *(Outcome("probes", text, status, detail=text) for status in (Status.SKIPPED, Status.ERROR)),
    ]
    spec = {"info": {"version": text}, "paths": {f"/{text}": {"get": {"operationId": text, "x-evidence": text}}}}
    return report(
        outcomes,
        [seen],
        url=f"http://127.0.0.1/{text}",
        document=spec,
        judged={text: ["never_null"]},
        refused=[text],
        stopped=text,
        written=Run(text, text, text, [text], [Entry(1, "run_capsule", text)]),
        tag=text,
        complaints=[text],
        replay=lambda layer, check: f"again {layer} {check} {text}",
    )


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize(
    "planted",
    [
        "given-Zx81!",
        "cop_abcDEF123",
        "AKIAIOSFODNN7EXAMPLE",
        "/a?X-Amz-Date=1&X-Amz-Signature=sIgNaTuRe123&b=1",
        '{"url":"/a?X-Amz-Date=1\\u0026Signature=sIgNaTuRe123"}',
        "Basic aHVudGVyMjphYmM=",
        "Bearer aHVudGVyMjphYmM",
        '{"secret_access_key": "wJalrXUtnFEMI"}',
        "{'password': 'wJalrXUtnFEMI'}",
    ],
)
def test_no_secret_gets_out(name: str, planted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    redaction.hide("given-Zx81!")
    written = OUTPUTS[name](everywhere(planted))
    assert "***" in written
    assert not [secret for secret in SECRETS if secret in written]


HOSTILE = "\x00\x07\x1b]0;title\x07\x9b31m\ud800\ufffe\u202e]]><script>alert(1)</script>&{{ 7 * 7 }}[bold]{task.id}"


def test_nothing_that_is_planted_breaks_a_report() -> None:
    of = everywhere(HOSTILE)
    ET.fromstring(junit(of))
    assert json.loads(json_text(of))["checks"][2]["name"].startswith("\\x00\\x07\\x1b]0;title")
    page = html(of)
    page.encode()
    assert "<script" not in page
    assert "{{ 7 * 7 }}" in page
    printed = words(of)
    printed.encode()
    assert not [char for char in printed if not char.isprintable() and char != "\n"]
    assert "[bold]{task.id}" in printed


@pytest.mark.parametrize("moving", [True, False])
def test_nothing_that_is_planted_breaks_the_progress(moving: bool) -> None:
    console = Console(file=StringIO(), width=200, force_terminal=moving, color_system=None)
    with progress_display(console) as progress:
        progress.started("spec", HOSTILE)
        progress.ended(Outcome("spec", HOSTILE, Status.ERROR, detail=HOSTILE))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "title" in text
    assert "\x1b]" not in text
    assert "[bold]{task.id}" in text


def test_the_summary_of_a_broken_run() -> None:
    seen = exchange("GET /api/v1/capsules/a", 500, b'{"message": "oops"}')
    of = report(
        [
            passed_check(),
            failed_check(finding("GET answered 500, not 200", check="b_check", exchanges=[seen]), name="b_check"),
            failed_check(finding(check="c_check", known="the service does so"), name="c_check"),
            Outcome("probes", "d_check", Status.SKIPPED, detail="requires the fake's control plane"),
            Outcome("probes", "e_check", Status.SKIPPED, detail="requires the fake's control plane"),
        ],
        [seen],
        budgets=Budgets(requests=50),
        written=Run("contract-1", "u", None, [], []),
        replay=lambda layer, check: f"again {layer} {check}",
    )
    assert words(of).splitlines()[:7] == [
        "FAILED  http://127.0.0.1:8000 violates the contract: 1 finding.",
        "",
        "1. scenarios.b_check (get_capsule)",
        "   GET answered 500, not 200",
        "   > GET /api/v1/capsules/a  (owner)",
        '   < 500 {"message": "oops"}',
        '   curl -i -X GET -u "$TOKEN:" http://127.0.0.1:8000/api/v1/capsules/a',
    ]
    rest = re.sub(r" +", " ", words(of))
    for line in (
        "known: scenarios.c_check: the service does so\n",
        "skipped: requires the fake's control plane (2: probes.d_check, probes.e_check)\n",
        "layer passed failed known skipped error requests seconds\n",
        "scenarios 1 1 1 0 0 1 1.5",
        "probes 0 0 0 2 0 0 0.0",
        "resources created 0, deleted 0, left 0\n",
        "budgets requests 0 of 50, data assets 0, computations 0, seconds 60\n",
        "operations 0 of 50 returned 2xx; never: ",
    ):
        assert line in rest, rest


def test_the_requests_of_a_server_that_is_gone_go_to_one_that_the_reader_starts() -> None:
    sent = replace(exchange("GET /api/v1/capsules/a?b=1", status=500), url="http://127.0.0.1:1/api/v1/capsules/a?b=1")
    options = Options("http://127.0.0.1:1", is_own=True, seed=7, layers=("scenarios", "probes"))
    of = report([failed_check(finding(exchanges=[sent]))], is_gone=True, replay=options.replay)
    for text in (summary(of), html(of), json_text(of), junit(of).decode()):
        assert "the server of this run is gone: start one with `codeocean-mock serve --in-memory`" in text
        assert "http://127.0.0.1:8000/api/v1/capsules/a?b=1" in text
        assert "127.0.0.1:1/" not in text
        assert "codeocean-mock contract --seed 7 --layer scenarios  # a_check" in text
    assert "\n   rerun: codeocean-mock contract --seed 7 --layer scenarios  # a_check" in words(of)


def test_a_server_that_is_still_there_is_not_said_to_be_gone() -> None:
    """Nor is anything said of curl where no request is shown."""
    there = report([failed_check(finding(exchanges=[exchange("GET /api/v1/capsules/a", status=500)]))])
    for of in (there, report([failed_check(finding())], is_gone=True)):
        assert not [text for text in (summary(of), html(of), junit(of).decode()) if "is gone" in text]


def test_many_findings_are_shown_in_part_and_counted() -> None:
    of = report([failed_check(*(finding(f"number {number}") for number in range(13)))])
    assert "10. scenarios.a_check" in words(of)
    assert "number 10" not in words(of)
    assert "and 3 more findings: scenarios.a_check (3)" in words(of)


def test_junit_has_a_suite_for_each_layer_and_a_case_for_each_check() -> None:
    of = report(
        [
            passed_check(),
            failed_check(finding("oops", exchanges=[exchange("GET /api/v1/capsules/a", 500, b"!")]), name="b_check"),
            failed_check(finding(known="so it is"), name="c_check", layer="spec"),
            Outcome("spec", "d_check", Status.SKIPPED, detail="not here"),
            Outcome("spec", "e_check", Status.ERROR, detail="a budget is spent"),
        ]
    )
    root = ET.fromstring(junit(of))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "5",
        "failures": "1",
        "errors": "1",
        "skipped": "2",
        "time": "60.000",
    }
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [("scenarios", "2"), ("spec", "3")]
    failure = root.find("testsuite/testcase[@name='b_check']/failure")
    assert failure is not None
    assert failure.get("message") == "oops"
    assert "> GET /api/v1/capsules/a (owner)\n< 500 !\ncurl -i -X GET" in (failure.text or "")
    reasons = {case.get("name"): case[0].get("message") for case in root.iter("testcase") if len(case)}
    assert reasons == {
        "b_check": "oops",
        "c_check": "known: so it is",
        "d_check": "not here",
        "e_check": "a budget is spent",
    }


@pytest.mark.parametrize(
    ("of", "failures"),
    [
        (report([passed_check()], complaints=["it expired"]), ["it expired"]),
        (report([passed_check()], written=Run("t", "u", None, [], [Entry(1, "run_capsule", "a")])), ["run_capsule a"]),
        (
            report([passed_check()], stopped="it is not well"),
            ["No verdict on http://127.0.0.1:8000: it is not"],
        ),
        (report(), ["No verdict on http://127.0.0.1:8000: no check ran"]),
        (report([passed_check()]), []),
    ],
    ids=["baseline", "left", "stopped", "nothing", "passed"],
)
def test_junit_does_not_pass_a_run_that_is_not_well(of: Report, failures: list[str]) -> None:
    root = ET.fromstring(junit(of))
    messages = [failure.get("message") or "" for failure in root.iter("failure")]
    assert len(messages) == len(failures) == int(root.get("failures", ""))
    assert all(message.startswith(expected) for message, expected in zip(messages, failures, strict=True))


def test_json_holds_the_whole_report() -> None:
    seen = exchange("GET /api/v1/capsules/a", 404, b'{"message":"capsule not found"}')
    of = report([passed_check(), failed_check(finding(known="so", exchanges=[seen]))], [seen])
    content = json.loads(json_text(of))
    assert (content["version"], content["verdict"], content["exit_code"], content["sentence"]) == (
        1,
        "passed",
        0,
        of.sentence,
    )
    assert (content["started"], content["ended"]) == ("2026-11-24T09:30:00+00:00", "2026-11-24T09:31:00+00:00")
    assert content["checks"][1]["findings"][0]["exchanges"][0]["status"] == 404
    assert [check["known"] for check in content["checks"]] == [False, True]
    [row] = [row for row in content["operations"] if row["called"]]
    assert (row["name"], row["ok"], row["negatives"], row["served"]) == ("get_capsule", 0, {"404": 1}, True)


def test_all_files_go_into_one_folder(tmp_path: Path) -> None:
    of = report([passed_check()])
    for _ in range(2):
        write_reports(of, tmp_path / "a" / "b")
    contents = {path.name: path.read_text("utf-8") for path in (tmp_path / "a" / "b").iterdir()}
    assert contents == {PAGE: html(of), DATA: json_text(of) + "\n", JUNIT: junit(of).decode()}


class _Page(HTMLParser):
    """Elements of a page."""

    VOID = ("meta", "link", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "srcset", "data")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_else() -> None:
    text = html(everywhere("<b>"))
    page = _Page(text)
    assert page.open == []
    assert page.addresses == ["data:,"]
    assert not page.tags & {"script", "img", "iframe", "object", "embed", "form", "b" if "<b><" in text else "form"}
    assert not re.search(r"url\(|@import", text)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_the_page_shows_each_operation() -> None:
    seen = exchange("GET /api/v1/capsules/a", 404, b'{"message":"capsule not found"}')
    page = html(report([passed_check()], [seen], judged={"get_capsule": ["pages", "never_null"]}))
    [row] = [row for row in page.split("<tr>") if ">get_capsule<br>" in row]
    text = " ".join(re.sub(r"<[^>]+>", " ", row).split())
    times = "404 \N{MULTIPLICATION SIGN} 1"
    assert (
        text == f"get_capsule GET /api/v1/capsules/{{capsule_id}} documented yes 1 0 {times} 2 passed never_null, pages"
    )


def test_progress_is_a_line_for_each_check_where_nothing_can_move() -> None:
    console = Console(file=StringIO(), width=40, force_terminal=False)
    with progress_display(console) as progress:
        progress.started("spec", "a_check")
        progress.ended(passed_check())
        progress.ended(failed_check(finding("a long message\nof two lines that does not fit into the width")))
    assert console.file.getvalue() == (  # type: ignore[attr-defined]
        "passed  scenarios.a_check (0.5 s)\n"
        "failed  scenarios.a_check (0.5 s): a long message of two lines that does not fit into the width\n"
    )


def test_progress_moves_on_a_terminal_and_keeps_what_is_broken() -> None:
    console = Console(file=StringIO(), width=100, force_terminal=True, color_system=None)
    with progress_display(console) as progress:
        progress.started("spec", "a_check")
        progress.ended(passed_check())
        progress.ended(failed_check(finding("oops")))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "failed  scenarios.a_check (0.5 s): oops\n" in text
    assert "passed  scenarios.a_check" not in text
    assert "1 passed, 1 failed" in text


def test_progress_is_silent_when_asked() -> None:
    console = Console(file=StringIO(), force_terminal=True)
    with progress_display(console, quiet=True) as progress:
        progress.started("spec", "a_check")
        progress.ended(failed_check(finding()))
    assert console.file.getvalue() == ""  # type: ignore[attr-defined]
