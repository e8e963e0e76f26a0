"""The report as JSON; `docs/contract-reports.md` describes every field."""

import json
from dataclasses import asdict
from typing import Any

from contract_tests.reports.report import Report

VERSION = 1
"""Grows when a field goes or changes its meaning; new ones may come at any time."""


def json_text(report: Report) -> str:
    """The document: the fields of `Report`, and what follows from them."""
    content: dict[str, Any] = {"version": VERSION, "verdict": report.verdict, "exit_code": report.verdict.exit_code}
    content |= {"sentence": report.sentence} | asdict(report)
    content["started"], content["ended"] = report.started.isoformat(), report.ended.isoformat()
    for fields, check in zip(content["checks"], report.checks, strict=True):
        fields["known"] = check.ending == "known"
    for fields, row in zip(content["operations"], report.operations, strict=True):
        fields |= {"ok": row.ok, "negatives": row.negatives}
    return json.dumps(content, indent=2, ensure_ascii=False)
