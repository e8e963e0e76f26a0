"""Known differences: what a deployment is known to do otherwise, with a reason, and a day on which that ends.

A YAML file:

    version: 1
    known_differences:
      - check: response_schema_conformance
        operation: get_capsule
        contains: last_accessed
        reason: the service leaves it out for capsules that were never opened
        expires: 2027-03-31
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from contract_tests.findings import Finding, Outcome, Status
from mock_server.input_errors.words import in_words
from mock_server.yaml_lines import Document, YamlError, parse

Text = Annotated[str, Field(min_length=1)]


class BaselineError(Exception):
    """The file cannot be used; the message says what is wrong, with file, line and field."""


def _day(written: Any) -> Any:
    """Return the day of a text such as 2026-11-24, and anything else as it is."""
    try:
        return date.fromisoformat(written) if isinstance(written, str) else written
    except ValueError:
        return written


class Entry(BaseModel):
    """One known difference. A finding is the one that is meant when all that is given holds for it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    check: Text
    layer: Text | None = None
    operation: Text | None = None
    contains: Text | None = None
    """A part of the finding's message."""
    reason: Text
    expires: Annotated[date, BeforeValidator(_day)]
    """The last day on which it is known."""

    def matches(self, finding: Finding) -> bool:
        """Tell whether this entry covers a finding."""
        return (
            finding.check == self.check
            and self.layer in (None, finding.layer)
            and self.operation in (None, finding.operation)
            and (self.contains is None or self.contains in finding.message)
        )


class _File(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    version: Literal[1]
    known_differences: list[Entry]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries of a file, each with its line."""

    source: str = ""
    entries: Sequence[tuple[int, Entry]] = ()

    def apply(self, outcomes: Iterable[Outcome], today: date, checks: Collection[str]) -> list[str]:
        """Mark the findings that are known, and say what is wrong with the baseline: entries that have expired, that
        no check of the suite (`checks`) can meet, or that match nothing though their check has run.
        """
        outcomes = list(outcomes)
        current = [entry for _, entry in self.entries if today <= entry.expires]
        used: list[Entry] = []
        for outcome in outcomes:
            for index, finding in enumerate(outcome.findings):
                matching = [entry for entry in current if entry.matches(finding)]
                if matching:
                    outcome.findings[index] = replace(finding, known=matching[0].reason)
                    used += matching
        ran = [outcome for outcome in outcomes if outcome.status in (Status.PASSED, Status.FAILED)]
        complaints = []
        for line, entry in self.entries:
            complaint = _complaint(entry, entry in current, entry in used, ran, checks)
            if complaint:
                complaints.append(f"{self.source}: line {line}: {entry.check}: {complaint}")
        return complaints


def _complaint(
    entry: Entry, is_current: bool, is_used: bool, ran: Iterable[Outcome], checks: Collection[str]
) -> str | None:
    if not is_current:
        return f"expired on {entry.expires}: {entry.reason}"
    if entry.check not in checks:
        return "unknown check"
    has_run = any(outcome.check == entry.check and entry.layer in (None, outcome.layer) for outcome in ran)
    return "no longer matches anything: remove it" if has_run and not is_used else None


def read(path: Path) -> Baseline:
    """Read a baseline file. Raises `BaselineError`."""
    try:
        document = parse(path.read_text("utf-8"))
        file = _File.model_validate(document.content)
    except OSError as problem:
        raise BaselineError(f"{path}: cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise BaselineError(f"{path}: is not UTF-8 text") from None
    except YamlError as problem:
        raise BaselineError(f"{path}: line {problem.line}: {problem.message}") from None
    except ValidationError as failure:
        raise _validation_error(path, document, failure.errors()) from None
    lines = [document.line_of(("known_differences", index)) for index in range(len(file.known_differences))]
    return Baseline(str(path), list(zip(lines, file.known_differences, strict=True)))


def _validation_error(path: Path, document: Document, errors: Sequence[ErrorDetails]) -> BaselineError:
    problems = sorted(
        (document.line_of(error["loc"]), ".".join(map(str, error["loc"])), in_words(error)) for error in errors
    )
    line, field, message = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return BaselineError(f"{path}: line {line}: {f'{field}: ' if field else ''}{message}{more}")
