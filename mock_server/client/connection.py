"""Requests to the control plane: models come out of it, and one type of failure."""

import ipaddress
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import httpx
from pydantic import BaseModel, Field, ValidationError

from mock_server.client.errors import ControlError, ForeignError, SilentError, UntrustedError, WrongArgumentError
from mock_server.client.trust import ca_file_of, context_of
from mock_server.domain import trust
from mock_server.input_errors.words import with_place
from mock_server.wire.control import Problem

MAX_MESSAGE = 500
MAX_PORT = 65535

Model = TypeVar("Model", bound=BaseModel)


class _Refusal(BaseModel):
    message: str = Field(min_length=1)
    problems: list[Problem] = []


class Connection:
    """HTTP with the server at `url`; `ca_file` has the authorities that may have signed its certificate."""

    def __init__(
        self,
        url: str,
        token: str | None,
        timeout: float,
        transport: httpx.BaseTransport | None,
        ca_file: Path | str | None,
    ) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        address = _checked(self.url)
        # A proxy of the environment cannot reach the loopback interface of this machine.
        trust_env = not is_loopback(address.host)
        headers = _authorization(token)
        # Reading certificates takes longer than everything else here, and plain HTTP to this machine needs none.
        verify: ssl.SSLContext | bool = trust_env
        self.ca_file: Path | None = None
        if address.scheme == "https":
            self.ca_file = ca_file_of(ca_file)
            verify = context_of(self.ca_file, is_loopback=not trust_env)
        try:
            self._http = httpx.Client(
                base_url=address,
                headers=headers,
                timeout=timeout,
                transport=transport,
                trust_env=trust_env,
                verify=verify,
            )
        except (httpx.InvalidURL, ImportError, OSError, ValueError) as problem:
            reason = f"the proxy or certificates that the environment names cannot be used: {problem}"
            raise ControlError(reason) from None

    def close(self) -> None:
        """Close the sockets."""
        self._http.close()

    def ask(self, method: str, path: str, answer: type[Model], **more: Any) -> Model:
        """Send a request to the `path` below `/_mock`; the answer as a model. Fields that this release does not know
        are left out. Raises `ControlError`.
        """
        response = self.send(method, path, **more)
        try:
            return answer.model_validate_json(response.content, extra="ignore")
        except ValidationError as failure:
            status = response.status_code
            if path == "/health" or not _is_json(response):
                raise self._foreign(response, path) from None
            error = failure.errors()[0]
            what = f"{self.url} answered /_mock{path} with something that this release does not know"
            raise ControlError(f"{what} ({with_place(error)})", status) from None

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request to the `path` below `/_mock`. Raises `ControlError` for all but an answer of 2xx,
        `WrongArgumentError` for text that cannot be sent.
        """
        with self._translated(path):
            response = self._http.request(method, f"/_mock{path}", **more)
        if not response.is_success:
            raise self._refusal(response, path)
        return response

    def download(self, path: str, into: BinaryIO, **more: Any) -> int:
        """Write the bytes at the `path` below `/_mock` into a file, piece by piece; how many. Raises `ControlError`."""
        size = 0
        with self._translated(path), self._http.stream("GET", f"/_mock{path}", **more) as response:
            if not response.is_success:
                response.read()
                raise self._refusal(response, path)
            for piece in response.iter_bytes():
                into.write(piece)
                size += len(piece)
        return size

    @contextmanager
    def _translated(self, path: str) -> Iterator[None]:
        """Raise `ControlError` for a request that fails, `WrongArgumentError` for text that cannot be sent."""
        try:
            yield
        except httpx.ConnectTimeout:
            raise self._no_connection("connecting timed out") from None
        except UnicodeError as problem:
            if getattr(problem, "encoding", "") == "utf-8":
                raise WrongArgumentError("what was to be sent is not Unicode text") from None
            # What is not a valid name for a host is a UnicodeError, too.
            raise self._no_connection(_reason(problem)) from None
        except httpx.ConnectError as problem:
            raise self._no_connection(_reason(problem)) from None
        except httpx.TimeoutException:
            raise SilentError(f"{self.url} did not answer /_mock{path} in time") from None
        except httpx.HTTPError as problem:
            raise ControlError(f"{self.url} broke off the request to /_mock{path}: {_reason(problem)}") from None

    def _no_connection(self, reason: str) -> ControlError:
        if "certificate" in reason.lower():
            advice = f"name its authority in {trust.CA_FILE}"
            return UntrustedError(f"the certificate of {self.url} is not trusted ({reason}); {advice}")
        if "ssl" in reason.lower():
            return ControlError(f"{self.url} does not speak TLS as it should ({reason}); is it http:// instead?")
        return ControlError(f"nothing answers at {self.url} ({reason}); is the server running?")

    def _refusal(self, response: httpx.Response, path: str) -> ControlError:
        try:
            refusal = _Refusal.model_validate_json(response.content, extra="ignore")
        except ValidationError:
            return self._foreign(response, path)
        if path == "/health" and response.status_code == httpx.codes.NOT_FOUND:
            return self._foreign(response, path)
        return ControlError(refusal.message[:MAX_MESSAGE], response.status_code, refusal.problems)

    def _foreign(self, response: httpx.Response, path: str) -> ControlError:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        what = f"{response.status_code} and {kind[:80]}" if kind and not _is_json(response) else response.status_code
        return ForeignError(
            f"{self.url} is not codeocean-mock: it answered {what} to /_mock{path}", response.status_code
        )


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _checked(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host or (parsed.port or 0) > MAX_PORT:
        raise WrongArgumentError(f"{url!r} is not a valid server URL; it should look like http://127.0.0.1:8000")
    return parsed


def _authorization(token: str | None) -> dict[str, str]:
    if not token:
        return {}
    if not re.fullmatch(r"[!-~]+", token):
        raise WrongArgumentError("the control token cannot be sent: it must be printable ASCII without spaces")
    return {"Authorization": f"Bearer {token}"}


def _is_json(response: httpx.Response) -> bool:
    return "json" in response.headers.get("Content-Type", "")


def _reason(problem: Exception) -> str:
    text = re.sub(r"^\[Errno -?\d+\] ", "", str(problem)) or type(problem).__name__
    return text[0].lower() + text[1:MAX_MESSAGE]
