"""How fast data assets are read, plainly and with the official SDK, and how much of that is the SDK's own work."""

import json
import time
from itertools import islice
from typing import Any

import httpx
from codeocean import CodeOcean
from codeocean.data_asset import DataAssetSearchParams, DataAssetSearchResults

from benchmarks.figures import RATIO, measured
from benchmarks.record import Record
from benchmarks.servers import Server

ADMIN = "cop_demo_admin"
PAGE = 1000
SDK_ROWS = 10_000
"""How many rows the SDK reads: it is slow, and takes as long for each."""


def read_all(record: Record, server: Server, client: httpx.Client, size: int) -> None:
    """Print and record how many rows a second are read; all `size` of them have to be there."""
    rows, seconds, pages = _plainly(client)
    parsing = _parsing(pages)
    before = server.cpu_seconds()
    sdk_rows, sdk_seconds = _with_sdk(f"http://127.0.0.1:{server.port}")
    of_server = (server.cpu_seconds() - before) / sdk_seconds
    of_parsing = parsing * sdk_rows / sdk_seconds
    record.add(
        measured("rows read / rows that were made", RATIO, [rows / size], more=True, target=1.0),
        measured("reading all, plainly", "rows/s", [rows / seconds], more=True),
        measured("reading with the SDK", "rows/s", [sdk_rows / sdk_seconds], more=True),
        measured("the SDK's parsing alone, share of its time", "share", [of_parsing], more=False),
        measured("the server, share of the SDK's time", "share", [of_server], more=False),
    )
    record.console.print(
        f"{rows:,} rows read plainly, {rows / seconds:,.0f} a second."
        f" With the SDK {sdk_rows / sdk_seconds:,.0f} a second: parsing the pages alone takes {of_parsing:.0%} of that,"
        f" the server {of_server:.0%}, the SDK's HTTP the rest."
    )


def _plainly(client: httpx.Client) -> tuple[int, float, list[bytes]]:
    """Read all as an administrator, what is archived after the rest: rows, seconds, the first pages as they came."""
    pages: list[bytes] = []
    started, rows = time.perf_counter(), 0
    for archived in (False, True):
        more: dict[str, Any] = {}
        while True:
            sent = {"limit": PAGE, "archived": archived} | more
            answer = client.post("/data_assets/search", json=sent, auth=(ADMIN, "")).raise_for_status()
            if rows < SDK_ROWS:
                pages.append(answer.content)
            page = answer.json()
            rows += len(page["results"])
            if not page["has_more"]:
                break
            more = {"next_token": page["next_token"]}
    return rows, time.perf_counter() - started, pages


def _with_sdk(url: str) -> tuple[int, float]:
    """Read rows with the SDK's iterator; how many, in how many seconds."""
    sdk = CodeOcean(domain=url, token=ADMIN)
    found = sdk.data_assets.search_data_assets_iterator(DataAssetSearchParams(limit=PAGE, archived=False))
    started = time.perf_counter()
    rows = sum(1 for _ in islice(found, SDK_ROWS))
    took = time.perf_counter() - started
    sdk.session.close()
    return rows, took


def _parsing(pages: list[bytes]) -> float:
    """The seconds that the SDK takes for a row of recorded pages, from bytes to its objects."""
    started = time.perf_counter()
    rows = sum(len(DataAssetSearchResults.from_dict(json.loads(page)).results) for page in pages)
    return (time.perf_counter() - started) / rows
