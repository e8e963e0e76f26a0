"""Exchanges made by hand, for oracles to judge."""

import json
from email.utils import formatdate
from itertools import count
from typing import Any

from requests.structures import CaseInsensitiveDict

from contract_tests.oracles.observation import Observation
from contract_tests.oracles.oracle import Oracle
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import OPERATIONS
from contract_tests.transport.sample_requests import path

HOST = "https://codeocean.example.org"

JSON = {"Content-Type": "application/json"}

RUN: dict[str, Any] = {
    "id": "run-1",
    "created": 1_700_000_000,
    "name": "Run 1",
    "owner": "user-1",
    "run_time": 0,
    "state": "initializing",
    "has_results": False,
    "cloud_workstation": False,
}

DONE = RUN | {"state": "completed", "end_status": "succeeded", "exit_code": 0, "has_results": True, "run_time": 8}

ASSET: dict[str, Any] = {
    "id": "asset-1",
    "created": 1_700_000_000,
    "name": "first",
    "mount": "first",
    "last_used": 0,
    "owner": "user-1",
    "state": "ready",
    "type": "dataset",
    "files": 2,
    "size": 10,
    "tags": ["a"],
}

_numbers = count(1)


def make_exchange(
    name: str,
    answer: Any = None,
    status: int | None = 200,
    *,
    sent: Any = None,
    key: str | None = None,
    caller: str | None = "owner",
    query: str = "",
    headers: dict[str, str] | None = None,
    at: float | None = None,
) -> Exchange:
    """An exchange of an operation: `key` is what its path names, `at` the deployment's time."""
    operation = OPERATIONS[name]
    names = [part[1:-1] for part in operation.template.split("/") if part.startswith("{")]
    keys = dict.fromkeys(names[:1], key or "run-1") | dict.fromkeys(names[1:], "job-1")
    date = {} if at is None else {"Date": formatdate(at, usegmt=True)}
    return Exchange(
        number=next(_numbers),
        method=operation.method,
        url=f"{HOST}/api/v1{path(operation, keys)}{query and '?'}{query}",
        headers={},
        body=b"" if sent is None else json.dumps(sent).encode(),
        operation=operation,
        keys=keys,
        caller=caller,
        layer="test",
        check="test",
        status=status,
        answer_headers=CaseInsensitiveDict(JSON | date if headers is None else headers),
        answer=b"" if answer is None else json.dumps(answer).encode(),
    )


def download(
    url: str,
    content: bytes = b"",
    status: int = 200,
    *,
    method: str = "GET",
    at: float | None = None,
    caller: str | None = None,
    headers: dict[str, str] | None = None,
) -> Exchange:
    """An exchange with a signed URL."""
    date = {} if at is None else {"Date": formatdate(at, usegmt=True)}
    return Exchange(
        number=next(_numbers),
        method=method,
        url=url,
        headers={},
        body=b"",
        operation=None,
        keys={},
        caller=caller,
        layer="test",
        check="test",
        status=status,
        answer_headers=date | {"Content-Length": str(len(content))} | (headers or {}),
        answer=content,
    )


def problems_in(oracle: Oracle, *exchanges: Exchange) -> list[str]:
    """List what an oracle finds wrong in a sequence."""
    return [message for exchange in exchanges for message in oracle.observe(Observation(exchange))]


def page(*ids: str, more: bool = False, token: str | None = None, **rest: Any) -> dict[str, Any]:
    """A page of data assets."""
    cursor = {} if token is None else {"next_token": token}
    return {"has_more": more, "results": [ASSET | {"id": key} for key in ids]} | cursor | rest
