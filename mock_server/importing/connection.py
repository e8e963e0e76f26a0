"""The way to the deployment: the harness's gate with the profile `observe`; what fails for a moment is tried again."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

from contract_tests.deployment import OWNER
from contract_tests.greeting import FIRST_RESPONSE, NO_TOKEN, complaint, describe_failure
from contract_tests.options import CannotRunError, Options
from contract_tests.transport import redaction
from contract_tests.transport.budgets import BudgetSpentError, Meter, StoppedError
from contract_tests.transport.gate import TIMEOUT, Gate, exchange_of
from contract_tests.transport.operations import ROOT
from contract_tests.transport.profiles import Profile, Refused, Rules
from contract_tests.transport.target import Target
from mock_server.importing.options import Address, ImportFailedError, ImportPausedError

ATTEMPTS = 8
"""How often a request is sent before the import gives up."""

FIRST_ATTEMPTS = 3
"""The same for the first one: what never answered is more likely not there than busy."""

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
"""Seconds between attempts; each pause is twice as long as the one before."""

LONGEST_RETRY_AFTER = 900.0
"""Seconds that a deployment may ask to wait."""

CHUNK = 64 * 1024
"""How many bytes of a file are read at once."""

TOO_MANY = 429

PORTS = {"http": 80, "https": 443}

SHOWN = 200
"""How much of an unexpected answer is shown, in characters."""

_VERSION = re.compile(r"server version (\d+(?:\.\d+)*)")
NEWER_THAN_ALL = "9999.0.0"


class Answer(NamedTuple):
    """The answer to a request: its status, and its JSON when it is 2xx."""

    status: int
    body: Any
    text: str
    """The beginning of what was answered, without secrets."""

    @property
    def ok(self) -> bool:
        """Tell whether it is 2xx."""
        return 200 <= self.status < 300


def _pause_of(response: requests.Response) -> float | None:
    """The seconds that a response asks to wait, None when it asks for nothing."""
    written = response.headers.get("Retry-After", "").strip()
    if written.isdecimal():
        return min(float(written), LONGEST_RETRY_AFTER)
    try:
        until, now = parsedate_to_datetime(written), parsedate_to_datetime(response.headers.get("Date", ""))
        return min(max(0.0, (until - now).total_seconds()), LONGEST_RETRY_AFTER)
    except (TypeError, ValueError):
        return None


class Connection:
    """Sends requests that read to one deployment. `sent` counts them, whether they were answered or not."""

    def __init__(self, gate: Gate, token: str, on_request: Callable[[], None]) -> None:
        self._gate = gate
        self._on_request = on_request
        self._api = requests.Session()
        self._api.auth = (token, "")
        self._storage = requests.Session()
        for session in (self._api, self._storage):
            session.trust_env = False
        self._attempts = FIRST_ATTEMPTS

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return self._gate.meter.used["requests"]

    def greet(self) -> None:
        """Raise `ImportFailedError` unless a Code Ocean deployment answers, and knows the token."""
        response = self._send(self._prepare("POST", "/capsules/search", {"limit": 1}))
        exchange = exchange_of(response.request)
        fault = complaint(exchange, has_token=True) if exchange is not None else None
        if fault is not None:
            raise ImportFailedError(f"{self._gate.target.url} {fault}")
        self._attempts = ATTEMPTS

    def platform_version(self) -> str | None:
        """The version of the platform, which it tells to clients that are too new for it."""
        headers = {"Min-Server-Version": NEWER_THAN_ALL}
        found = _VERSION.search(self._answer(self._prepare("GET", "/custom_metadata", headers=headers)).text)
        return found[1] if found else None

    def ask(self, method: str, path: str, body: Any = None, params: dict[str, str] | None = None) -> Answer:
        """Send a request of the API; `path` is below `/api/v1`. Raises `ImportFailedError` when nothing answers, or
        something else than the deployment.
        """
        return self._answer(self._prepare(method, path, body, params))

    def download(self, url: str, most: int) -> bytes | None:
        """The bytes behind a signed URL; None when there are more than `most`, or none can be had."""
        request = self._storage.prepare_request(requests.Request("GET", url))
        for pause in _pauses(self._attempts):
            try:
                with self._send(request, self._storage) as response:
                    return _beginning(response, most) if response.ok else None
            except Refused:
                return None
            except OSError:
                Event().wait(pause)
        return None

    def close(self) -> None:
        """Close all connections."""
        self._api.close()
        self._storage.close()

    def _prepare(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.PreparedRequest:
        url = f"{self._gate.target.url}{ROOT}{path}"
        return self._api.prepare_request(requests.Request(method, url, headers, json=body, params=params))

    def _answer(self, request: requests.PreparedRequest) -> Answer:
        response = self._send(request)
        text = redaction.beginning(response.content, SHOWN)
        if not response.ok:
            return Answer(response.status_code, None, text)
        try:
            return Answer(response.status_code, response.json(), text)
        except ValueError:
            what = f"{request.method} {request.path_url.partition('?')[0]}"
            raise ImportFailedError(
                f"{self._gate.target.url} is not a Code Ocean API: {what} returned {response.status_code} and no JSON"
            ) from None

    def _send(self, request: requests.PreparedRequest, session: requests.Session | None = None) -> requests.Response:
        """The response to a request, sent again while there is none, or one that says to come again."""
        sender = session or self._api
        for left, pause in zip(reversed(range(self._attempts)), _pauses(self._attempts), strict=True):
            self._on_request()
            try:
                response = sender.send(request, allow_redirects=False, stream=session is not None)
            except Refused:
                raise
            except BudgetSpentError as problem:
                raise ImportPausedError(f"{problem}; raise it with --max-requests or --max-seconds") from None
            except StoppedError as problem:
                raise ImportPausedError(str(problem)) from None
            except OSError as problem:  # Every failure of `requests` is one.
                said = describe_failure(self._gate.target.url, problem)
                if not left or (self._attempts == FIRST_ATTEMPTS and _is_final(said)):
                    raise ImportPausedError(said) from None
                wait = pause
            else:
                if not left or (response.status_code < 500 and response.status_code != TOO_MANY):
                    return response
                wait = max(pause, _pause_of(response) or 0.0)
                response.close()
            Event().wait(wait)
        raise AssertionError("the last attempt returns or raises")


def _pauses(attempts: int) -> list[float]:
    """How many seconds to wait after each attempt."""
    return [min(FIRST_PAUSE * 2**number, LONGEST_PAUSE) for number in range(attempts)]


def _beginning(response: requests.Response, most: int) -> bytes | None:
    """The content of a response; None when it is longer than `most` bytes. Raises `requests.RequestException`."""
    content = b""
    for part in response.iter_content(CHUNK):
        content += part
        if len(content) > most:
            return None
    return content


def _is_final(said: str) -> bool:
    """Tell whether another attempt can change nothing."""
    return "certificate" in said or "TLS" in said or "does not resolve" in said or "connection refused" in said


def target_of(address: Address) -> Target:
    """The deployment's address. Raises `ImportFailedError` for one that cannot be used, or was not confirmed, or a
    token that cannot be sent.
    """
    options = _options(address)
    try:
        options.check()
        return options.target()
    except CannotRunError as problem:
        raise ImportFailedError(str(problem)) from None


def budgets_of(address: Address) -> Any:
    """The budgets of the import: those of the profile, as far as nothing else is asked for."""
    return _options(address).limits(Profile.OBSERVE)


@contextmanager
def connected(address: Address, on_request: Callable[[], None] = lambda: None) -> Iterator[Connection]:
    """A connection behind an installed gate. Raises `ImportFailedError` when there is no deployment at the address."""
    target = target_of(address)
    if not address.token:
        raise ImportFailedError(_without_token(target))
    redaction.hide(address.token)
    rules = Rules(Profile.OBSERVE, target, tag="")
    meter = Meter(budgets_of(address))
    gate = Gate(target, rules, meter, None, {address.token: OWNER}, address.timeout or TIMEOUT, keeps=False)
    connection = Connection(gate, address.token, on_request)
    try:
        with gate.installed():
            connection.greet()
            yield connection
    finally:
        connection.close()


def _without_token(target: Target) -> str:
    """Why nothing can be read without a token; that nothing answers goes before, and is seen without a request."""
    place = urlsplit(target.url)
    try:
        socket.create_connection((target.host, place.port or PORTS[place.scheme]), FIRST_RESPONSE).close()
    except OSError as problem:
        return describe_failure(target.url, problem)
    return NO_TOKEN


def _options(address: Address) -> Options:
    """The options of a contract run that would do the same: they hold the rules for hosts, tokens and budgets."""
    return Options(
        url=address.url,
        tokens={OWNER: address.token} if address.token else {},
        profile=Profile.OBSERVE,
        allow_host=address.allow_host,
        budgets={"failures_in_a_row": ATTEMPTS, **address.budgets},
    )
