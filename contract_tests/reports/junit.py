"""The report as JUnit XML: a suite for each layer, a test case for each check."""

from collections.abc import Collection
from xml.etree import ElementTree as ET

from contract_tests.findings import Status
from contract_tests.reports.report import KNOWN, Report, ReportedCheck, ReportedFinding, Verdict


def junit(report: Report) -> bytes:
    """The document. What is known from the baseline counts as skipped, with its reason."""
    root = ET.Element("testsuites", {"name": "contract", **_counts(report.checks, report.seconds)})
    for layer, checks in report.layers.items():
        seconds = sum(check.seconds for check in checks)
        about = {"name": layer, "timestamp": report.started.isoformat(timespec="seconds")}
        suite = ET.SubElement(root, "testsuite", about | _counts(checks, seconds))
        properties = ET.SubElement(suite, "properties")
        for name in ("url", "profile", "seed", "tag", "spec_version"):
            ET.SubElement(properties, "property", {"name": name, "value": str(getattr(report, name))})
        for check in checks:
            _case(suite, check, report.gone)
    _run(root, report)
    ET.indent(root)
    text: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return text


def _counts(checks: Collection[ReportedCheck], seconds: float) -> dict[str, str]:
    endings = [check.ending for check in checks]
    return {
        "tests": str(len(endings)),
        "failures": str(endings.count(Status.FAILED)),
        "errors": str(endings.count(Status.ERROR)),
        "skipped": str(endings.count(Status.SKIPPED) + endings.count(KNOWN)),
        "time": f"{seconds:.3f}",
    }


def _case(suite: ET.Element, check: ReportedCheck, gone: str | None) -> None:
    about = {"classname": check.layer, "name": check.name, "time": f"{check.seconds:.3f}"}
    case = ET.SubElement(suite, "testcase", about)
    if check.ending == KNOWN:
        ET.SubElement(case, "skipped", message="known: " + "; ".join(dict.fromkeys(map(_reason, check.findings))))
    elif check.status is Status.SKIPPED:
        ET.SubElement(case, "skipped", message=check.detail)
    elif check.status is Status.ERROR:
        ET.SubElement(case, "error", message=check.detail, type="error")
    elif check.status is Status.FAILED:
        new = [finding for finding in check.findings if finding.known is None]
        message = "; ".join(finding.message for finding in new) or check.detail
        failure = ET.SubElement(case, "failure", message=message, type="failed")
        failure.text = "\n\n".join(_failure_text(finding, gone) for finding in new)


def _run(root: ET.Element, report: Report) -> None:
    """Add problems of the run itself as a suite of their own, so that no reader takes it for a pass."""
    problems = [("baseline", complaint) for complaint in report.complaints]
    problems += [("left behind", left) for left in report.made.left or ()]
    if report.verdict is Verdict.COULD_NOT_RUN:
        problems.append(("could not run", report.sentence))
    if problems:
        number = str(len(problems))
        suite = ET.SubElement(root, "testsuite", name="run", tests=number, failures=number, errors="0", skipped="0")
        for name, message in problems:
            case = ET.SubElement(suite, "testcase", classname="run", name=name)
            ET.SubElement(case, "failure", message=message, type="run")
        for name in ("tests", "failures"):
            root.set(name, str(int(root.get(name, "0")) + len(problems)))


def _reason(finding: ReportedFinding) -> str:
    return finding.known or ""


def _failure_text(finding: ReportedFinding, gone: str | None) -> str:
    lines = [finding.message if finding.operation is None else f"{finding.operation}: {finding.message}"]
    for exchange in finding.exchanges:
        answer = "no response" if exchange.status is None else f"{exchange.status} {exchange.answer}".rstrip()
        lines += [f"> {exchange.request} ({exchange.caller or 'no token'})", f"< {answer}"]
        lines.append(exchange.curl)
    lines += [f"curl: {gone}"] if gone and finding.exchanges else []
    return "\n".join(lines + ([f"rerun: {finding.replay}"] if finding.replay else []))
