"""What every part that serves clients of the API does with a request: pick its fault, write it into the journal."""

from mock_server.asgi.context import Scope
from mock_server.asgi.responses import Header
from mock_server.domain.access import Caller
from mock_server.domain.faults import FaultCall, FaultEffect
from mock_server.domain.journal import KEPT_BYTES, Called, Record
from mock_server.world import World


def choose_fault(
    world: World, scope: Scope, operation: str, keys: tuple[str, ...], caller: Caller | None
) -> FaultEffect | None:
    """Return the fault that hits a request, or None. `keys` are the ids in its path."""
    if not world.faults:
        return None
    call = FaultCall(operation, scope["method"], scope["path"], keys, caller)
    return world.faults.choose(call, world.clock.now(), world.ids.draws)


def journal_request(
    world: World,
    scope: Scope,
    *,
    arrived: float,
    answered: float,
    operation: Called | None,
    keys: tuple[str, ...],
    caller: Caller | None,
    status: int,
    outcome: int | None,
    fault: str | None,
    body: bytes = b"",
    answer: bytes = b"",
    answer_headers: tuple[Header, ...] = (),
) -> None:
    """Write a request into the journal of its world, unless it keeps none.

    `arrived` and `answered` are in real time, in Unix seconds. `outcome` is the status that the operation came to,
    which a fault may have replaced by `status`.
    """
    if not world.journal.keeps:
        return
    world.journal.note(
        Record(
            time=world.clock.anchor.at(arrived),
            real=arrived,
            took=answered - arrived,
            method=scope["method"],
            path=scope.get("raw_path") or scope["path"].encode(),
            query=scope["query_string"],
            headers=scope["headers"],
            body=body[:KEPT_BYTES],
            operation=operation,
            keys=keys,
            caller=caller,
            status=status,
            outcome=outcome,
            fault=fault,
            answer=answer[:KEPT_BYTES],
            answer_headers=answer_headers,
        )
    )
