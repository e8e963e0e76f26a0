"""All files of a report, in one folder."""

from pathlib import Path

from contract_tests.reports.html import html
from contract_tests.reports.json_text import json_text
from contract_tests.reports.junit import junit
from contract_tests.reports.report import Report

PAGE, DATA, JUNIT = "report.html", "report.json", "junit.xml"


def write_reports(report: Report, folder: Path) -> None:
    """Write the files, over those of an earlier run. The folder is made if it is not there. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PAGE).write_text(html(report), "utf-8")
    (folder / DATA).write_text(f"{json_text(report)}\n", "utf-8")
    (folder / JUNIT).write_bytes(junit(report))
