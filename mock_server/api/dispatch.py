"""Serving the declared operations: authenticate, find, call, answer; every failure in one shape."""

import logging
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from mock_server.api import fault_responses
from mock_server.api.routing import Found, RouteTable
from mock_server.api.versioning import ApiVersion
from mock_server.asgi import bodies
from mock_server.asgi.connection import hang_up, pause
from mock_server.asgi.context import Receive, RequestContext, Scope, Send, credentials_of, header
from mock_server.asgi.journaling import choose_fault, journal_request
from mock_server.asgi.responses import Response, failure, http_date
from mock_server.domain.access import Caller
from mock_server.domain.journal import NO_ANSWER
from mock_server.domain.naming import DEFAULT_WORLD
from mock_server.domain.versions import Version, parse
from mock_server.errors import ApiError, BadRequestError, NotFoundError
from mock_server.operations.declaration import Route
from mock_server.services import access
from mock_server.world import World
from mock_server.worlds import Worlds

log = logging.getLogger("codeocean_mock")


class Exchange:
    """What becomes known of a request on its way."""

    __slots__ = ("body", "caller", "fault", "found", "outcome", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.found: Found | None = None
        self.caller: Caller | None = None
        self.body = b""
        self.outcome: int | None = None
        self.fault: str | None = None


class Dispatch:
    """An ASGI application made of declared operations."""

    def __init__(self, worlds: Worlds, routes: Iterable[Route], api_version: ApiVersion) -> None:
        self._worlds = worlds
        self._real = worlds.real
        self._table = RouteTable(routes, api_version)
        self._version = api_version.version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        arrived = self._real()
        exchange = Exchange(self._worlds.default)
        try:
            reply = await self._reply(scope, receive, exchange)
        except ApiError as problem:
            reply = failure(problem)
        except bodies.ClientGoneError:
            reply = Response(NO_ANSWER)
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            reply = failure(ApiError("internal error"))
        world = exchange.world
        answered = self._real()
        found = exchange.found
        journal_request(
            world,
            scope,
            arrived=arrived,
            answered=answered,
            operation=found.operation if found else None,
            keys=found.keys if found else (),
            caller=exchange.caller,
            status=reply.status,
            outcome=exchange.outcome,
            fault=exchange.fault,
            body=exchange.body,
            answer=reply.body[: reply.cut],
            answer_headers=reply.extra,
        )
        if reply.status == NO_ANSWER:
            await hang_up(scope, receive)
            return
        headers = [*reply.headers(), (b"date", http_date(int(world.clock.at(answered))))]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        if reply.cut is None:
            await send({"type": "http.response.body", "body": reply.body})
        else:
            await send({"type": "http.response.body", "body": reply.body[: reply.cut], "more_body": True})
            await hang_up(scope, receive)

    async def _reply(self, scope: Scope, receive: Receive, exchange: Exchange) -> Response:
        token, name = credentials_of(scope)
        if name != DEFAULT_WORLD:
            exchange.world = self._worlds.get(name) or self._worlds.default
        wanted = header(scope, b"min-server-version")
        if wanted is not None:
            _check_version(wanted, self._version)
        raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
        exchange.found = found = self._table.find(scope["method"], raw)
        if name != DEFAULT_WORLD:
            exchange.world = self._worlds.get_or_create(name, token)
        world = exchange.world
        exchange.caller = caller = access.authenticate(world, token)
        access.require_scopes(caller, found.operation.scopes)
        if found.operation.reads_body:
            exchange.body = await bodies.read(scope, receive)
        fault = choose_fault(world, scope, found.operation.name, found.keys, caller)
        exchange.fault = fault.name if fault else None
        if fault is not None and fault.phase == "before":
            await pause(scope, fault.latency)
            if not fault.only_delays:
                return fault_responses.reply_to(fault, None)
        if world.closed:
            raise NotFoundError(f"the world {name} was dropped while the request was on its way")
        try:
            reply = await _call(found, RequestContext(world, caller, scope), exchange.body)
        except ApiError as problem:
            reply = failure(problem)
        exchange.outcome = reply.status
        if fault is not None and fault.phase == "after":
            await pause(scope, fault.latency)
            reply = fault_responses.reply_to(fault, reply)
        return reply


async def _call(found: Found, context: RequestContext, body: bytes) -> Response:
    """Return the answer of an operation when all that it tells is kept. Raises as the operation, and when it is not."""
    db = context.world.db
    lost = db.lost
    try:
        return await found.operation(context, found.parameters, context.scope["query_string"], body)
    finally:
        if db.group is not None or db.lost != lost:
            await db.settled(lost)


@lru_cache(maxsize=64)
def _check_version(wanted: bytes, served: Version) -> None:
    """Raise what the service answers to a client that is too new for it, whatever it asks for (seen by a client)."""
    required = parse(wanted.decode("latin-1"))
    if required is not None and required > served:
        raise BadRequestError(f"server version {served} is lower than required minimum {required}")
