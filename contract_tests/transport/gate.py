"""The one way out: every request of the harness, of Schemathesis and of the SDK passes here, is judged before it is
sent, and remembered.

It takes the place of the sending of `requests` in this process. So whatever a spec, a filter or a scenario says, what
the profile does not allow is not sent.
"""

import base64
import binascii
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import requests
from requests.adapters import HTTPAdapter

from contract_tests.transport import operations
from contract_tests.transport.budgets import Meter
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.operations import ROOT, Effect
from contract_tests.transport.profiles import Refused, Rules
from contract_tests.transport.target import Target

TIMEOUT = 60.0
"""Seconds that a response may take, from one byte to the next, unless something else is asked for."""

CONNECT_TIMEOUT = 10.0
"""Seconds that connecting may take."""

KEPT_BYTES = 256 * 1024
"""How much of an answer is remembered, and of a request's body once its answer is judged."""

AUTHORITIES = "REQUESTS_CA_BUNDLE"
"""Names a file of certificate authorities, as it does for `requests`. Nothing else is taken from the environment."""

CREATING = (Effect.RUN, Effect.CREATE)


_SEND = HTTPAdapter.send
"""How `requests` sends when no gate is installed."""

_exchanges: WeakKeyDictionary[requests.PreparedRequest, Exchange] = WeakKeyDictionary()


def exchange_of(request: requests.PreparedRequest) -> Exchange | None:
    """Return the exchange of a request that has passed a gate."""
    return _exchanges.get(request)


class Watcher(Protocol):
    """Receiver of every exchange."""

    def observe(self, exchange: Exchange) -> None:
        """See an exchange that has just ended, with or without an answer."""


class Gate:
    """Sends what the rules allow to one deployment, within the budgets, and keeps every exchange.

    `callers` names the user of each token of the run; `timeout` are the seconds that a response may take. Without
    `keeps` exchanges are counted and forgotten.
    """

    def __init__(
        self,
        target: Target,
        rules: Rules,
        meter: Meter,
        ledger: Ledger | None = None,
        callers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        *,
        keeps: bool = True,
    ) -> None:
        self.target = target
        self.rules = rules
        self.meter = meter
        self.ledger = ledger
        self.exchanges: list[Exchange] = []
        self.refused: list[str] = []
        """What was not sent, and why."""
        self._keeps = keeps
        self._sent = 0
        self._callers = callers or {}
        self._timeout = (min(timeout, CONNECT_TIMEOUT), timeout)
        self._running = ("start", "start")
        self._watcher: Watcher | None = None
        self._under_way: list[Exchange] = []

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Inside the block nothing that uses `requests` gets past this gate; of several the innermost counts."""
        before = HTTPAdapter.send

        def guarded(adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any) -> requests.Response:
            # Whoever sends: the SDK has no time-out of its own.
            options["timeout"] = self._timeout
            if options.get("verify") is True:
                options["verify"] = os.environ.get(AUTHORITIES) or True
            return self._pass(request, lambda: _SEND(adapter, request, **options), bool(options.get("stream")))

        HTTPAdapter.send = guarded  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            HTTPAdapter.send = before  # type: ignore[method-assign]

    @contextmanager
    def observed_by(self, watcher: Watcher) -> Iterator[None]:
        """Show every exchange inside the block to `watcher`."""
        previous, self._watcher = self._watcher, watcher
        try:
            yield
        finally:
            self._watcher = previous

    @contextmanager
    def running(self, layer: str, check: str) -> Iterator[None]:
        """Attribute every exchange inside the block to a check."""
        previous, self._running = self._running, (layer, check)
        try:
            yield
        finally:
            self._running = previous

    def since(self, number: int) -> list[Exchange]:
        """The exchanges after the first `number`."""
        return self.exchanges[number:]

    def _pass(
        self, request: requests.PreparedRequest, send: Callable[[], requests.Response], streams: bool
    ) -> requests.Response:
        exchange = self._exchange(request)
        reason = self.rules.refusal(exchange)
        if reason is not None:
            self.refused.append(f"{exchange.method} {exchange.path}: {reason}")
            raise Refused(self.refused[-1])
        self.meter.before(exchange)
        makes = exchange.operation is not None and exchange.operation.effect in CREATING
        intent = self.ledger.record_intent(exchange) if self.ledger is not None and makes else None
        self._sent += 1
        exchange.number = self._sent
        if self._keeps:
            self.exchanges.append(exchange)
        _exchanges[request] = exchange
        exchange.sent = monotonic()
        self._begin(exchange)
        try:
            response = send()
            # What is streamed may be of any size, unless it is an answer of the API.
            answer = b"" if streams and f"{ROOT}/" not in exchange.path else response.content
        except requests.RequestException:
            # The request may have taken effect: watchers must see it too.
            self._end(exchange)
            self._judge(exchange)
            raise
        self._end(exchange)
        exchange.status = response.status_code
        exchange.answer_headers = response.headers
        exchange.answer, exchange.is_cut = answer[:KEPT_BYTES], len(answer) > KEPT_BYTES
        if self.ledger is not None and intent is not None:
            self.ledger.record_response(intent, exchange)
        self.rules.learn(exchange)
        self._judge(exchange)
        return response

    def _begin(self, exchange: Exchange) -> None:
        """Note who else is under way."""
        self._under_way.append(exchange)
        for other in tuple(self._under_way):
            if other is not exchange:
                other.overlapped = exchange.overlapped = True

    def _end(self, exchange: Exchange) -> None:
        exchange.took = monotonic() - exchange.sent
        self._under_way.remove(exchange)

    def _judge(self, exchange: Exchange) -> None:
        """Show an exchange that has ended to those who judge it; from then on only the beginning of it is needed."""
        if self._watcher is not None:
            self._watcher.observe(exchange)
        self.meter.after(exchange)
        exchange.body = exchange.body[:KEPT_BYTES]

    def _exchange(self, request: requests.PreparedRequest) -> Exchange:
        url, method = request.url or "", request.method or ""
        match = operations.find(method, self.target.path_of(url))
        body = request.body or b""
        layer, check = self._running
        return Exchange(
            number=0,
            method=method,
            url=url,
            headers=request.headers,
            body=body if isinstance(body, bytes) else str(body).encode("utf-8", "surrogatepass"),
            operation=match[0] if match and self.target.owns(url) else None,
            keys=match[1] if match else {},
            caller=self._caller(request.headers.get("Authorization")),
            layer=layer,
            check=check,
        )

    def _caller(self, authorization: str | bytes | None) -> str | None:
        if not authorization:
            return None
        header = authorization if isinstance(authorization, bytes) else authorization.encode("latin-1", "replace")
        kind, _, encoded = header.partition(b" ")
        try:
            token = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, ValueError):
            return "unknown"
        # Quotes around a token are tolerated: the curl lines of older documentation send them along.
        return self._callers.get(token.strip("'\""), "unknown") if kind.lower() == b"basic" else "unknown"
