"""Runner of Schemathesis, which reports its findings in the harness's own terms."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

import schemathesis
from hypothesis import Phase, settings
from hypothesis.configuration import set_hypothesis_home_dir
from schemathesis.checks import CHECKS, CheckContext
from schemathesis.cli.commands.run.context import ExecutionContext
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import Status as EngineStatus
from schemathesis.engine import StopReason, events, from_schema
from schemathesis.schemas import BaseSchema

from contract_tests.checks import Progress
from contract_tests.deployment import OWNER, Deployment
from contract_tests.findings import Finding, Outcome, Status
from contract_tests.spec.characters import write_tables
from contract_tests.spec.configuration import FATAL_WARNINGS, Effort, configuration
from contract_tests.spec.document import SpecError, declared
from contract_tests.spec.examples import with_examples
from contract_tests.spec.judged import REJECTION, spoiled_rules
from contract_tests.spec.patterns import set_apart
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.gate import exchange_of

LAYER = "spec"

ACCEPTANCE = "positive_data_acceptance"
"""The check that a well-formed request is not refused."""

AVAILABILITY = "ensure_resource_availability"
"""The check that what was just made is found."""

ORACLES = "oracles"
"""The harness's oracles as a check of Schemathesis: so it looks for the shortest request that breaks one."""


@schemathesis.check
def oracles(_ctx: CheckContext, response: Response, _case: Any) -> None:
    """Fail with the first problem that the oracles found in this exchange."""
    exchange = exchange_of(response.request)
    assert exchange is None or not exchange.problems, exchange.problems[0][1]


def run(
    deployment: Deployment,
    document: dict[str, Any],
    effort: Effort,
    seed: int,
    progress: Progress,
    only: frozenset[str] | None = None,
) -> Iterator[Outcome]:
    """Run all phases over the operations that the profile allows; `only` names some of them. One outcome a check.

    Raises `SpecError` when there is nothing to run, or the document cannot be used, and `KeyboardInterrupt` once what
    was being sent has come to its end.
    """
    schema = _schema(deployment, document, effort, seed, only)
    record = _Record(deployment, schema)
    gate = deployment.gate
    began = monotonic()
    stream = from_schema(schema).execute()
    # Closed in any case: the thread that sends must not outlive the gate.
    with _notes_elsewhere(), drawing_afresh(), closing(stream.generator) as happening, ExitStack() as scenario:
        scenario.enter_context(gate.running(LAYER, "start"))
        for event in happening:
            if isinstance(event, events.ScenarioStarted):
                check = f"{event.phase.value} {event.label or ''}".strip()
                scenario.close()
                scenario.enter_context(gate.running(LAYER, check))
                progress.started(LAYER, check)
            record.take(event)
            if gate.meter.stopped is not None:
                stream.stop()
    if record.stop_reason is StopReason.INTERRUPTED and gate.meter.stopped is None:
        # Schemathesis keeps Ctrl-C to itself.
        raise KeyboardInterrupt
    for outcome in record.outcomes(monotonic() - began):
        progress.ended(outcome)
        yield outcome


@contextmanager
def _notes_elsewhere() -> Iterator[None]:
    """Hypothesis takes notes on its way: not in the folder of the user."""
    with TemporaryDirectory(prefix="codeocean-contract-") as place:
        write_tables(Path(place))
        set_hypothesis_home_dir(place)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


PROFILE = "codeocean-contract"


@contextmanager
def drawing_afresh() -> Iterator[None]:
    """Draw every example afresh. Half of them would be spent on varying requests that were accepted, most of which
    comes out as a request that was sent before.
    """
    before = settings.get_current_profile_name()
    phases = [phase for phase in settings.get_profile("default").phases if phase is not Phase.target]
    settings.register_profile(PROFILE, settings.get_profile("default"), phases=phases)
    settings.load_profile(PROFILE)
    try:
        yield
    finally:
        settings.load_profile(before)


def _schema(
    deployment: Deployment, document: dict[str, Any], effort: Effort, seed: int, only: frozenset[str] | None
) -> BaseSchema:
    rules = deployment.gate.rules
    allowed = {
        (operation.method, operation.path)
        for operation in declared(document)
        if operation.known is not None
        and rules.allows_generated(operation.known)
        and (only is None or operation.known.name in only)
    }
    if not allowed:
        raise SpecError("the spec declares no operation allowed by this profile")
    schemes = document.get("components", {}).get("securitySchemes") or {}
    if not schemes:
        raise SpecError("the spec declares no security scheme")
    config: SchemathesisConfig = configuration(
        deployment.gate.target.url, next(iter(schemes)), deployment.token(OWNER), seed, effort, rules.profile
    )
    filled = with_examples(document, deployment.subjects, deployment.tag)
    set_apart(filled)
    schema: BaseSchema = schemathesis.openapi.from_dict(filled, config=config)
    # To include would be in vain: what the configuration says of single operations includes them all.
    return schema.exclude(lambda ctx: (ctx.operation.method.upper(), ctx.operation.path) not in allowed)


class _Record:
    """Record of a run of Schemathesis."""

    def __init__(self, deployment: Deployment, schema: BaseSchema) -> None:
        self._deployment = deployment
        self._context = ExecutionContext(schema.config)
        results: Any = schema.get_all_operations()
        self._operations: dict[str, Any] = {
            result.ok().label: result.ok() for result in results if result.ok() is not None
        }
        self._context.find_operation_by_label = self._operations.get
        self._judged: dict[str, int] = {}
        self._rules: set[str] = set()
        self._found: dict[tuple[str, str | None, str], Finding] = {}
        self._problems: list[str] = []
        self.stop_reason: StopReason | None = None
        """Why Schemathesis came to an end; None when it did not."""

    def take(self, event: events.EngineEvent) -> None:
        """Remember what matters of an event."""
        self._context.on_event(event)
        if isinstance(event, events.ScenarioFinished):
            for case_id, nodes in event.recorder.checks.items():
                for node in nodes:
                    self._judged[node.name] = self._judged.get(node.name, 0) + 1
                    case = event.recorder.cases[case_id].value
                    self._rules.update(spoiled_rules(node.name, self._name(case.operation.label), case))
                    if node.status is EngineStatus.FAILURE and node.failure_info is not None:
                        self._fail(node.name, node.failure_info.failure, event.recorder, case_id)
        elif isinstance(event, events.NonFatalError) and self._deployment.gate.meter.stopped is None:
            self._problems.append(f"{event.label}: {event.info.title}: {event.info.message}")
        elif isinstance(event, events.EngineFinished):
            self.stop_reason = event.stop_reason

    def outcomes(self, seconds: float) -> Iterator[Outcome]:
        """Yield the outcome of each check."""
        for name in sorted(self._judged.keys() - {ORACLES}):
            findings = [finding for (check, _, _), finding in self._found.items() if check == name]
            judged = frozenset(self._rules if name == REJECTION else ())
            yield Outcome(LAYER, name, Status.FAILED if findings else Status.PASSED, findings=findings, judged=judged)
        yield self._warnings()
        problems = "; ".join(self._problems[:5])
        meter = self._deployment.gate.meter
        if meter.spent:
            detail = meter.stopped or ""
            yield Outcome(LAYER, "ran_to_completion", Status.SKIPPED, seconds, detail, is_cut=True)
            return
        if meter.stopped is not None:
            problems = meter.stopped
        elif not self._judged:
            problems = problems or "nothing was sent"
        elif self.stop_reason is not StopReason.COMPLETED:
            problems = problems or f"Schemathesis stopped early: {self.stop_reason}"
        yield Outcome(LAYER, "ran_to_completion", Status.ERROR if problems else Status.PASSED, seconds, problems)

    def _fail(self, check: str, failure: Any, recorder: Any, case_id: str) -> None:
        if check == ORACLES:
            return
        operation = self._name(failure.operation)
        exchange = self._exchange(recorder, case_id)
        if exchange is not None and (
            (check == ACCEPTANCE and self._brings_foreign_id(failure.operation, exchange))
            or (check == REJECTION and self._brings_no_body(failure.operation, exchange))
            or (check == AVAILABILITY and names_a_part(exchange))
        ):
            return
        key = (check, operation, failure.title)
        known = self._found.get(key)
        if known is None or _size(exchange) < _size(next(iter(known.exchanges), None)):
            message = f"{failure.title}. {failure.message}".replace("\n\n", "\n").strip()
            self._found[key] = Finding(LAYER, check, message, operation, [exchange] if exchange else [])

    def _brings_foreign_id(self, label: str, exchange: Exchange) -> bool:
        """Tell whether an id in the path is not of the form that the document demands. A link takes ids from answers as
        they are: such an object may be found, but once it is deleted its id is as malformed as any other.
        """
        operation = self._operations.get(label)
        parameters = operation.definition.raw.get("parameters", ()) if operation is not None else ()
        patterns = {parameter.get("name"): parameter.get("schema", {}).get("pattern") for parameter in parameters}
        return any(patterns.get(name) and not re.search(patterns[name], key) for name, key in exchange.keys.items())

    def _brings_no_body(self, label: str, exchange: Exchange) -> bool:
        """Tell whether nothing but white space was sent where a body may be missing: bytes that were drawn to be no
        JSON may come to that.
        """
        operation = self._operations.get(label)
        body = operation.definition.raw.get("requestBody") if operation is not None else None
        is_optional = body is not None and not body.get("required", False)
        return is_optional and bool(exchange.body) and not exchange.body.strip()

    def _warnings(self) -> Outcome:
        labels = self._context.warnings.as_labels()
        # Schemathesis takes 403 for missing credentials too; here it also answers for another's object.
        labels["missing_auth"] = [label for label in labels["missing_auth"] if self._name(label) in self._unknown_to()]
        findings = [
            Finding(LAYER, "warnings", f"Schemathesis warning {kind}: {', '.join(labels[kind])}")
            for kind in FATAL_WARNINGS
            if labels.get(kind)
        ]
        return Outcome(LAYER, "warnings", Status.FAILED if findings else Status.PASSED, findings=findings)

    def _unknown_to(self) -> set[str | None]:
        """Operations that did not know the owner's token."""
        seen = self._deployment.gate.exchanges
        return {exchange.name for exchange in seen if exchange.caller == OWNER and exchange.status == 401}

    def _name(self, label: str | None) -> str | None:
        operation = self._operations.get(label or "")
        return operation.definition.raw.get("operationId", label) if operation is not None else label

    @staticmethod
    def _exchange(recorder: Any, case_id: str) -> Exchange | None:
        response = recorder.find_response(case_id=case_id)
        return exchange_of(response.request) if response is not None else None


def names_a_part(exchange: Exchange) -> bool:
    """Tell whether a request is for a folder or file of something: that one may not be there says nothing of the
    whole.
    """
    sent = exchange.sent_json()
    return bool(parse_qs(exchange.query).get("path")) or (isinstance(sent, dict) and bool(sent.get("path")))


def _size(exchange: Exchange | None) -> int:
    return len(exchange.url) + len(exchange.body) if exchange is not None else 1_000_000


def names() -> list[str]:
    """The checks of Schemathesis that can break."""
    return sorted(set(CHECKS.get_all_names()) - {ORACLES})
