"""What a benchmark measures: one number with its spread, the way in which it is better, and what it has to reach."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple

RATIO = "ratio"
"""The unit of what was measured beside something else in the same run, and so tells little of the machine."""


class Figure(NamedTuple):
    """A number; `low` and `high` are the least and the most of the rounds that it is the median of.

    `is_ours` is false for what another server does, which cannot fall.
    """

    name: str
    unit: str
    value: float
    low: float
    high: float
    more_is_better: bool = True
    target: float | None = None
    is_ours: bool = True

    @property
    def is_met(self) -> bool:
        """Whether the target is reached, or there is none."""
        return self.target is None or not self._is_worse(self.value, self.target)

    @property
    def goal(self) -> str:
        """The target in words."""
        return "" if self.target is None else f"{'≥' if self.more_is_better else '≤'} {self.target:g}"

    @property
    def verdict(self) -> str:
        """The target, and whether it is reached."""
        return "" if self.target is None else f"{self.goal} {'met' if self.is_met else 'MISSED'}"

    def __str__(self) -> str:
        spread = "" if self.low == self.high else f" ({self.low:.4g}-{self.high:.4g})"
        return f"{self.value:.4g}{spread}"

    def has_fallen(self, before: "Figure", tolerance: float) -> bool:
        """Whether this is worse than `before` by more than a share of it, and in all rounds worse than it was."""
        allowed = before.value * (1 - tolerance if self.more_is_better else 1 + tolerance)
        best = self.high if self.more_is_better else self.low
        return self._is_worse(self.value, allowed) and self._is_worse(best, before.value)

    def _is_worse(self, value: float, than: float) -> bool:
        return value < than if self.more_is_better else value > than


def measured(
    name: str, unit: str, values: Sequence[float], *, more: bool, target: float | None = None, ours: bool = True
) -> Figure:
    """The median of some rounds."""
    return Figure(name, unit, statistics.median(values), min(values), max(values), more, target, ours)


def paired(
    name: str, ours: Sequence[float], others: Sequence[float], target: float | None, *, more: bool = True
) -> Figure:
    """What ours is as a multiple of the other's, paired round by round."""
    pairs = [mine / other for mine, other in zip(ours, others, strict=True) if other]
    return measured(name, RATIO, pairs or [0.0], more=more, target=target)
