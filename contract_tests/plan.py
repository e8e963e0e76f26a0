"""Plan of a run: what it would send, made to fit its budgets before anything is sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from contract_tests import estimates, oracles, probes, scenarios
from contract_tests.checks import Check
from contract_tests.estimates import Cost
from contract_tests.options import Options
from contract_tests.spec.configuration import EFFORTS, FULL, LEAST, QUICK, Effort
from contract_tests.transport.budgets import COUNTED, Budgets
from contract_tests.transport.operations import OPERATIONS, Effect, Operation
from contract_tests.transport.profiles import Profile, Rules

DIRECTED: dict[str, tuple[Check, ...]] = {
    "oracles": oracles.CHECKS,
    "scenarios": scenarios.CHECKS,
    "probes": probes.CHECKS,
}
"""The layers that are made of single checks."""

SPEC = "spec"

VALUE = {"oracles": 0, "scenarios": 0, SPEC: 1, "probes": 2}
"""What is left out last: what users do, then a few requests of every operation, then hostile input. Within each the
checks with the most requests go first, and more generated requests come after all the rest.
"""

START = 20
"""Requests that look for something to work on."""

RESERVE = 0.05
"""The part of the budget of requests that is kept for a deployment on which checks need more than on the fake."""


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
    cost: Cost
    """What it uses of the budgets, estimated."""
    is_left_out: bool = False
    """Whether it is not run for want of budget."""

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Effects on the deployment."""
        order = list(Effect)
        return tuple(sorted({operation.effect for operation in self.operations}, key=order.index))

    @property
    def name(self) -> str:
        """Its name among those of all layers."""
        return f"{self.layer}.{self.check}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does, in order."""

    rows: tuple[Planned, ...]
    effort: Effort
    """How many requests the spec layer generates."""
    most: Effort
    """How many it would generate without a budget."""

    @property
    def possible(self) -> list[Planned]:
        """What the profile allows, with or without budget."""
        return [row for row in self.rows if row.reason is None or row.is_left_out]

    @property
    def requests(self) -> int:
        """How many requests it sends, about."""
        return START + sum(row.cost.requests for row in self.rows if row.reason is None)

    @property
    def operations(self) -> frozenset[str]:
        """The operations that requests are generated for."""
        return frozenset(row.check for row in self.rows if row.layer == SPEC and row.reason is None)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What the budgets leave no room for."""
        return (*(row.name for row in self.rows if row.is_left_out), *self._fewer())

    def reason_for(self, layer: str, check: str) -> str | None:
        """Why a check is left out for want of budget; None when it is not."""
        rows = (row for row in self.rows if row.is_left_out and (row.layer, row.check) == (layer, check))
        return next((row.reason for row in rows), None)

    def _fewer(self) -> Iterator[str]:
        if not self.operations:
            return
        if self.effort.examples < self.most.examples:
            fewer = self.most.examples - self.effort.examples
            yield f"{SPEC}: {fewer} of {self.most.examples} random requests of each operation"
        if self.most.coverage and not self.effort.coverage:
            yield f"{SPEC}: the boundaries of every field"


def plan(options: Options, profile: Profile) -> Plan:
    """List what a run would do, in order. Raises `CannotRunError` for invalid options."""
    options.check()
    rules = Rules(profile, options.target(), tag="", capsule=options.named.capsule, named=options.allow_operations)
    return fit(options, rules)


def fit(options: Options, rules: Rules) -> Plan:
    """The plan of a run under these rules, with what its budgets leave room for."""
    budgets, most = options.limits(rules.profile), QUICK if options.quick else FULL
    rows = [row for layer in options.layers for row in _layer(layer, rules, LEAST)]
    room = _Room(budgets)
    kept = {row.name for row in sorted(rows, key=_value) if row.reason is None and room.take(row.cost)}
    rows = [row if row.reason is not None or row.name in kept else _left_out(row, budgets) for row in rows]
    effort = _effort([row for row in rows if row.layer == SPEC and row.reason is None], most, rules, room)
    return Plan(tuple(_with_effort(row, effort, rules) for row in rows), effort, most)


class _Room:
    """What is left of the budgets while a plan is made."""

    def __init__(self, budgets: Budgets) -> None:
        requests = _requests(budgets)
        self._left: dict[str, float | None] = {name: getattr(budgets, name) for name in COUNTED}
        self._left["requests"] = None if requests is None else requests * (1 - RESERVE) - START

    def take(self, cost: Cost) -> bool:
        """Take that much, if there is as much left."""
        wanted = cost._asdict()
        if any(left is not None and wanted[name] > 0 and left < wanted[name] for name, left in self._left.items()):
            return False
        self._left = {name: None if left is None else left - wanted[name] for name, left in self._left.items()}
        return True


def _requests(budgets: Budgets) -> float | None:
    """How many requests the budgets allow: by number, and by time at the given rate."""
    in_time = budgets.seconds * budgets.per_second if budgets.seconds and budgets.per_second else None
    limits = [limit for limit in (budgets.requests, in_time) if limit is not None]
    return min(limits) if limits else None


def _value(row: Planned) -> tuple[int, int]:
    return VALUE[row.layer], row.cost.requests


def _left_out(row: Planned, budgets: Budgets) -> Planned:
    limits = {**{name: getattr(budgets, name) for name in COUNTED}, "requests": _requests(budgets)}
    used = [name for name, count in row.cost._asdict().items() if count and limits[name] is not None]
    words = " and ".join(f"{int(limits[name])} {COUNTED[name]}" for name in used)
    return replace(row, reason=f"left out to fit the budget of {words}", is_left_out=True)


def _effort(rows: Sequence[Planned], most: Effort, rules: Rules, room: _Room) -> Effort:
    """The greatest effort for which there is room beyond the least, which these rows have already."""
    least = sum(row.cost.requests for row in rows)
    for effort in EFFORTS[EFFORTS.index(most) :]:
        if room.take(Cost(sum(_generated(row.check, effort, rules).requests for row in rows) - least)):
            return effort
    return LEAST


def _generated(operation: str, effort: Effort, rules: Rules) -> Cost:
    full = rules.profile is Profile.FULL
    return estimates.of_operation(operation, effort.examples, coverage=effort.coverage, full=full)


def _with_effort(row: Planned, effort: Effort, rules: Rules) -> Planned:
    if row.layer != SPEC:
        return row
    return replace(row, summary=_summary(effort), cost=_generated(row.check, effort, rules))


def _summary(effort: Effort) -> str:
    boundaries = ", the boundaries of every field" if effort.coverage else ""
    return f"generated requests: examples{boundaries} and {effort.examples} random cases"


def _layer(layer: str, rules: Rules, effort: Effort) -> Iterator[Planned]:
    if layer in DIRECTED:
        yield from (_directed(layer, check, rules) for check in DIRECTED[layer])
        return
    for operation in OPERATIONS.values():
        allowed = rules.allows_generated(operation)
        reason = None if allowed else f"the profile {rules.profile} generates no requests for it"
        cost = _generated(operation.name, effort, rules)
        yield Planned(layer, operation.name, _summary(effort), (operation,), reason, cost)


def _directed(layer: str, check: Check, rules: Rules) -> Planned:
    operations = tuple(OPERATIONS[name] for name in check.operations)
    denied = [operation.name for operation in operations if not rules.allows(operation)]
    reason = f"the profile {rules.profile} does not allow {', '.join(denied)}" if denied else None
    if check.full and rules.profile is not Profile.FULL:
        reason = f"requires the profile {Profile.FULL}"
    return Planned(layer, check.name, check.summary, operations, reason, estimates.of_check(check.name))
