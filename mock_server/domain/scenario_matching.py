"""Which scenario something gets: the conditions that a loaded scenario names, and what they are held against; and what
somebody chose for the next run, or for all runs, of a capsule, a pipeline or any of them. A choice is a loaded scenario
of a name of its own: a mix of the one scenario that was chosen.
"""

import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from mock_server.domain.panel import Parameter
from mock_server.domain.scenarios import Scenario

_COMPARISON = re.compile(r"(<=?|>=?) *([-+]?[0-9]{1,300}(?:\.[0-9]{1,300})?)")

_SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}

LONGEST_NUMBER = 400
"""The characters of the longest value that is compared as a number."""


class Subject(NamedTuple):
    """What a scenario is chosen for: the capsule or pipeline that it is of, its name and tags, a run's parameters, and
    the processes of a pipeline with theirs.
    """

    kind: str
    capsule: str | None
    pipeline: bool
    name: str
    tags: list[str]
    parameters: list[Parameter]
    processes: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class When:
    """Conditions that must all hold; None asks nothing. `name` is a pattern with `*` and `?`; `parameter` are values or
    comparisons such as `> 100`, by argument, label or, for ordered ones, position from 1; those of a process stand
    behind its name and a dot. `nth`, `first` and `every` count what fits the rest.
    """

    capsule: str | None = None
    pipeline: str | None = None
    tag: str | None = None
    name: str | None = None
    parameter: dict[str, str] = field(default_factory=dict)
    nth: int | None = None
    first: int | None = None
    every: int | None = None

    def fits(self, subject: Subject) -> bool:
        """Whether everything but the counts holds."""
        return (
            (self.capsule is None or (subject.capsule == self.capsule and not subject.pipeline))
            and (self.pipeline is None or (subject.capsule == self.pipeline and subject.pipeline))
            and (self.tag is None or self.tag in subject.tags)
            and (self.name is None or fnmatchcase(subject.name, self.name))
            and all(holds(_given(subject, key), value) for key, value in self.parameter.items())
        )

    def counts(self, number: int) -> bool:
        """Whether the `number`-th thing that fits is meant."""
        return (
            (self.nth is None or number == self.nth)
            and (self.first is None or number <= self.first)
            and (self.every is None or number % self.every == 0)
        )

    def covers(self, other: "When") -> bool:
        """Whether everything that `other` could mean is meant by this, so that nothing is left for `other`."""
        if self.nth is not None or self.first is not None or (self.every or 1) > 1:
            return False
        return (
            self.capsule in (None, other.capsule)
            and self.pipeline in (None, other.pipeline)
            and self.tag in (None, other.tag)
            and self.name in (None, "*", other.name)
            and self.parameter.items() <= other.parameter.items()
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario of a world, with its place in the order and the conditions under which it is chosen."""

    place: int
    kind: str
    scenario: Scenario
    when: When | None
    spec: dict[str, Any]


NEXT, ALL = "next-run", "all-runs"


class Target(NamedTuple):
    """The runs that a scenario is chosen for: of a capsule, or of a pipeline; of any when `capsule` is None."""

    capsule: str | None = None
    pipeline: bool = False

    @property
    def condition(self) -> dict[str, str]:
        """What it says in a scenario's `when`."""
        if self.capsule is None:
            return {"name": "*"}
        return {"pipeline" if self.pipeline else "capsule": self.capsule}


class Choice(NamedTuple):
    """The scenario `scenario` for the next run (`once`) of `target`, or for all; it was `used` for so many."""

    target: Target
    scenario: str
    once: bool
    used: int

    @property
    def name(self) -> str:
        """The name of the loaded scenario."""
        span = NEXT if self.once else ALL
        return f"{span}.{self.target.capsule}" if self.target.capsule else span

    @property
    def used_up(self) -> bool:
        """Whether it was for the next run, which has come."""
        return self.once and self.used > 0

    @property
    def spec(self) -> dict[str, Any]:
        """The loaded scenario, as a scenario file has it."""
        count = {"first": 1} if self.once else {}
        return {"name": self.name, "mix": {self.scenario: 1}, "when": self.target.condition | count}

    @classmethod
    def of(cls, item: Loaded, used: int = 0) -> "Choice | None":
        """The choice that a loaded scenario is, or None when it is another one."""
        mix, when = item.spec.get("mix") or {}, item.spec.get("when") or {}
        if item.kind != "computation" or len(mix) != 1:
            return None
        pipeline = "pipeline" in when
        target = Target(when.get("pipeline") or when.get("capsule"), pipeline)
        choice = cls(target, next(iter(mix)), once=when.get("first") == 1, used=used)
        return choice if choice.spec == {**item.spec, "when": when, "mix": mix} else None


def holds(value: str | None, condition: str) -> bool:
    """Whether a value is the one that is asked for, or compares with a number as is asked for."""
    if value is None or value == condition:
        return value is not None
    found = _COMPARISON.fullmatch(condition)
    if found is None or len(value) > LONGEST_NUMBER:
        return False
    try:
        number = float(value)
    except ValueError:
        return False
    return bool(_SIGNS[found[1]](number, float(found[2])))


def _given(subject: Subject, key: str) -> str | None:
    """The value of a parameter of a run or of one of its processes."""
    value = _value(subject.parameters, key)
    if value is None and subject.processes and "." in key:
        name, _, parameter = key.partition(".")
        process = next((process for process in subject.processes if process["name"] == name), {})
        value = _value(process.get("parameters", []), parameter)
    return value


def _value(parameters: list[Parameter], key: str) -> str | None:
    """The value of a parameter by its argument or label, or by its position."""
    for parameter in parameters:
        if key in (parameter.get("param_name"), parameter.get("name")):
            return parameter["value"]
    if key.isdecimal() and 1 <= int(key) <= len(parameters):
        return parameters[int(key) - 1]["value"]
    return None
