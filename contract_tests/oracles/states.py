"""Order of states, and what is final."""

from collections.abc import Iterable
from typing import Any

from contract_tests.oracles.observation import Kind, Observation, Record, brief, is_number, same
from contract_tests.oracles.oracle import Oracle

RANKS: dict[Kind, dict[str, int]] = {
    Kind.COMPUTATION: {"initializing": 0, "running": 1, "finalizing": 2, "completed": 3, "failed": 3},
    Kind.DATA_ASSET: {"draft": 0, "ready": 3, "failed": 3},
    Kind.RELEASE: {"created": 0, "started": 1, "canceling": 2, "completed": 3, "failed": 3, "canceled": 3},
}
"""The legal order of states (the API's documentation; SDK models/computation.py, data_asset.py, capsule.py)."""

TRANSFER = "transfer_data_asset"
"""Moves the files of a data asset to another place, which takes time."""

END = 3
"""The rank of states that are final."""

FINAL: dict[Kind, tuple[str, ...]] = {
    Kind.COMPUTATION: ("state", "end_status", "exit_code", "has_results"),
    Kind.DATA_ASSET: ("state", "type", "files", "size", "failure_reason", "provenance", "app_parameters"),
    Kind.RELEASE: ("status", "duration", "release_capsule", "release_version", "error"),
}
"""What nothing changes once a thing is at its end."""

ENUMS: dict[Kind, dict[str, tuple[str, ...]]] = {
    Kind.COMPUTATION: {
        "state": tuple(RANKS[Kind.COMPUTATION]),
        "end_status": ("succeeded", "failed", "stopped"),
    },
    Kind.DATA_ASSET: {
        "state": tuple(RANKS[Kind.DATA_ASSET]),
        "type": ("dataset", "result", "combined", "model"),
    },
    Kind.CAPSULE: {"status": ("non_release", "release")},
    Kind.RELEASE: {"status": tuple(RANKS[Kind.RELEASE])},
}
"""The values that the SDK can read; any other raises there."""


def rank(record: Record) -> int | None:
    """Return the rank of a record's state; None when it is unknown, or there is none."""
    state = record.state
    return RANKS.get(record.kind, {}).get(state) if isinstance(state, str) else None


def at_end(record: Record) -> bool:
    """Tell whether a record is in a final state."""
    return rank(record) == END


class StateOrder(Oracle):
    """No state comes after a later one."""

    name = "state_order"
    summary = "Computations, data assets and release jobs never go back to an earlier state."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._furthest: dict[str, tuple[int, str, int]] = {}

    def observe(self, seen: Observation) -> Iterable[str]:
        """Compare each state with the furthest that was seen."""
        if seen.name == TRANSFER and seen.changes:
            self._furthest.pop(seen.target or "", None)
        for record in seen.records:
            reached = rank(record)
            if reached is None:
                continue
            before = self._furthest.get(record.id)
            if before is not None:
                self.judged += 1
                if reached < before[0]:
                    yield f"{record} is {record.state}, although request {before[2]} showed it {before[1]}"
                    continue
            self._furthest[record.id] = (reached, record.state, seen.number)


class TerminalIsFinal(Oracle):
    """Finished records do not change."""

    name = "terminal_is_final"
    summary = "Nothing of a computation, data asset or release job changes after its end but what a request changes."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._ends: dict[tuple[str, bool], tuple[dict[str, Any], int]] = {}
        self._moving: set[str] = set()
        """Data assets whose files are being moved, nobody knows for how long."""

    def observe(self, seen: Observation) -> Iterable[str]:
        """Compare each thing with what its end was."""
        if seen.name == TRANSFER and seen.changes and seen.target is not None:
            self._moving.add(seen.target)
        for record in seen.records:
            if record.id in self._moving:
                continue
            for listed in (True, False):
                end = self._ends.get((record.id, listed))
                if end is not None:
                    self.judged += 1
                    yield from self._compare(record, *end, alike=listed == record.listed)
            if at_end(record):
                self._ends.setdefault((record.id, record.listed), (record.fields, seen.number))

    @staticmethod
    def _compare(record: Record, end: dict[str, Any], number: int, *, alike: bool) -> Iterable[str]:
        """A list may show less than a GET: between the two only what both have is compared."""
        for field in FINAL[record.kind]:
            both = field in record.fields and field in end
            if (both or alike) and not same(record.fields.get(field), end.get(field)):
                was, now = brief(end.get(field)), brief(record.fields.get(field))
                yield f"{field} of {record} was {was} at its end (request {number}), and is {now}"


class NoUnknownStatus(Oracle):
    """Enumerations have the values that clients know."""

    name = "no_unknown_status"
    summary = "States, statuses and types are those that the API documents."

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look at every enumerated field."""
        for record in seen.records:
            for field, known in ENUMS[record.kind].items():
                if field in record.fields:
                    self.judged += 1
                    if record.fields[field] not in known:
                        yield f"{field} of {record} is {brief(record.fields[field])}, not one of {', '.join(known)}"


class RunTimeGrows(Oracle):
    """A run's time goes on until its end."""

    name = "run_time_grows"
    summary = "The run_time of a run is a number of seconds from 0 on, never falls, and stops at the end."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._latest: dict[str, tuple[float, bool, int]] = {}

    def observe(self, seen: Observation) -> Iterable[str]:
        """Compare each run's time with the one before."""
        for record in seen.records:
            if record.kind is not Kind.COMPUTATION or "run_time" not in record.fields:
                continue
            self.judged += 1
            seconds = record.fields["run_time"]
            if not is_number(seconds) or not 0 <= seconds < float("inf"):
                yield f"run_time of {record} is {brief(seconds)}, not a number of seconds"
                continue
            before, ended, number = self._latest.get(record.id, (0, False, 0))
            if seconds < before:
                yield f"run_time of {record} is {seconds}, although it was {before} in request {number}"
            elif ended and seconds > before:
                yield f"run_time of {record} grew after its end, from {before} in request {number} to {seconds}"
            self._latest[record.id] = (seconds, ended or at_end(record), seen.number)
