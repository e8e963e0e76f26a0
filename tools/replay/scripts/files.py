"""Listings of files, their URLs, and the bytes behind them."""

from tests import ids
from tools.replay.exchange import HOST, Answer, Request
from tools.replay.recorder import Recorder

LISTED = (
    (f"/computations/{ids.PAST_RUN}/results", ("", "figures", "/figures/", "table.csv", "nowhere", "../up", 7)),
    (f"/computations/{ids.PIPELINE_RUN}/results", ("",)),
    (f"/computations/{ids.WORKSTATION}/results", ("",)),
    (f"/data_assets/{ids.IRIS}/files", ("", "docs", "docs/README.md", "nowhere", None)),
    (f"/data_assets/{ids.REFERENCE}/files", ("",)),
    (f"/data_assets/{ids.COMMONCRAWL}/files", ("", "nowhere")),
    (f"/data_assets/{ids.IMAGING}/files", ("",)),
    (f"/data_assets/{ids.MY_DATASET}/files", ("",)),
)
FILES = (
    (
        f"/computations/{ids.PAST_RUN}/results",
        ("table.csv", "output", "figures/overview.svg", "figures", "", "../x", "no"),
    ),
    (f"/computations/{ids.FASTQC_RUN}/results", ("GSM12345_R1_fastqc.html", "GSM12345_R1_fastqc.zip")),
    (f"/data_assets/{ids.IRIS}/files", ("iris.csv", "docs/README.md", "docs", "%ff%fe")),
    (f"/data_assets/{ids.REFERENCE}/files", ("annotation.tsv",)),
    (f"/data_assets/{ids.IMAGING}/files", ("x",)),
)
RANGES = (
    "bytes=0-9", "bytes=5-5", "bytes=-7", "bytes=10-", "bytes=0-", "bytes=0-0,2-3", "bytes=999999999-", "bytes=9-3",
    "bytes=", "items=0-9", "bytes=-0",
)  # fmt: skip
RANGES_OF_LARGE = ("bytes=0-9", "bytes=1000-2999", "bytes=-100")
SMALL = 100_000
"""Fewer bytes than this are read whole when a range is not honoured."""


def record(to: Recorder) -> None:
    """Everything about files."""
    to.section = "listings of files"
    for path, folders in LISTED:
        to.api(f"POST {path}")
        for folder in folders:
            to.api(f"POST {path}", {"path": folder})
    _simulated(to)
    to.section = "URLs of files"
    signed = ""
    for path, names in FILES:
        for name in names:
            to.api(f"GET {path}/download_url?path={name}")
            urls = to.api(f"GET {path}/urls?path={name}")
            if urls.status == 200:
                signed = fetch(to, urls)
    to.section = "bytes behind URLs"
    _ranges(to, to.api(f"GET {FILES[0][0]}/urls?path=table.csv"))
    _ranges(to, to.api(f"GET /data_assets/{ids.REFERENCE}/files/urls?path=genome.fasta"))
    _refused(to, signed)


def fetch(to: Recorder, urls: Answer) -> str:
    """The bytes behind the URLs of an answer; the target of one of them."""
    target = ""
    for name in ("download_url", "view_url"):
        target = urls.text(name).partition(HOST)[2] or "/missing"
        to.send(Request("GET", target))
        to.send(Request("HEAD", target))
    return target


def _simulated(to: Recorder) -> None:
    """A way down into folders that are a rule, and a file at its end."""
    where, folder = f"/data_assets/{ids.COMMONCRAWL}/files", ""
    for _ in range(6):
        items = (to.api(f"POST {where}", {"path": folder}).json() or {}).get("items", [])
        below = [item["path"] for item in items if item["type"] == "folder"]
        if not below:
            break
        folder = below[-1]
    for item in items[:1]:
        _ranges(to, to.api(f"GET {where}/urls?path={item['path']}"))


def _ranges(to: Recorder, urls: Answer) -> None:
    target = urls.text("download_url").partition(HOST)[2] or "/missing"
    first = to.send(Request("GET", target, headers=(("Range", "bytes=0-0"),)))
    is_small = int(first.header("content-range").rpartition("/")[2] or 0) < SMALL
    for byte_range in RANGES if is_small else RANGES_OF_LARGE:
        to.send(Request("GET", target, headers=(("Range", byte_range),)))
    etag = first.header("etag")
    for name, value in (
        ("If-None-Match", etag), ("If-None-Match", '"other"'), ("If-Match", '"other"'), ("If-Match", etag),
        ("If-Modified-Since", first.header("last-modified")),
    ):  # fmt: skip
        to.send(Request("GET", target, headers=(("Range", "bytes=0-9"), (name, value))))
    for value in (etag, '"other"') if is_small else (etag,):
        to.send(Request("GET", target, headers=(("Range", "bytes=0-9"), ("If-Range", value))))


def _refused(to: Recorder, target: str) -> None:
    """URLs that were tampered with, are used otherwise, or have expired."""
    path, _, query = target.partition("?")
    for changed in (
        path,
        f"{path}x?{query}",
        f"{target}0",
        target.replace("Expires=", "Expires=1"),
        "/_files/",
        "/_files/v/x",
    ):
        to.send(Request("GET", changed))
        to.send(Request("HEAD", changed))
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        to.send(Request(method, target))
    to.send(Request("GET", target, headers=(("Authorization", "Basic Y29udHJhY3Q6"),)))
    to.control("POST /worlds/default/clock/advance", {"by": "8d"})
    to.send(Request("GET", target))
