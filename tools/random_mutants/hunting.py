"""The contract suite against a server, until something is red."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

from contract_tests.checks import run_checks
from contract_tests.deployment import Deployment
from contract_tests.findings import Outcome, Status
from contract_tests.options import CannotRunError, Options
from contract_tests.oracles.runner import Watch, make_oracles
from contract_tests.outcomes import every_operation, judge_oracles
from contract_tests.plan import DIRECTED
from contract_tests.session import open_session
from contract_tests.spec import layer as spec
from contract_tests.spec.configuration import FULL, QUICK, Effort
from contract_tests.spec.conformance import ConformsToSpec
from contract_tests.spec.document import packaged
from contract_tests.transport.gate import Gate
from mock_server.client import ControlError

SEED = 11
TAG = "contract-mutants"
PATIENCE = 20.0
"""Real seconds for what the suite moves the clock for."""

FORMS: dict[str, Effort] = {"short": QUICK, "full": FULL}
"""Forms of the suite. They differ in the spec layer alone."""

DOCUMENT = packaged()


@dataclass(frozen=True, slots=True)
class Red:
    """What went red first; `layer` is "start" when the suite could not even begin."""

    layer: str
    check: str
    message: str


class RedError(Exception):
    """Ends a run at its first red check."""

    def __init__(self, red: Red) -> None:
        super().__init__(red.message)
        self.red = red


@dataclass(frozen=True, slots=True)
class Hunted:
    """What a form of the suite made of a server; `red` is None when all of it stayed green."""

    red: Red | None
    seconds: float
    is_directed: bool = False
    """Whether it was red before the spec layer began: then it is so in every form."""


def hunt(url: str, form: str) -> Hunted:
    """Run a form of the suite, in the suite's order: what is directed comes before what is generated."""
    began, lookout = monotonic(), _Lookout()
    red: Red | None = None
    try:
        _run(url, FORMS[form], lookout)
    except RedError as found:
        red = found.red
    except (CannotRunError, ControlError) as problem:
        red = Red("start", "start", str(problem))
    except Exception as problem:
        # A suite that breaks is not green either; it is told apart in the report.
        red = Red("crash", type(problem).__name__, str(problem)[:500])
    return Hunted(red, monotonic() - began, red is not None and lookout.is_directed)


class _Lookout:
    """Progress of a run that ends it at what is red first, be it a check or what an oracle says of its requests."""

    def __init__(self) -> None:
        self.gate: Gate | None = None
        self.is_directed = True
        self._seen = 0

    def started(self, layer: str, check: str) -> None:
        """A check begins. Raises `RedError`."""
        self._look()
        self.is_directed = layer in DIRECTED

    def ended(self, outcome: Outcome) -> None:
        """A check has ended. Raises `RedError`."""
        self._look()
        if outcome.status in (Status.FAILED, Status.ERROR):
            message = outcome.findings[0].message if outcome.findings else outcome.detail
            raise RedError(Red(outcome.layer, outcome.check, message))

    def _look(self) -> None:
        recent = self.gate.since(self._seen) if self.gate is not None else []
        self._seen += len(recent)
        for exchange in recent:
            for name, message in exchange.problems:
                raise RedError(Red("oracles", name, message))


def _run(url: str, effort: Effort, lookout: _Lookout) -> None:
    watch = Watch([*make_oracles(DOCUMENT), ConformsToSpec(DOCUMENT)])
    options = Options(url, seed=SEED, patience=PATIENCE)
    with open_session(options, TAG) as deployment, deployment.gate.observed_by(watch):
        lookout.gate = deployment.gate
        for _ in _layers(deployment, effort, lookout):
            pass
        exchanges = deployment.gate.exchanges
        for outcome in (*judge_oracles(watch, exchanges, True), every_operation(exchanges, DOCUMENT, True)):
            lookout.ended(outcome)


def _layers(deployment: Deployment, effort: Effort, lookout: _Lookout) -> Iterator[Outcome]:
    for layer, checks in DIRECTED.items():
        yield from run_checks(deployment, layer, checks, lookout)
    deployment.steered().set_clock("skipping")
    yield from spec.run(deployment, DOCUMENT, effort, SEED, lookout)
