"""Looking for a mutant with a part of the suite."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from contract_tests.checks import Check, run_checks
from contract_tests.deployment import Deployment
from contract_tests.findings import Outcome, Status
from contract_tests.oracles.runner import ORACLES, Watch
from contract_tests.plan import DIRECTED
from contract_tests.reports.progress import Silent
from contract_tests.spec import layer as spec
from contract_tests.spec.configuration import Effort
from contract_tests.spec.conformance import ConformsToSpec
from contract_tests.spec.document import packaged
from mock_server.client import CodeOceanServer
from tests.contract import fake
from tools.mutants.host import Host
from tools.mutants.mutant import Mutant

SEED = 11
EFFORT = Effort(examples=2, stateful=False)

DOCUMENT = packaged()


@dataclass(slots=True)
class HuntResult:
    """Failed checks, by layer."""

    red: dict[str, set[str]] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    """Why a check could not be run."""

    def add(self, layer: str, check: str) -> None:
        """Note a check that went red."""
        self.red.setdefault(layer, set()).add(check)

    @property
    def checks(self) -> set[str]:
        """The names of all that went red."""
        return set().union(*self.red.values())


def smallest_part(mutant: Mutant) -> tuple[list[Check], bool]:
    """The directed checks that must see a mutant, and whether the spec layer must."""
    checks = [check for check in all_checks() if check.name in mutant.scenarios]
    missing = set(mutant.scenarios) - {check.name for check in checks}
    if missing:
        raise LookupError(f"{mutant.name} names checks that there are not: {', '.join(sorted(missing))}")
    return checks, not mutant.scenarios


def everything(mutant: Mutant) -> tuple[list[Check], bool]:
    """All that could see a mutant: what calls its operations."""
    operations = set(mutant.operations)
    return [check for check in all_checks() if not operations or operations & set(check.operations)], bool(operations)


def all_checks() -> Iterable[Check]:
    """All directed checks."""
    return (check for checks in DIRECTED.values() for check in checks)


def hunt(
    host: Host, server: CodeOceanServer, mutant: Mutant | None, checks: list[Check], operations: frozenset[str]
) -> HuntResult:
    """Run checks, and the spec layer over `operations` if there are any, against a mutant, or the unchanged fake."""
    result = HuntResult()
    watch = Watch([*(oracle() for oracle in ORACLES), ConformsToSpec(DOCUMENT)])
    with fake.deployment(server) as deployment, deployment.gate.observed_by(watch):
        host.change = mutant.make() if mutant is not None else None
        try:
            for outcome in _outcomes(deployment, checks, operations):
                if outcome.status is Status.FAILED:
                    result.add(outcome.layer, outcome.check)
                elif outcome.status is Status.ERROR:
                    result.trouble.append(f"{outcome.check}: {outcome.detail}")
        finally:
            host.change = None
        for exchange in deployment.gate.exchanges:
            for name, _ in exchange.problems:
                result.add("oracles", name)
        for name, _ in watch.finish():
            result.add("oracles", name)
    return result


def _outcomes(deployment: Deployment, checks: list[Check], operations: frozenset[str]) -> Iterable[Outcome]:
    for layer, all_of_it in DIRECTED.items():
        mine = [check for check in checks if check in all_of_it]
        yield from run_checks(deployment, layer, mine, Silent())
    if operations:
        deployment.steered().set_clock("skipping")
        yield from spec.run(deployment, DOCUMENT, EFFORT, SEED, Silent(), operations)
