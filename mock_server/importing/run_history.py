"""Scenarios that are made from what a deployment tells of past runs: how long they took, and how they ended."""

from collections import defaultdict
from math import ceil, floor
from typing import Any, NamedTuple

from mock_server.documents.seed_plan import number
from mock_server.importing.options import Durations

LOWEST, HIGHEST = 0.1, 0.9
"""The part of the runs that took less than the range of a scenario, and the part that did not take more."""

MOST_ENDS = 8
"""How many different ends a mix has at most; the rarest are left out."""

LIKE = {"failed": "fails", "stopped": "stopped"}
"""By how a run ended the scenario that tells the rest, such as its log."""

ENDED = ("completed", "failed")


class End(NamedTuple):
    """How a run ended, as the API shows it."""

    state: str
    end_status: str | None
    exit_code: int | None


class History(NamedTuple):
    """What was made from the runs of a capsule: its scenarios, the one that the capsule has last, and a remark."""

    scenarios: list[dict[str, Any]]
    comment: list[str]

    @property
    def name(self) -> str | None:
        """The name of the scenario that the capsule has."""
        return self.scenarios[-1]["name"] if self.scenarios else None


def of_runs(name: str, past: list[list[Any]], durations: Durations) -> History:
    """The history of a capsule whose runs took and ended as `past` tells; its scenarios begin with `name`."""
    ends: dict[End, list[int]] = defaultdict(list)
    for run_time, state, end_status, exit_code in past:
        if state in ENDED and isinstance(run_time, int):
            ends[End(state, end_status, exit_code)].append(run_time)
    common = sorted(ends, key=lambda end: (-len(ends[end]), str(end)))[:MOST_ENDS]
    if not common:
        return History([], [])
    comment = [_comment(common, ends)]
    if len(common) == 1:
        return History([_scenario(name, common[0], ends[common[0]], durations)], comment)
    parts = {f"{name}-{at}": end for at, end in enumerate(common, 1)}
    mix = {"name": name, "mix": {part: len(ends[end]) for part, end in parts.items()}}
    return History([*(_scenario(part, end, ends[end], durations) for part, end in parts.items()), mix], comment)


def _scenario(name: str, end: End, times: list[int], durations: Durations) -> dict[str, Any]:
    like = LIKE.get(end.end_status or end.state)
    fields: dict[str, Any] = {"name": name, **({"like": like} if like else {})}
    if durations is Durations.REAL:
        low, high = run_times(times)
        # Starting and finishing are not told apart from running; a second each is what most of them take.
        edge = min(1.0, low / 4)
        running = [number(low - 2 * edge), number(high - 2 * edge)]
        fields["initializing"] = number(edge)
        fields["running"] = running if low < high else running[0]
        fields["finalizing"] = number(edge)
    told = {"state": end.state, "end_status": end.end_status, "exit_code": end.exit_code}
    return fields | {key: value for key, value in told.items() if value is not None}


def run_times(times: list[int]) -> tuple[int, int]:
    """The range in which the run times lie but for a tenth at each end."""
    ordered = sorted(times)
    last = len(ordered) - 1
    return ordered[floor(LOWEST * last)], ordered[ceil(HIGHEST * last)]


def _comment(common: list[End], ends: dict[End, list[int]]) -> str:
    total = sum(map(len, ends.values()))
    parts = []
    for end in common:
        low, high = run_times(ends[end])
        code = "" if end.exit_code is None else f" (exit code {end.exit_code})"
        span = f"{low} to {high}" if low < high else f"{low}"
        parts.append(f"{len(ends[end])} {end.end_status or end.state}{code} after {span} s")
    return f"From {total} past run{'s' * (total != 1)}: {', '.join(parts)}."
