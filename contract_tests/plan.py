"""Plan of a run: what it would send, without sending anything."""

from collections.abc import Iterator
from dataclasses import dataclass

from contract_tests.checks import Check
from contract_tests.options import Options
from contract_tests.spec.configuration import FULL, QUICK
from contract_tests.suite import DIRECTED
from contract_tests.transport.operations import OPERATIONS, Effect, Operation
from contract_tests.transport.profiles import Profile, Rules


@dataclass(frozen=True, slots=True)
class Planned:
    """A check, or the generated requests of an operation."""

    layer: str
    check: str
    summary: str
    operations: tuple[Operation, ...]
    """What it calls."""
    reason: str | None
    """Why it would not be run; None when it would."""

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Effects on the deployment."""
        order = list(Effect)
        return tuple(sorted({operation.effect for operation in self.operations}, key=order.index))


def plan(options: Options, profile: Profile) -> list[Planned]:
    """List what a run would do, in order. Raises `CannotRunError` for invalid options."""
    options.check()
    rules = Rules(profile, options.target(), tag="", capsule=options.named.capsule, named=options.allow_operations)
    return [row for layer in options.layers for row in _layer(layer, rules, options)]


def _layer(layer: str, rules: Rules, options: Options) -> Iterator[Planned]:
    if layer in DIRECTED:
        yield from (_directed(layer, check, rules) for check in DIRECTED[layer])
        return
    effort = QUICK if options.quick else FULL
    for operation in OPERATIONS.values():
        allowed = rules.allows_generated(operation)
        reason = None if allowed else f"the profile {rules.profile} generates no requests for it"
        summary = f"generated requests: examples and {effort.examples} random cases"
        yield Planned(layer, operation.name, summary, (operation,), reason)


def _directed(layer: str, check: Check, rules: Rules) -> Planned:
    operations = tuple(OPERATIONS[name] for name in check.operations)
    denied = [operation.name for operation in operations if not rules.allows(operation)]
    reason = f"the profile {rules.profile} does not allow {', '.join(denied)}" if denied else None
    if check.full and rules.profile is not Profile.FULL:
        reason = f"requires the profile {Profile.FULL}"
    return Planned(layer, check.name, check.summary, operations, reason)
