"""Scenarios that somebody chose for the next run, or for all runs, of a capsule, a pipeline or any of them.

A choice is a loaded scenario of a name of its own: a mix of the one scenario that was chosen.
"""

from typing import Any, NamedTuple

from mock_server.domain.scenario_matching import Loaded

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
