"""The states of a run as a row of bars, those that are over and those that are still to come."""

from typing import Any, Literal, NamedTuple

from mock_server.domain import lifecycle
from mock_server.domain.lifecycle import End, Plan, Span

WIDTH = 1000.0
LEAST = 0.12
"""The share of the width that even the shortest state has, so that its name can be read."""


Tone = Literal["good", "bad", "warn"]

TONES: dict[Any, Tone] = {"failed": "bad", "stopped": "warn"}
"""How the ends of a run are coloured that are no success."""


class Bar(NamedTuple):
    """A state: from `x` on, `width` wide, `past` of it over. `until` is None when it does not end by itself. `tone` is
    how it went; `note` says so in words where a run failed or was stopped.
    """

    state: str
    since: float
    until: float | None
    x: float
    width: float
    past: float
    current: bool
    tone: Tone = "good"
    note: str = ""


class Timeline(NamedTuple):
    """The bars of a run, then its end: the state, None while nobody knows it, when, and whether it has been reached.
    `now` is where the present stands on the row, None once it is over. `tone` is how the run ended.
    """

    bars: list[Bar]
    now: float | None
    end_state: str | None
    end_at: float | None
    ended: bool
    tone: Tone = "good"


class Piece(NamedTuple):
    """A part of a strip: from `x` on, `width` wide, and the class of its colour."""

    x: int
    width: int
    kind: str


def strip(plan: Plan, now: float, *, ended: bool) -> list[Piece]:
    """How a run went, for a line of a list: what is over of its timeline, in as few pieces as there are colours."""
    pieces: list[Piece] = []
    for bar in draw(plan, now, ended=ended).bars:
        kind = "past current" if bar.current else f"went-{bar.tone}"
        if pieces and pieces[-1].kind == kind:
            pieces[-1] = pieces[-1]._replace(width=round(bar.x + bar.past) - pieces[-1].x)
        elif bar.past > 0:
            pieces.append(Piece(round(bar.x), round(bar.past), kind))
    return pieces


def draw(plan: Plan, now: float, *, ended: bool) -> Timeline:
    """The timeline of a plan at `now`. Of a driven run that goes on, nobody knows the end."""
    spans = lifecycle.spans(plan)
    stages = [span for span in spans if span.until is None or span.until > span.since]
    shares = _shares(stages)
    bars: list[Bar] = []
    mark = None
    x = 0.0
    end_state = None if plan.driven and not ended else plan.end.end_status or plan.end.state
    tone = TONES.get(end_state, "good") if ended else "good"
    broken = _broken(stages, plan.end) if tone != "good" else len(stages)
    for number, (stage, share) in enumerate(zip(stages, shares, strict=True)):
        width = share * WIDTH
        done = 1.0 if ended else _done(stage, now)
        current = not ended and stage.since <= now and done < 1
        note = f"{end_state} here" if number == broken else ""
        how = tone if number >= broken else "good"
        bars.append(Bar(stage.state, stage.since, stage.until, x, width, width * done, current, how, note))
        if current:
            mark = x + width * done
        x += width
    end_at = (stages or spans)[-1].until if spans else None
    return Timeline(bars, mark, end_state, end_at, ended, tone)


def _broken(stages: list[Span], end: End) -> int:
    """The number of the state in which a run failed or was stopped: code fails while it is running, and the platform
    still finalizes what it has left; everything else breaks off where it stands.
    """
    states = [stage.state for stage in stages]
    if end.state == "completed" and end.end_status == "failed" and "running" in states:
        return states.index("running")
    return len(states) - 1


def _done(stage: Span, now: float) -> float:
    """The share of a state that is over. One without an end is never half over."""
    if now <= stage.since:
        return 0.0
    if stage.until is None:
        return 0.5
    return min(1.0, (now - stage.since) / (stage.until - stage.since))


def _shares(stages: list[Span]) -> list[float]:
    """How the width is divided: by length, but none less than `LEAST`. What does not end takes as much as all else."""
    known = sum(stage.until - stage.since for stage in stages if stage.until is not None)
    lengths = [(stage.until - stage.since) if stage.until is not None else known or 1.0 for stage in stages]
    whole = sum(lengths)
    shares = [max(LEAST, length / whole) for length in lengths]
    return [share / sum(shares) for share in shares]
