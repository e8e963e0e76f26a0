"""The contract suite against a server, until something is red."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from contract_tests.checks import run_checks
from contract_tests.deployment import Deployment
from contract_tests.findings import Outcome, Status
from contract_tests.options import CannotRunError, Options
from contract_tests.oracles.runner import Watch
from contract_tests.outcomes import every_operation, judge_oracles
from contract_tests.plan import DIRECTED
from contract_tests.session import open_session
from contract_tests.spec import layer as spec
from contract_tests.spec.configuration import FULL, QUICK, Effort
from contract_tests.spec.document import packaged
from contract_tests.suite import watch_of
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


def hunt(url: str, forms: Sequence[str]) -> dict[str, Hunted]:
    """Run forms of the suite, the shorter ones first. What is directed comes before what is generated, is the same in
    all forms and so is run once: red there is red in each.
    """
    found: dict[str, Hunted] = {}
    while len(found) < len(forms):
        found |= _until_red(url, forms[len(found) :])
        latest = list(found.values())[-1]
        if latest.is_directed:
            return found | dict.fromkeys(forms, latest)
    return found


def _until_red(url: str, forms: Sequence[str]) -> dict[str, Hunted]:
    """One session, which generates requests for one form after the other, up to the first that is red."""
    began, lookout = monotonic(), _Lookout()
    found: dict[str, Hunted] = {}
    try:
        with _session(url, lookout) as (deployment, watch):
            for _ in _directed(deployment, lookout):
                pass
            for form in forms:
                _generate(deployment, watch, FORMS[form], lookout)
                found[form] = Hunted(None, monotonic() - began)
    except RedError as problem:
        red = problem.red
    except (CannotRunError, ControlError) as problem:
        red = Red("start", "start", str(problem))
    except Exception as problem:
        # A suite that breaks is not green either; it is told apart in the report.
        red = Red("crash", type(problem).__name__, str(problem)[:500])
    else:
        return found
    return found | {forms[len(found)]: Hunted(red, monotonic() - began, lookout.is_directed)}


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


@contextmanager
def _session(url: str, lookout: _Lookout) -> Iterator[tuple[Deployment, Watch]]:
    watch = watch_of(DOCUMENT)
    options = Options(url, seed=SEED, patience=PATIENCE)
    with open_session(options, TAG) as deployment, deployment.gate.observed_by(watch):
        lookout.gate = deployment.gate
        yield deployment, watch


def _directed(deployment: Deployment, lookout: _Lookout) -> Iterator[Outcome]:
    for layer, checks in DIRECTED.items():
        yield from run_checks(deployment, layer, checks, lookout)


def _generate(deployment: Deployment, watch: Watch, effort: Effort, lookout: _Lookout) -> None:
    """Send generated requests, then judge all that was sent."""
    deployment.steered().set_clock("skipping")
    for _ in spec.run(deployment, DOCUMENT, effort, SEED, lookout):
        pass
    exchanges = deployment.gate.exchanges
    for outcome in (*judge_oracles(watch, exchanges, True), every_operation(exchanges, DOCUMENT, True)):
        lookout.ended(outcome)
