"""Prints `docs/fidelity.md`, made from the routes and from `docs/fidelity.yaml`; `make fidelity` writes it."""

import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from mock_server.app import spec_of
from mock_server.domain.versions import NEWEST

SOURCE = Path(__file__).parent.parent / "docs/fidelity.yaml"

OPENING = """# Fidelity

What the fake does, and how sure it is that the real service does the same. *Documented*: the current or older pages of
the Code Ocean documentation, or the official SDK, say so. *Observed*: recorded answers of the real service show it,
which outweighs what is documented, or public clients were written around it. *Assumed*: nobody has written it down, and
the fake had to choose. The spec carries the same words as `x-evidence`.

This page is made from the routes and from [fidelity.yaml](fidelity.yaml) by `make fidelity`.
"""


def table(*columns: str, rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    rule = "|" + "---|" * len(columns)
    lines = [f"| {' | '.join(columns)} |", rule, *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def operations(spec: dict[str, Any], told: dict[str, dict[str, str]]) -> list[tuple[str, ...]]:
    """A row for each operation, in the order of the spec. Raises `KeyError` for one that nothing is told of."""
    rows: list[tuple[str, ...]] = []
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            entry = told[operation["operationId"]]
            note = " (deprecated)" if operation.get("deprecated") else ""
            rows.append(
                (
                    f"[`{method.upper()} {path.removeprefix('/api/v1')}`](#{operation['operationId']}){note}",
                    operation["x-since"],
                    operation["x-evidence"],
                    entry["source"],
                    entry.get("differences", ""),
                )
            )
    return rows


def by_operation(names: Iterable[str], told: dict[str, Any]) -> Iterator[str]:
    """A section for each operation with what was observed, disagreed on or assumed of it alone, and one for all."""
    for name in names:
        lines = [
            line for line, patterns in entries(told) if any(fnmatchcase(name, one) for one in patterns if one != "*")
        ]
        yield f"### `{name}`\n\n" + ("".join(lines) or "Nothing but what goes for every operation.\n")
    yield "### Every operation\n\n" + "".join(line for line, patterns in entries(told) if "*" in patterns)


def entries(told: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The entries as items of a list, each with patterns of the operations that it is about."""
    for entry in told["observed"]:
        yield f"- Observed, {entry['subject']}: {entry['fake']}\n", entry["operations"]
    for entry in told["disagreements"]:
        yield f"- Sources disagree, {entry['subject']}: {entry['fake']}\n", entry["operations"]
    for entry in told["assumptions"]:
        yield f"- Assumed, {entry['question']}: {entry['fake']}\n", entry["operations"]


def page() -> str:
    """The whole page."""
    told = yaml.safe_load(SOURCE.read_text())
    spec = spec_of(NEWEST)
    disagreements = [(entry["subject"], entry["sources"], entry["fake"]) for entry in told["disagreements"]]
    assumptions = [(entry["question"], entry["fake"]) for entry in told["assumptions"]]
    observed = [tuple(entry[part] for part in ("subject", "recorded", "seen", "fake")) for entry in told["observed"]]
    columns = ("operation", "since", "evidence", "source", "known differences")
    parts = [
        OPENING,
        "## Operations\n\n" + table(*columns, rows=operations(spec, told["operations"])),
        "## By operation\n\nWhat the tables below say, sorted by the operations that it is about.\n",
        *by_operation(told["operations"], told),
        "## Where sources disagree\n\n" + table("subject", "sources", "the fake", rows=disagreements),
        "## Observed\n\n" + table("subject", "the service", "seen", "the fake", rows=observed),
        "## Documented or observed\n\n" + "".join(f"- {line}\n" for line in told["certain"]),
        "## Assumed\n\n" + table("open question", "the fake", rows=assumptions),
        "## Known differences\n\n" + "".join(f"- {line}\n" for line in told["differences"]),
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
