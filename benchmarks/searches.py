"""The searches that are measured, and each beside bare FastAPI that answers the same bytes."""

import json
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
from rich.table import Table

from benchmarks.figures import RATIO, measured, paired
from benchmarks.load import Caller, http
from benchmarks.record import Record
from benchmarks.servers import BARE, Server, authorization, bare

TOKEN = "cop_demo_user"
ROUNDS, RUNS = 5, 40
"""So many requests in so many rounds."""
WARM_UP = 10
PAGE, LARGE_PAGE = 100, 1000

TARGETS = {10: 1.0, 100: 0.8}
"""What a page of so many rows has to reach of bare FastAPI's speed."""
TARGET_OF_TOTAL = 0.5
MOST_LAST_PAGE = 2.0
"""How many times the first page the last one may take."""

COMMON = "ecephys"
"""A word of a third of all data assets."""
COMMON_WORDS = (
    *("cortex", "thalamus", "middle", "derived", "processed", "visual", "dynamic", "routing", "learning", "mfish"),
    *("motor", "atlas", "cell", "type", "behavior", "brain", "wide", "circuits", "hippocampus", "striatum"),
)
"""Words of a tenth to a half of them."""

KINDS: dict[str, dict[str, Any]] = {
    "newest": {},
    "common word": {"query": COMMON},
    "rare word": {"query": "607321"},
    "phrase": {"query": '"visual cortex"'},
    "tag AND type": {"query": "tag:behavior", "type": "result"},
    "metadata range": {"filters": [{"key": "sampling rate", "range": {"min": 50_000, "max": 60_000}}]},
}


Round = tuple[tuple[float, ...], ...]
"""Milliseconds of requests to the fake, of those to bare FastAPI, and of those for a constant."""


class Search(NamedTuple):
    """A search, and what it has to reach. Of several sets of `params` each is sent once: nobody has counted them."""

    name: str
    params: tuple[dict[str, Any], ...]
    target: float
    with_total: bool = False

    def request(self, path: str, params: dict[str, Any]) -> bytes:
        """The request that asks for this at `path`."""
        if self.with_total:
            return http("GET", f"{path}?{urlencode(params)}", Authorization=authorization(TOKEN))
        body = json.dumps(params).encode()
        return http("POST", path, body, Authorization=authorization(TOKEN), Content_Type="application/json")

    @property
    def path(self) -> str:
        """Where the fake has it."""
        return "/api/v1/data_assets" if self.with_total else "/api/v1/data_assets/search"


def searches(client: httpx.Client) -> Iterator[Search]:
    """All of them; the pages far from the first are looked for in the world."""
    for name, params in KINDS.items():
        for rows, target in TARGETS.items():
            yield Search(f"{name}, {rows} rows", ({"limit": rows} | params,), target)
    for name, token in _tokens(client).items():
        yield Search(name, ({"limit": PAGE, "next_token": token},), TARGETS[PAGE])
    # Those that nobody has counted come first.
    never = tuple({"limit": PAGE, "query": word} for word in COMMON_WORDS)
    yield Search("total, never asked before", never, TARGET_OF_TOTAL, with_total=True)
    yield Search("total, asked again", ({"limit": PAGE, "query": COMMON},), TARGET_OF_TOTAL, with_total=True)


def search(client: httpx.Client, **params: Any) -> Any:
    """The answer to a search for data assets."""
    return client.post("/data_assets/search", json={"limit": PAGE} | params).raise_for_status().json()


def _tokens(client: httpx.Client) -> dict[str, str | None]:
    """The tokens of some pages; a token does not know how large its page is, so large pages lead there sooner."""
    found: dict[str, str | None] = {}
    token, rows = None, 0
    while True:
        page = search(client, limit=LARGE_PAGE, next_token=token)
        if "next_token" not in page:
            break
        token, rows = page["next_token"], rows + LARGE_PAGE
        if rows <= 999 * PAGE:
            found["page 1,000"] = token
    while True:
        page = search(client, next_token=token)
        if "next_token" not in page:
            break
        token = page["next_token"]
    return found | {"last page": token}


def measure_all(record: Record, server: Server, client: httpx.Client) -> dict[str, float]:
    """Print and record every search over one world; the milliseconds that each took, by name."""
    table = Table("search", "ms", f"{BARE}: ms", "constant: ms", f"{BARE} / ours", "target", "constant / ours")
    took: dict[str, float] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        bare("benchmarks.bare_pages:app", "/", {"BENCH_PAGES": folder}) as other,
    ):
        for number, search in enumerate(searches(client)):
            times = _measure(search, server, other, Path(folder), number)
            ours, bares, constants = ([statistics.median(round_[of]) for round_ in times] for of in range(3))
            took[search.name] = statistics.median(ours)
            ratio = paired(f"{search.name}, {BARE} ms / ours", bares, ours, search.target)
            constant = paired(f"{search.name}, constant ms / ours", constants, ours, None)
            record.add(measured(f"{search.name}, ours", "ms", ours, more=False), ratio, constant)
            cells = (f"{statistics.median(each):.2f}" for each in (ours, bares, constants))
            table.add_row(search.name, *cells, str(ratio), ratio.verdict, str(constant))
    first = measured("last page / page 1", RATIO, [took["last page"] / took["newest, 100 rows"]], more=False)
    record.add(first._replace(target=MOST_LAST_PAGE))
    record.console.print(table)
    record.console.print(
        f"Medians of {ROUNDS} rounds of {RUNS} requests on one connection. {BARE} answers the same bytes"
        " from models in memory; the constant is bytes that it does not make."
    )
    return took


class _Asked(NamedTuple):
    """A search as it is sent to the fake and, twice, to bare FastAPI; how long the fake's first answer took."""

    first: float
    request: bytes
    others: list[bytes]


def _measure(search: Search, ours: Server, other: Server, folder: Path, number: int) -> list[Round]:
    """The milliseconds of each request, by turns: to the fake, to bare FastAPI, and to bare FastAPI for a constant."""
    with Caller(ours.port) as to_ours, Caller(other.port) as to_other:

        def prepared(of: int, params: dict[str, Any]) -> _Asked:
            """Ask the fake, and let bare FastAPI have the answer."""
            name, request = f"{number}-{of}", search.request(search.path, params)
            first, page = to_ours.send(request)
            (folder / f"{name}.json").write_bytes(page)
            others = [search.request(f"/{kind}/{name}", params) for kind in ("pages", "bytes")]
            for _ in range(WARM_UP):
                if any(to_other.send(one)[1] != page for one in others):
                    raise RuntimeError(f"{BARE} does not answer the same bytes: {search.name}")
            return _Asked(first, request, others)

        asked = [prepared(*each) for each in enumerate(search.params)]
        if len(asked) > 1:
            samples = [(one.first, *_sent(to_other, one.others)) for one in asked]
        else:
            [one] = asked
            _sent(to_ours, [one.request] * WARM_UP)
            turns = range(ROUNDS * RUNS)
            samples = [(*_sent(to_ours, [one.request]), *_sent(to_other, one.others)) for _ in turns]
    share = len(samples) // ROUNDS
    return [tuple(zip(*samples[at : at + share], strict=True)) for at in range(0, len(samples), share)]


def _sent(caller: Caller, requests: list[bytes]) -> list[float]:
    return [caller.send(request)[0] for request in requests]
