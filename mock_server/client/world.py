"""One world of a server: its clock, scenarios, faults, journal and snapshots."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, Unpack

from pydantic import BaseModel

from mock_server.client.arguments import (
    Document,
    Length,
    MatchFields,
    RunFields,
    When,
    body,
    described,
    document,
    dump,
    model,
    name_of,
)
from mock_server.client.connection import Connection
from mock_server.client.driven import ComputationControl, DataAssetControl
from mock_server.client.errors import ControlError
from mock_server.domain.naming import DEFAULT_WORLD
from mock_server.wire import control as wire
from mock_server.wire.journal import Check, Journal, Match, Verdict, Verification, Waited, WaitRequest
from mock_server.wire.runs import RunFilters, RunList

EXPORT_SECONDS = 600.0
"""How long it may take until the first byte of an export comes: it is written first."""

Model = TypeVar("Model", bound=BaseModel)


class WorldControl:
    """A world, whether it is there or not. Made by `Control.world` and `Control.create_world`."""

    def __init__(self, connection: Connection, name: str) -> None:
        self.name = name_of("world", name)
        self._connection = connection
        self._path = f"/worlds/{name}"

    def __repr__(self) -> str:
        return f"<WorldControl of {self.name} at {self._connection.url}>"

    @property
    def ca_file(self) -> Path | None:
        """The file of the authorities to trust, where the server speaks HTTPS and one is named."""
        return self._connection.ca_file

    def token(self, token: str) -> str:
        """What a client has to send as its token to be in this world."""
        return token if self.name == DEFAULT_WORLD else f"{token}@{self.name}"

    def info(self) -> wire.WorldInfo:
        """Seed, clock, counts and tokens."""
        return self._ask("GET", "", wire.WorldInfo)

    def reset(self) -> wire.WorldInfo:
        """Put back the seed: everything is as it was when the world was made."""
        return self._ask("POST", "/reset", wire.WorldInfo)

    def delete(self) -> None:
        """Drop the world."""
        self._send("DELETE", "")

    def export_seed(self) -> str:
        """The present state of the world as the text of a seed file."""
        return self._connection.send("GET", f"{self._path}/export", timeout=EXPORT_SECONDS).text

    def download_seed(self, into: BinaryIO) -> int:
        """Write what `export_seed` gives into a file, however large it is; how many bytes."""
        return self._connection.download(f"{self._path}/export", into, timeout=EXPORT_SECONDS)

    # Time

    def clock(self) -> wire.ClockInfo:
        """How the clock runs and what it shows."""
        return self._ask("GET", "/clock", wire.ClockInfo)

    def set_clock(
        self,
        mode: wire.ClockMode,
        *,
        at: When | None = None,
        offset: Length | None = None,
        scale: float | None = None,
    ) -> wire.ClockInfo:
        """Have the clock run as `mode` says."""
        request = body(wire.SetClock, mode=mode, at=at, offset=offset, scale=scale)
        return self._ask("PUT", "/clock", wire.ClockInfo, json=request)

    def freeze(self, at: When | None = None) -> wire.ClockInfo:
        """Have the clock stand, now or at a later time."""
        return self.set_clock("frozen", at=at)

    def advance(self, by: Length | None = None, *, to: When | None = None, next_change: bool = False) -> wire.Advanced:
        """Move the clock forwards; what happened on the way."""
        request = body(wire.AdvanceClock, by=by, to=to, next_change=next_change)
        return self._ask("POST", "/clock/advance", wire.Advanced, json=request)

    # Runs

    def computation(self, computation_id: str, *, lease: str | None = None) -> ComputationControl:
        """A run of this world, to be driven or looked at; nothing is asked."""
        return ComputationControl(self._connection, self._path, computation_id, lease)

    def data_asset(self, data_asset_id: str) -> DataAssetControl:
        """A data asset of this world, to be driven or looked at; nothing is asked."""
        return DataAssetControl(self._connection, self._path, data_asset_id)

    def runs(self, **filters: Unpack[RunFields]) -> RunList:
        """Runs of all users that fit, newest first."""
        return self._ask("GET", "/computations", RunList, params=body(RunFilters, **filters))

    def plan(self, computation_id: str) -> wire.RunPlan:
        """What drives a run."""
        return self.computation(computation_id).plan()

    def stop(self, computation_id: str) -> wire.RunPlan:
        """Stop a run, as the app's button does."""
        return self.computation(computation_id).stop()

    # Scenarios

    def scenarios(self) -> wire.ScenarioList:
        """The scenarios that are loaded."""
        return self._ask("GET", "/scenarios", wire.ScenarioList)

    def load_scenarios(self, path_or_text: Document, *, replace: bool = False) -> wire.ScenarioList:
        """Load a scenario file: a `Path`, YAML or JSON text, or what such a file holds. `replace` forgets the
        others. Raises `ControlError`.
        """
        try:
            return self._ask("PUT" if replace else "POST", "/scenarios", wire.ScenarioList, **document(path_or_text))
        except ControlError as refusal:
            if not refusal.problems or isinstance(path_or_text, Path | str):
                raise
            # What was written in Python has no lines.
            raise ControlError(described(refusal.problems), refusal.status, refusal.problems) from None

    def clear_scenarios(self) -> None:
        """Forget all scenarios; the built-in ones stay."""
        self._send("DELETE", "/scenarios")

    def delete_scenario(self, name: str) -> None:
        """Forget a scenario."""
        self._send("DELETE", f"/scenarios/{name_of('scenario', name)}")

    # Faults

    def faults(self) -> list[wire.FaultInfo]:
        """The faults that are set."""
        return self._ask("GET", "/faults", wire.FaultList).faults

    def set_fault(self, fault: wire.Fault | None = None, **fields: Any) -> wire.FaultInfo:
        """Set a fault: a `Fault`, its fields, or both; the fields win. One of the same name is replaced."""
        known = fault.model_dump(exclude_unset=True) if fault else {}
        return self._ask("POST", "/faults", wire.FaultInfo, json=body(wire.Fault, **known | fields))

    def set_faults(self, faults: Sequence[wire.Fault | Mapping[str, Any]]) -> list[wire.FaultInfo]:
        """Set these faults, and no others."""
        filled = [fault if isinstance(fault, wire.Fault) else model(wire.Fault, fault) for fault in faults]
        request = {"faults": [dump(fault) for fault in filled]}
        return self._ask("PUT", "/faults", wire.FaultList, json=request).faults

    def clear_faults(self) -> None:
        """No more faults."""
        self._send("DELETE", "/faults")

    def delete_fault(self, name: str) -> None:
        """Forget a fault."""
        self._send("DELETE", f"/faults/{name_of('fault', name)}")

    # Journal

    def journal(self, *, limit: int | None = None, **match: Unpack[MatchFields]) -> Journal:
        """Requests that match, oldest first, the newest `limit` of them."""
        filters = body(Match, **match) | ({} if limit is None else {"limit": limit})
        return self._ask("GET", "/journal", Journal, params=filters)

    def clear_journal(self) -> None:
        """Forget all requests."""
        self._send("DELETE", "/journal")

    def wait(self, count: int = 1, timeout: Length = 10, **match: Unpack[MatchFields]) -> Waited:
        """Wait until `count` requests match; `met` is False when the `timeout` is over before."""
        asked = {"match": model(Match, match), "count": count, "timeout": timeout}
        request = model(WaitRequest, asked)
        patience = request.timeout + self._connection.timeout
        return self._ask("POST", "/journal/wait", Waited, json=dump(request), timeout=patience)

    def verify(self, *checks: Check | Mapping[str, Any]) -> Verdict:
        """Whether all checks hold in the journal."""
        request = body(Verification, checks=list(checks))
        return self._ask("POST", "/journal/verify", Verdict, json=request)

    # Snapshots

    def save(self, snapshot: str) -> wire.SnapshotInfo:
        """Save the world; a snapshot of the same name is replaced."""
        return self._ask("PUT", f"/snapshots/{name_of('snapshot', snapshot)}", wire.SnapshotInfo)

    def load(self, snapshot: str) -> wire.WorldInfo:
        """Put the world back to what was saved."""
        return self._ask("POST", f"/snapshots/{name_of('snapshot', snapshot)}/load", wire.WorldInfo)

    def _ask(self, method: str, path: str, answer: type[Model], **more: Any) -> Model:
        return self._connection.ask(method, self._path + path, answer, **more)

    def _send(self, method: str, path: str) -> None:
        self._connection.send(method, self._path + path)
