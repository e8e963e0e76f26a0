"""A whole run: begin, run the layers, judge what was seen, and delete what was made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

import requests

from contract_tests import plan as plans
from contract_tests import session
from contract_tests.baseline import Baseline
from contract_tests.checks import Progress, run_checks
from contract_tests.cleanup import sweep_run
from contract_tests.deployment import OWNER, Deployment
from contract_tests.drift.compare import compare
from contract_tests.drift.difference import Drift
from contract_tests.findings import Outcome, Status
from contract_tests.options import LAYERS, CannotRunError, Options
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.runner import ORACLES, Watch, make_oracles
from contract_tests.outcomes import EVERY_OPERATION, every_operation, judge_oracles, judges_of
from contract_tests.plan import DIRECTED, Plan
from contract_tests.reports.build import RunDetails, build
from contract_tests.reports.report import Report
from contract_tests.reports.rule_rows import RulesOfRun
from contract_tests.rules.catalog import catalog, listed_judges
from contract_tests.rules.rule import Rule
from contract_tests.spec import layer as spec
from contract_tests.spec.conformance import ConformsToSpec
from contract_tests.spec.document import SpecError, load, packaged, parse
from contract_tests.transport.gate import Gate
from contract_tests.transport.ledger import Run, read
from contract_tests.transport.profiles import DOCUMENT, Profile
from mock_server.client import ControlError


def run(
    options: Options, tag: str, progress: Progress, now: Callable[[], datetime], baseline: Baseline | None = None
) -> Report:
    """Run the layers that are asked for. `tag` marks what is made. Raises `CannotRunError`."""
    document = _document(options)
    started = now()
    gate, watch, plan, outcomes = _carry_out(options, tag, document, progress)
    carried_out = _carried_out(plan, outcomes, gate)
    whole = gate.rules.profile is Profile.FULL and set(options.layers) == set(LAYERS)
    whole = whole and not plan.left_out and not gate.meter.spent
    outcomes += judge_oracles(watch, gate.exchanges, whole)
    outcomes.append(every_operation(gate.exchanges, document, whole))
    complaints = baseline.apply(outcomes, now().date(), check_names()) if baseline is not None else ()
    details = RunDetails(
        seed=options.seed,
        tag=tag,
        started=started,
        ended=now(),
        complaints=complaints,
        replay=options.replay,
        is_gone=options.is_own,
        left_out=plan.left_out,
        carried_out=(carried_out, len(plan.possible)),
    )
    held = RulesOfRun(rules(document), listed_judges(), judges_of(watch, outcomes), options.layers)
    return build(gate, document, outcomes, details, watch.judged, held, _ledger_run(gate))


def record_rules(options: Options, tag: str, progress: Progress) -> dict[str, set[str]]:
    """Run the layers that are asked for, and give by the id of a rule what judged it. Raises `CannotRunError`."""
    _, watch, _, outcomes = _carry_out(options, tag, _document(options), progress)
    return judges_of(watch, outcomes)


def _carry_out(
    options: Options, tag: str, document: dict[str, Any], progress: Progress
) -> tuple[Gate, Watch, Plan, list[Outcome]]:
    """Plan a run, and run the layers under the eyes of all oracles."""
    watch = watch_of(document)
    with session.open_session(options, tag) as deployment, _cleaning_up(deployment):
        plan = plans.fit(options, deployment.gate.rules)
        with deployment.gate.observed_by(watch):
            outcomes = _layers(deployment, document, options, plan, progress)
    return deployment.gate, watch, plan, outcomes


def watch_of(document: dict[str, Any]) -> Watch:
    """All that looks at the exchanges of a run, for a deployment of the platform version that the document is of."""
    return Watch([*make_oracles(document), ConformsToSpec(document)])


def rules(document: dict[str, Any] | None = None) -> dict[str, Rule]:
    """All rules of the contract by id: of the packaged spec, or of the document of another platform version."""
    watching: tuple[type[Oracle], ...] = (*ORACLES, ConformsToSpec)
    more = (Rule(oracle.rule(), oracle.summary, "docs/contract.md, Layers") for oracle in watching)
    return catalog(packaged() if document is None else document, more)


def drift(options: Options, tag: str, progress: Progress) -> Drift:
    """Compare the responses of a deployment with the spec, reading only. Raises `CannotRunError`."""
    document = _document(options)
    observing = replace(options, profile=Profile.OBSERVE)
    with session.open_session(observing, tag) as deployment:
        plan = plans.fit(observing, deployment.gate.rules)
        _layers(deployment, document, observing, plan, progress)
        theirs = _their_document(deployment)
    if deployment.gate.meter.stopped is not None and not deployment.gate.exchanges:
        raise CannotRunError(deployment.gate.meter.stopped)
    compared = compare(deployment.gate.target.url, deployment.gate.exchanges, document, theirs)
    return replace(compared, is_unhurried=deployment.gate.meter.budgets.per_second is None)


def check_names() -> frozenset[str]:
    """The names of all checks that can break."""
    directed = {check.name for checks in DIRECTED.values() for check in checks}
    watching = {*(oracle.name for oracle in ORACLES), ConformsToSpec.name}
    return frozenset({*directed, *watching, *spec.names(), EVERY_OPERATION})


def _document(options: Options) -> dict[str, Any]:
    try:
        return load(options.spec) if options.spec is not None else packaged()
    except SpecError as problem:
        raise CannotRunError(str(problem)) from None


def _carried_out(plan: Plan, outcomes: list[Outcome], gate: Gate) -> int:
    """How many rows of the plan were carried out to their end, or for generated requests begun."""
    ended = {(outcome.layer, outcome.check) for outcome in outcomes if not outcome.is_cut}
    ended |= {
        (spec.LAYER, exchange.name) for exchange in gate.exchanges if exchange.layer == spec.LAYER and exchange.name
    }
    return sum((row.layer, row.check) in ended for row in plan.possible)


def _layers(
    deployment: Deployment, document: dict[str, Any], options: Options, plan: Plan, progress: Progress
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for layer in options.layers:
        outcomes += _layer(layer, deployment, document, options, plan, progress)
        if deployment.gate.meter.stopped is not None:
            break
    return outcomes


def _their_document(deployment: Deployment) -> dict[str, Any] | None:
    """The document that the deployment itself hands out, if it does."""
    try:
        answer = deployment.http().ask("GET", f"{deployment.gate.target.url}{DOCUMENT}")
        return parse(answer.answer.decode(), DOCUMENT) if answer.ok and not answer.is_cut else None
    except (SpecError, UnicodeDecodeError, requests.RequestException):
        return None


def _layer(
    layer: str, deployment: Deployment, document: dict[str, Any], options: Options, plan: Plan, progress: Progress
) -> Iterator[Outcome]:
    if layer != spec.LAYER:
        _set_clock(deployment, "frozen")
        reasons = {check.name: plan.reason_for(layer, check.name) for check in DIRECTED[layer]}
        for name, reason in reasons.items():
            if reason is not None:
                yield Outcome(layer, name, Status.SKIPPED, detail=reason, is_cut=True)
        checks = [check for check in DIRECTED[layer] if reasons[check.name] is None]
        yield from run_checks(deployment, layer, checks, progress)
        return
    if not plan.operations:
        detail = "left out to fit the budget"
        yield Outcome(layer, "ran_to_completion", Status.SKIPPED, detail=detail, is_cut=True)
        return
    # Generated requests do not wait: what they poll goes on.
    _set_clock(deployment, "skipping")
    try:
        yield from spec.run(deployment, document, plan.effort, options.seed, progress, plan.operations)
    except SpecError as problem:
        raise CannotRunError(str(problem)) from None


def _set_clock(deployment: Deployment, clock: Literal["frozen", "skipping"]) -> None:
    """Have the fake's clock go so; elsewhere nothing can be done."""
    if deployment.control is None:
        return
    try:
        deployment.control.set_clock(clock)
    except ControlError as problem:
        raise CannotRunError(f"lost control of the fake: {problem}") from None


@contextmanager
def _cleaning_up(deployment: Deployment) -> Iterator[None]:
    """Delete afterwards what the run has made. The budgets are for the contract, not for tidying up."""
    try:
        yield
    finally:
        written = _ledger_run(deployment.gate)
        if written is not None and deployment.gate.ledger is not None:
            pace = deployment.gate.meter.budgets.per_second
            # A deployment that is gone keeps its resources in the ledger; they are reported as left.
            with suppress(requests.RequestException, CannotRunError):
                sweep_run(deployment.gate.ledger.path, written, deployment.token(OWNER), pace)


def _ledger_run(gate: Gate) -> Run | None:
    """Read the ledger entry of this run."""
    ledger = gate.ledger
    return next(run for run in read(ledger.path) if run.tag == ledger.tag) if ledger is not None else None
