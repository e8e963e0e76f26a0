"""Rows of the table of operations: served, called, successful, rejected, judged."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from contract_tests.availability import served
from contract_tests.reports.report import OperationRow
from contract_tests.reports.sanitize import plain
from contract_tests.spec.document import Declared, declared
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import OPERATIONS

Judged = Mapping[str, Collection[str]]
"""By operation the oracles that had something to judge in its answers."""


def operation_rows(
    document: Mapping[str, Any], exchanges: Iterable[Exchange], judged: Judged
) -> tuple[OperationRow, ...]:
    """One row for each operation of the spec and of the harness's own table, by path."""
    seen = _Seen(list(exchanges), judged)
    in_spec = list(declared(dict(document)))
    names = {operation.known.name for operation in in_spec if operation.known is not None}
    in_table = [
        Declared(operation.name, operation.method, operation.template, {}, operation)
        for operation in OPERATIONS.values()
    ]
    rows = [seen.row(operation, is_declared=True) for operation in in_spec]
    rows += [seen.row(operation, is_declared=False) for operation in in_table if operation.name not in names]
    return tuple(sorted(rows, key=lambda row: (row.path, row.method)))


class _Seen:
    """Exchanges of all operations."""

    def __init__(self, exchanges: list[Exchange], judged: Judged) -> None:
        self._judged = judged
        self._served = served(exchanges)
        self._calls: defaultdict[str | None, list[Exchange]] = defaultdict(list)
        for exchange in exchanges:
            self._calls[exchange.name].append(exchange)

    def row(self, operation: Declared, is_declared: bool) -> OperationRow:
        name = operation.known.name if operation.known is not None else operation.name
        calls = self._calls.get(name, [])
        failed = {oracle for exchange in calls for oracle, _ in exchange.problems}
        answers = Counter(exchange.status for exchange in calls if exchange.status is not None)
        evidence = operation.about.get("x-evidence")
        return OperationRow(
            name=plain(name),
            method=operation.method,
            path=plain(operation.path),
            declared=is_declared,
            evidence=plain(evidence) if isinstance(evidence, str) else None,
            served=self._served.get(name),
            called=len(calls),
            answers=dict(sorted(answers.items())),
            passed=tuple(sorted(set(self._judged.get(name, ())) - failed)),
            failed=tuple(sorted(failed)),
        )
