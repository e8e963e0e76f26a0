"""The first request to a deployment, and in plain words what is wrong when it is not what a run needs."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from contract_tests.deployment import Caller
from contract_tests.options import CannotRunError
from contract_tests.transport import redaction
from contract_tests.transport.budgets import StoppedError
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.gate import AUTHORITIES
from contract_tests.transport.profiles import Refused
from mock_server.input_errors.numbers import plain

T = TypeVar("T")

FIRST_RESPONSE = 5.0
"""Seconds that the first response may take, unless `--timeout` allows another time."""

SEARCH = "/capsules/search"

SHOWN_ANSWER = 200
"""How much of an answer is shown, in characters."""

FIELDS = ("name", "slug", "created", "owner", "status")
"""Fields of a capsule in a search; a row with hardly any of them is something else."""

FEWEST_FIELDS = 2

NO_TOKEN = "no token: pass --token, or set CODEOCEAN_TOKEN"  # noqa: S105

_NETWORK = ("Connection refused", "Network is unreachable", "No route to host", "timed out")
_NO_NAME = ("Failed to resolve", "Name or service not known", "name resolution", "No address associated")


def greet(caller: Caller, url: str, seconds: float, *, has_token: bool = True) -> None:
    """Raise `CannotRunError` unless a Code Ocean deployment answers in time, and knows the token."""
    try:
        answer = within(url, seconds, lambda: caller.ask("POST", SEARCH, json={"limit": 1}))
    except (StoppedError, Refused):
        raise
    except OSError as problem:  # Every failure of `requests` is one; so is a file of certificates that is not there.
        raise CannotRunError(describe_failure(url, problem)) from None
    fault = complaint(answer, has_token)
    if fault is not None:
        raise CannotRunError(f"{url} {fault}")
    if not has_token:
        raise CannotRunError(NO_TOKEN)


def within(url: str, seconds: float, ask: Callable[[], T]) -> T:
    """Return the answer to `ask`. Raises `CannotRunError` when the whole of it is not there in time: a time-out of the
    socket begins anew with every byte.
    """
    answer: Future[T] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except BaseException as problem:  # Raised again where it is waited for.
            answer.set_exception(problem)

    Thread(target=work, daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError:
        pass
    except requests.RequestException as problem:
        # The socket's own time-out, when a byte comes late enough.
        if "Read timed out" not in str(problem):
            raise
    raise CannotRunError(f"{url} did not respond within {plain(seconds)} seconds; allow more with --timeout")


def describe_failure(url: str, problem: OSError) -> str:
    """The reason why there was no response."""
    text = redaction.text(str(problem)).split("\n", 1)[0]
    scheme, _, rest = url.partition("://")
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return (
            f"the certificate of {url} is not trusted, or is for another name; "
            f"set {AUTHORITIES} to a file of trusted certificate authorities"
        )
    if isinstance(problem, requests.exceptions.SSLError):
        return f"{url} does not speak TLS; is it http://{rest} instead?"
    if any(known in text for known in _NO_NAME):
        return f"the host name {urlsplit(url).hostname} does not resolve"
    for known in _NETWORK:
        if known in text:
            return f"nothing answers at {url}: {known.lower()}"
    if isinstance(problem, requests.ConnectionError) and scheme == "http":
        return f"{url} closed the connection without an HTTP response; is it https://{rest} instead?"
    return f"no response from {url}: {text[:SHOWN_ANSWER]}"


def complaint(answer: Exchange, has_token: bool) -> str | None:
    """Tell what is wrong with the answer to a search for capsules; None when a Code Ocean deployment may give it."""
    status, said = answer.status or 0, answer.response_text()[:SHOWN_ANSWER]
    if status in (401, 403):
        return f"rejected the token: {said}" if has_token else f"requires a token: {NO_TOKEN.partition(': ')[2]}"
    if 300 <= status < 400:
        place = redaction.text(answer.answer_headers.get("Location", "another address"))
        return f"redirects to {place[:SHOWN_ANSWER]}; pass the address of the deployment itself with --url"
    if status >= 500:
        return f"is down, or what stands before it cannot reach it: POST {answer.path} returned {said}"
    if status == requests.codes.too_many_requests:
        return "answers 429: it has had too many requests; wait, or lower --rate"
    if status == requests.codes.bad_request and "https" in said.lower():
        return f"speaks HTTPS; pass it as https:// with --url: {said}"
    if "html" in answer.answer_headers.get("Content-Type", "").lower() or answer.answer.lstrip()[:1] == b"<":
        return f"is not a Code Ocean API: POST {answer.path} returned {status} and a web page, such as a login page"
    if not answer.ok or not _is_page(answer.json()):
        return f"is not a Code Ocean deployment: POST {answer.path} returned {said}"
    return None


def _is_page(page: Any) -> bool:
    """Tell whether it may be a page of capsules. Single fields may be missing: to find that is the run's business."""
    rows = page.get("results") if isinstance(page, dict) else None
    return isinstance(rows, list) and all(map(_is_capsule, rows))


def _is_capsule(row: Any) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        return False
    return sum(field in row for field in FIELDS) >= FEWEST_FIELDS
