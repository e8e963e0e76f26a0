"""The states of a run as a row of bars, those that are over and those that are still to come."""

from typing import NamedTuple

from mock_server.wire.control import RunPlan, StageInfo

WIDTH = 1000.0
LEAST = 0.12
"""The share of the width that even the shortest state has, so that its name can be read."""


class Bar(NamedTuple):
    """A state: from `x` on, `width` wide, `past` of it over. `until` is None when it does not end by itself."""

    state: str
    since: float
    until: float | None
    x: float
    width: float
    past: float
    current: bool


class Timeline(NamedTuple):
    """The bars of a run, then its end: the state, None while nobody knows it, when, and whether it has been reached.
    `now` is where the present stands on the row, None once it is over.
    """

    bars: list[Bar]
    now: float | None
    end_state: str | None
    end_at: float | None
    ended: bool


def draw(plan: RunPlan, now: float, *, ended: bool) -> Timeline:
    """The timeline of a plan at `now`."""
    stages = [stage for stage in plan.stages if stage.until is None or stage.until > stage.since]
    shares = _shares(stages)
    bars: list[Bar] = []
    mark = None
    x = 0.0
    for stage, share in zip(stages, shares, strict=True):
        width = share * WIDTH
        done = 1.0 if ended else _done(stage, now)
        current = not ended and stage.since <= now and done < 1
        bars.append(Bar(stage.state, stage.since, stage.until, x, width, width * done, current))
        if current:
            mark = x + width * done
        x += width
    end_at = stages[-1].until if stages else (plan.stages[-1].until if plan.stages else None)
    return Timeline(bars, mark, plan.end.get("end_status") or plan.end.get("state"), end_at, ended)


def _done(stage: StageInfo, now: float) -> float:
    """The share of a state that is over. One without an end is never half over."""
    if now <= stage.since:
        return 0.0
    if stage.until is None:
        return 0.5
    return min(1.0, (now - stage.since) / (stage.until - stage.since))


def _shares(stages: list[StageInfo]) -> list[float]:
    """How the width is divided: by length, but none less than `LEAST`. What does not end takes as much as all else."""
    known = sum(stage.until - stage.since for stage in stages if stage.until is not None)
    lengths = [(stage.until - stage.since) if stage.until is not None else known or 1.0 for stage in stages]
    whole = sum(lengths)
    shares = [max(LEAST, length / whole) for length in lengths]
    return [share / sum(shares) for share in shares]
