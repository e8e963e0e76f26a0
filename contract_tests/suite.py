"""A whole run: begin, run the layers, judge what was seen, and delete what was made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from contract_tests import oracles, probes, start
from contract_tests.baseline import Baseline
from contract_tests.checks import Check, Progress, run_checks
from contract_tests.deployment import OWNER, Deployment
from contract_tests.exchange import Exchange
from contract_tests.findings import Finding, Outcome, Status
from contract_tests.gate import Gate
from contract_tests.ledger import Run, read
from contract_tests.options import LAYERS, CannotRunError, Options
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.watch import ORACLES, Watch
from contract_tests.profiles import Profile
from contract_tests.reports.building import Circumstances, build
from contract_tests.reports.report import Report
from contract_tests.scenarios import all as scenarios
from contract_tests.spec import layer as spec
from contract_tests.spec.configuration import FULL, QUICK
from contract_tests.spec.conformance import ConformsToSpec
from contract_tests.spec.document import SpecError, declared, load, packaged
from contract_tests.sweep import sweep_run

EVERY_OPERATION = "every_operation_succeeds"

DIRECTED: dict[str, tuple[Check, ...]] = {
    "oracles": oracles.CHECKS,
    "scenarios": scenarios.CHECKS,
    "probes": probes.CHECKS,
}
"""The layers that are made of single checks."""


def run(
    options: Options, tag: str, progress: Progress, now: Callable[[], datetime], baseline: Baseline | None = None
) -> Report:
    """Run the layers that are asked for. `tag` marks what is made. Raises `CannotRunError`."""
    document = _document(options)
    watch = Watch([*(oracle() for oracle in ORACLES), ConformsToSpec(document)])
    outcomes: list[Outcome] = []
    started = now()
    with start.begun(options, tag) as deployment:
        gate = deployment.gate
        with _swept(deployment):
            gate.watcher = watch
            for layer in options.layers:
                outcomes += _layer(layer, deployment, document, options, progress)
                if gate.meter.stopped is not None:
                    break
    whole = gate.rules.profile is Profile.FULL and set(options.layers) == set(LAYERS)
    outcomes += _judged(watch, gate.exchanges, whole)
    outcomes.append(_every_operation(gate.exchanges, document, whole))
    complaints = baseline.apply(outcomes, now().date(), check_names()) if baseline is not None else ()
    circumstances = Circumstances(
        seed=options.seed, tag=tag, started=started, ended=now(), complaints=complaints, replay=options.replay
    )
    return build(gate, document, outcomes, circumstances, watch.judged, _written(gate))


def check_names() -> frozenset[str]:
    """The names of all checks that can break."""
    directed = {check.name for checks in DIRECTED.values() for check in checks}
    watching = {oracle.name for oracle in (*ORACLES, ConformsToSpec)}
    return frozenset({*directed, *watching, *spec.names(), EVERY_OPERATION})


def _document(options: Options) -> dict[str, Any]:
    try:
        return load(options.spec) if options.spec is not None else packaged()
    except SpecError as problem:
        raise CannotRunError(str(problem)) from None


def _layer(
    layer: str, deployment: Deployment, document: dict[str, Any], options: Options, progress: Progress
) -> Iterator[Outcome]:
    if layer != spec.LAYER:
        if deployment.control is not None:
            deployment.control.freeze()
        yield from run_checks(deployment, layer, DIRECTED[layer], progress)
        return
    if deployment.control is not None:
        # Generated requests do not wait: what they poll goes on.
        deployment.control.set_clock("skipping")
    try:
        yield from spec.run(deployment, document, QUICK if options.quick else FULL, options.seed, progress)
    except SpecError as problem:
        raise CannotRunError(str(problem)) from None


def _judged(watch: Watch, exchanges: list[Exchange], whole: bool) -> Iterator[Outcome]:
    """What the oracles have seen, whoever sent it; in a `whole` run each must have had something to judge."""
    problems: dict[str, list[Finding]] = {}
    for exchange in exchanges:
        for name, message in exchange.problems:
            problems.setdefault(name, []).append(Finding("oracles", name, message, exchange.name, [exchange]))
    for name, message in watch.finish():
        problems.setdefault(name, []).append(Finding("oracles", name, message))
    for oracle in watch.oracles:
        yield _oracle(oracle, _distinct(problems.get(oracle.name, [])), whole)


def _oracle(oracle: Oracle, findings: list[Finding], whole: bool) -> Outcome:
    if findings:
        return Outcome("oracles", oracle.name, Status.BROKEN, findings=findings)
    if oracle.judged:
        return Outcome("oracles", oracle.name, Status.HELD)
    status = Status.ERROR if whole else Status.SKIPPED
    return Outcome("oracles", oracle.name, status, detail="there was nothing that it could judge")


def _distinct(findings: list[Finding]) -> list[Finding]:
    """One finding an operation, shown by the shortest request."""
    chosen: dict[str | None, Finding] = {}
    for finding in findings:
        known = chosen.get(finding.operation)
        if known is None or _size(finding) < _size(known):
            chosen[finding.operation] = finding
    return list(chosen.values())


def _size(finding: Finding) -> int:
    return sum(len(exchange.url) + len(exchange.body) for exchange in finding.exchanges)


def _every_operation(exchanges: list[Exchange], document: dict[str, Any], whole: bool) -> Outcome:
    """Whether a `whole` run was answered 2xx by every operation: what is only ever refused was not tested."""
    succeeded = {exchange.name for exchange in exchanges if exchange.ok}
    expected = {operation.known.name for operation in declared(document) if operation.known is not None}
    missing = sorted(expected - succeeded)
    if not whole:
        detail = f"{len(expected) - len(missing)} of {len(expected)} operations succeeded; a part of the suite was run"
        return Outcome("oracles", EVERY_OPERATION, Status.SKIPPED, detail=detail)
    findings = [
        Finding("oracles", EVERY_OPERATION, f"{name} was never answered 2xx", name, _last(exchanges, name))
        for name in missing
    ]
    return Outcome("oracles", EVERY_OPERATION, Status.BROKEN if findings else Status.HELD, findings=findings)


def _last(exchanges: list[Exchange], name: str) -> list[Exchange]:
    return [exchange for exchange in exchanges if exchange.name == name][-1:]


@contextmanager
def _swept(deployment: Deployment) -> Iterator[None]:
    """Delete afterwards what the run has made. The budgets are for the contract, not for tidying up."""
    try:
        yield
    finally:
        written = _written(deployment.gate)
        if written is not None and deployment.gate.ledger is not None:
            pace = deployment.gate.meter.budgets.per_second
            sweep_run(deployment.gate.ledger.path, written, deployment.token(OWNER), pace)


def _written(gate: Gate) -> Run | None:
    """What stands in the ledger of this run."""
    ledger = gate.ledger
    return next(run for run in read(ledger.path) if run.tag == ledger.tag) if ledger is not None else None
