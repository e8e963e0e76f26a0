"""Every operation in turn on all servers, with ratios paired round by round."""

import statistics
from collections.abc import Iterable
from contextlib import ExitStack

import httpx
from rich.table import Table

from benchmarks.figures import measured, paired
from benchmarks.load import CONNECTIONS
from benchmarks.measuring import Sample, measure
from benchmarks.operations import Operation, operations
from benchmarks.record import Record
from benchmarks.servers import (
    FAKE,
    FAULTY,
    ITEM_PATH,
    MOTO,
    USER,
    Make,
    Server,
    bare,
    fake,
    fake_with_a_fault,
    moto,
    put_object,
)

ROUNDS = 5
SECONDS = 2.0
WARM_UP = 1.0

MOST_WRONG = {FAKE: 0.0, FAULTY: 0.0}
MOST_WRONG_OF_OTHERS = 0.01
"""Which share of the answers may be wrong. With more of them another server was not asked for the same."""


def compare(record: Record, peers: Iterable[Make] = ()) -> None:
    """Measure all servers in turn, several rounds, and print medians and paired ratios."""
    with ExitStack() as stack:
        makes: tuple[Make, ...] = (bare, fake, fake_with_a_fault, moto, *peers)
        found = {server.name: server for server in (stack.enter_context(make()) for make in makes)}
        answer = httpx.get(f"http://127.0.0.1:{found[FAKE].port}{ITEM_PATH}", auth=(USER, "")).raise_for_status()
        put_object(found[MOTO], "/object", answer.content)
        samples = [(operation, _samples(operation, found)) for operation in operations(answer.content)]
    table = Table("operation", "server", "req/s", "CPU µs/req", "p50 ms", "p99 ms", "wrong", "ours / this", "target")
    for operation, by_server in samples:
        _tabulate(record, table, operation, by_server)
    record.console.print(table)
    record.console.print(
        f"Medians of {ROUNDS} rounds of {SECONDS:g} s, {CONNECTIONS} keep-alive connections. POST to moto is an S3 PUT."
        " The fault that is set matches nothing."
    )


def _samples(operation: Operation, found: dict[str, Server]) -> dict[str, list[Sample]]:
    """What came of each round, by server."""
    sent = {name: requests for name in found if (requests := operation.sent_to(name))}
    for name, requests in sent.items():
        measure(found[name], requests, WARM_UP)
    samples: dict[str, list[Sample]] = {name: [] for name in sent}
    for _ in range(ROUNDS):
        for name, requests in sent.items():
            samples[name].append(measure(found[name], requests, SECONDS))
    return samples


def _tabulate(record: Record, table: Table, operation: Operation, by_server: dict[str, list[Sample]]) -> None:
    ours = [sample.per_second for sample in by_server[FAKE]]
    for name, samples in by_server.items():
        speeds = [sample.per_second for sample in samples]
        record.add(measured(f"{operation.name}, {name}", "req/s", speeds, more=True, ours=name in MOST_WRONG))
        ratio = paired(f"{operation.name}, ours / {name}", ours, speeds, operation.targets.get(name))
        if name != FAKE:
            record.add(ratio)
        wrong = sum(sample.wrong for sample in samples)
        share, most = wrong / max(1.0, sum(speeds) * SECONDS), MOST_WRONG.get(name, MOST_WRONG_OF_OTHERS)
        record.add(measured(f"{operation.name}, wrong answers of {name}", "share", [share], more=False, target=most))
        middle = [statistics.median(column) for column in zip(*(sample[:4] for sample in samples), strict=True)]
        table.add_row(
            operation.name,
            name,
            *(f"{value:,.0f}" for value in middle[:2]),
            *(f"{value:.1f}" for value in middle[2:]),
            str(wrong),
            str(ratio),
            ratio.verdict,
        )
