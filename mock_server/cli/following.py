"""`journal list --follow`: requests as they come, over restarts of the server. Imported late."""

from dataclasses import dataclass, field
from time import sleep  # noqa: TID251 - whoever waits for a server waits in real time

from mock_server.cli.common import complain, iso, painted, shown, write
from mock_server.client import ControlError, MatchFields, WorldControl
from mock_server.wire.journal import Entry, Journal

WAIT = 5.0
"""How many seconds the server is asked to wait for a request: the longest until an emptied journal is noticed."""

PAUSE = 0.2
"""Seconds between two questions, however many requests come."""

MOST = 10_000
"""The most requests that the server lists at once."""

RETRY = 1.0
"""Seconds between two looks for a server that has gone."""

AWAY = (None, 404, 503)
"""Statuses of a server, or a world, that may come back; None when nothing answers."""

FORMAT = "{:>6}  {:24}  {:6}  {}  {}"


@dataclass
class Follower:
    """Prints the requests of a world that match, the newest `limit` first and then all that come."""

    world: WorldControl
    match: MatchFields
    limit: int | None
    as_json: bool
    _newest: Entry | None = field(default=None, init=False)
    """The newest request that was seen, whether it matches or not."""

    def run(self) -> None:
        """Go on until somebody ends it. Raises `ControlError` when the server refuses."""
        self._look(self.limit)
        while True:
            try:
                # Before it is waited: the journal of a server that is back may have begun anew, with smaller numbers.
                self._look(MOST)
                self.world.wait(timeout=WAIT, after=self._newest.number if self._newest else None)
            except ControlError as problem:
                if problem.status not in AWAY:
                    raise
                self._await_return(problem)
            sleep(PAUSE)

    def _look(self, limit: int | None) -> None:
        """Print what is new."""
        before = self._newest
        recent = self.world.journal(limit=MOST, after=before.number - 1 if before else None)
        if before is not None and _is_anew(recent, before):
            complain("the journal was emptied, and begins anew")
            before = None
            recent = self.world.journal(limit=MOST)
        self._newest = recent.requests[-1] if recent.requests else None
        after = max(self.match.get("after") or 0, before.number if before else 0)
        match: MatchFields = {**self.match, "after": after}
        for one in self.world.journal(limit=limit, **match).requests:
            # What has come meanwhile comes the next time.
            if one.number <= recent.last:
                self._print(one)

    def _await_return(self, problem: ControlError) -> None:
        complain(f"{problem.message}; waiting for it")
        while True:
            sleep(RETRY)
            try:
                self.world.journal(limit=1)
            except ControlError as again:
                if again.status not in AWAY:
                    raise
            else:
                return

    def _print(self, one: Entry) -> None:
        if self.as_json:
            write(one.model_dump_json())
            return
        status = painted(f"{one.status or 'closed':<6}")
        rest = "  ".join(filter(None, map(shown, (one.path, one.operation, one.entity, one.fault))))
        write(FORMAT.format(one.number, iso(one.time), shown(one.method), status, rest))


def _is_anew(recent: Journal, before: Entry) -> bool:
    """Whether the journal was emptied since `before`: another request has its number, or none has."""
    if recent.last < before.number:
        return True
    first = recent.requests[0] if recent.requests else None
    return first is not None and first.number == before.number and first.real != before.real
