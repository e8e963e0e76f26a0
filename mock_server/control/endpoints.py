"""The routes of the control plane, by their paths."""

from functools import cache, cached_property
from typing import TYPE_CHECKING

from mock_server.asgi.context import Receive, Scope
from mock_server.asgi.responses import Response, json_bytes
from mock_server.control import (
    clock,
    driven,
    faults,
    health,
    journal,
    runs,
    scenarios,
    snapshots,
    spec_file,
    work,
    worlds,
)
from mock_server.control.context import Context
from mock_server.control.operation import Answer, Operation
from mock_server.control.plane import ROOT
from mock_server.documents.document_error import DocumentError
from mock_server.operations.declaration import Route
from mock_server.operations.paths import PathTable

if TYPE_CHECKING:
    from mock_server.services.driven.leases import LeaseWatch
    from mock_server.worlds import Worlds

PARTS = (health, worlds, clock, runs, driven, work, scenarios, faults, journal, snapshots, spec_file)


class _Served:
    """A declared route, made ready when it is first called: validators and serializers take milliseconds each."""

    def __init__(self, route: Route) -> None:
        self._route = route

    @cached_property
    def operation(self) -> Operation:
        return Operation(self._route)


def routes() -> list[Route]:
    """Every declared route, in the order in which the spec lists them."""
    return [route for part in PARTS for route in part.router.declared]


@cache
def _table() -> PathTable[_Served]:
    table = PathTable[_Served]()
    for route in routes():
        table.add(route.method, ROOT + route.path, _Served(route))
    return table


async def answer(worlds: "Worlds", leases: "LeaseWatch", scope: Scope, receive: Receive) -> Answer:
    """Answer one request. Raises an `ApiError` when it is refused."""
    found, values = _table().find(scope["method"], scope["path"].removeprefix("/").split("/"))
    try:
        return await found.operation(Context(worlds, leases, scope, receive), values)
    except DocumentError as problem:
        problems = [one.to_json() for one in problem.problems]
        return Response(400, json_bytes({"message": str(problem), "problems": problems}))
