"""Files: what is listed is opened, by everybody who has the URL, and for a time."""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, urlsplit

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckFailed, CheckSkipped, expect
from contract_tests.oracles.files import SLACK, date_of
from contract_tests.oracles.flows.fixtures import value_at
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.gate import KEPT_BYTES

OPENED = 3
"""How many files of a kind are opened."""

ATTEMPTS = 5
"""How often a URL is asked for that ends too early."""

NEVER = 10**12
"""Seconds that nobody waits for."""

WEEK = 7 * 24 * 3600
"""The longest that S3 lets a URL work."""


def _files(deployment: Deployment, where: str) -> Iterator[dict[str, Any]]:
    """Files of a run or data asset, those in its folders too, that are small enough to be looked at."""
    folders = [""]
    for folder in folders:
        answer = deployment.http().ask("POST", where, 200, json={"path": folder}).json()
        for item in value_at(answer, "items"):
            if value_at(item, "type") == "folder":
                folders[len(folders) :] = [value_at(item, "path")] if len(folders) < 5 else []
            elif 0 < (item.get("size") or 0) < KEPT_BYTES:
                yield item


def _urls(deployment: Deployment, files: str, item: dict[str, Any]) -> dict[str, str]:
    """The signed URLs of a file: for downloading, for viewing, and of the oldest kind."""
    caller = deployment.http()
    new = caller.ask("GET", f"{files}/urls", 200, params={"path": item["path"]}).json()
    old = caller.ask("GET", f"{files}/download_url", 200, params={"path": item["path"]}).json()
    return {
        "attachment": str(value_at(new, "download_url")),
        "inline": str(value_at(new, "view_url")),
        "old": str(value_at(old, "url")),
    }


def _open(deployment: Deployment, url: str, method: str = "GET", **headers: str) -> Exchange:
    return deployment.anybody().ask(method, url, headers={"Accept-Encoding": "identity"} | headers, raw=True)


def _require_urls_open(deployment: Deployment, files: str, item: dict[str, Any]) -> dict[str, str]:
    """The signed URLs of a file, all of which open. A clock that moves by itself may end them before they are opened:
    then others are asked for. Raises `CheckSkipped` when it never stops.
    """
    for _ in range(ATTEMPTS):
        before = _server_time(deployment, files)
        urls = _urls(deployment, files, item)
        try:
            _open_all(deployment, item, urls)
        except CheckFailed:
            if _server_time(deployment, files) - before < min(map(_lifetime, urls.values())) - SLACK:
                raise
        else:
            return urls
    raise CheckSkipped("time passes too fast for a signed URL to be opened")


def _server_time(deployment: Deployment, files: str) -> float:
    """The deployment's own time."""
    date = date_of(deployment.http().ask("POST", files, 200, json={"path": ""}))
    if date is None:
        raise CheckSkipped("answers do not tell the time")
    return date


def _lifetime(url: str) -> int:
    """Return the lifetime that a signed URL states, in seconds; `NEVER` when it states none."""
    expires = parse_qs(urlsplit(url).query).get("X-Amz-Expires", [""])[0]
    return int(expires) if expires.isdigit() else NEVER


def _open_all(deployment: Deployment, item: dict[str, Any], urls: dict[str, str]) -> None:
    """Every URL gives the same bytes, as many as were listed."""
    path, size = item["path"], item["size"]
    content = _open(deployment, urls["attachment"]).answer
    for way, url in urls.items():
        opened = _open(deployment, url)
        expect(opened.status == 200, f"the signed URL of {path} returned {opened.status}")
        expect(len(opened.answer) == size, f"{path} is listed with {size} bytes and has {len(opened.answer)}")
        expect(opened.answer == content, f"{path} has different content at another URL")
        disposition = opened.answer_headers.get("Content-Disposition", "")
        expect(
            way == "old" or disposition.startswith(way),
            f"the URL of {path} that is to be {way} is {disposition or 'neither'}",
        )
    _open_parts(deployment, path, urls["attachment"], content)


def _open_parts(deployment: Deployment, path: str, url: str, content: bytes) -> None:
    """A range gives a part, and HEAD nothing: the URL is signed for GET."""
    size = len(content)
    headed = _open(deployment, url, "HEAD")
    expect(
        headed.status == 403,
        f"HEAD of {path}, whose URL is signed for GET, returned {headed.status}, expected 403",
        "files.signed_for_get",
    )
    last = min(size - 1, 5)
    part = _open(deployment, url, Range=f"bytes=0-{last}")
    same = part.status == 206 and part.answer == content[: last + 1]
    expect(same, f"a range of {path} returned {part.status} or different bytes", "files.range")
    end = _open(deployment, url, Range="bytes=-2")
    same = end.status == 206 and end.answer == content[-2:]
    expect(same, f"the last two bytes of {path} returned {end.status} or different bytes", "files.range")
    beyond = _open(deployment, url, Range=f"bytes={size + 10}-")
    expect(
        beyond.status == 416, f"a range behind the end of {path} returned {beyond.status}, expected 416", "files.range"
    )


def _small_files(deployment: Deployment, files: str) -> list[dict[str, Any]]:
    """The first few small files. Raises `CheckSkipped` when there are none."""
    small = list(islice(_files(deployment, files), OPENED))
    if not small:
        raise CheckSkipped(f"there are no small files at {files}")
    return small


@check("list_computation_results", "get_result_file_urls", "get_result_file_download_url")
def result_files_open(deployment: Deployment) -> None:
    """Result files have the sizes that are listed, and open by their signed URLs without a token."""
    files = f"/computations/{deployment.computation}/results"
    for item in _small_files(deployment, files):
        _require_urls_open(deployment, files, item)


@check("list_data_asset_files", "get_data_asset_file_urls", "get_data_asset_file_download_url")
def data_asset_files_open(deployment: Deployment) -> None:
    """Files of a data asset have the sizes that are listed, and open by their signed URLs without a token."""
    files = f"/data_assets/{deployment.data_asset}/files"
    for item in _small_files(deployment, files):
        _require_urls_open(deployment, files, item)


@check("list_computation_results", "get_result_file_urls", "get_result_file_download_url")
def missing_files(deployment: Deployment) -> None:
    """A missing file or folder returns 404; a path that leaves the root is rejected."""
    caller, files = deployment.http(), f"/computations/{deployment.computation}/results"
    for way in ("urls", "download_url"):
        caller.ask("GET", f"{files}/{way}", 404, params={"path": "contract/not-there.txt"}, rules=("files.missing",))
        climbing = caller.ask("GET", f"{files}/{way}", params={"path": "../../etc/passwd"}).status
        expect(climbing in (400, 404), f"a path that climbs out returned {climbing}")
    caller.ask("POST", files, 404, json={"path": "contract-not-there"}, rules=("files.missing",))


@check("list_computation_results", "get_result_file_urls", "get_result_file_download_url")
def signed_urls_expire(deployment: Deployment) -> None:
    """Signed URLs state their lifetime, open until then, and not afterwards."""
    deployment.steered()
    files = f"/computations/{deployment.computation}/results"
    item = _small_files(deployment, files)[0]
    urls = _require_urls_open(deployment, files, item)
    lasts = [_lifetime(url) for url in urls.values()]
    expect(all(0 < seconds <= WEEK for seconds in lasts), "a signed URL does not say how long it works, up to a week")
    deployment.pass_time(max(lasts) + 2 * SLACK)
    # The oracle of signed URLs goes by what answers tell of the time.
    _server_time(deployment, files)
    for url in urls.values():
        opened = _open(deployment, url)
        expect(
            opened.status == 403,
            f"a signed URL returned {opened.status} after its time, not 403",
            "files.signed_for_an_hour",
        )
    _require_urls_open(deployment, files, item)


@check("list_computation_results", "get_result_file_urls", "get_result_file_download_url", full=True)
def signed_urls_resist_tampering(deployment: Deployment) -> None:
    """A signed URL that was changed does not open."""
    files = f"/computations/{deployment.computation}/results"
    url = _urls(deployment, files, _small_files(deployment, files)[0])["attachment"]
    for changed in (f"{url}0", url.replace("X-Amz-Expires=", "X-Amz-Expires=9"), url.partition("?")[0]):
        opened = _open(deployment, changed)
        expect(
            opened.status in (400, 403), f"a signed URL that was changed returned {opened.status}", "files.signed_whole"
        )


@check("list_computation_results", "get_result_file_urls", "get_result_file_download_url", full=True)
def signed_urls_reject_credentials(deployment: Deployment) -> None:
    """A signed URL does not open with credentials in a header besides its signature."""
    files = f"/computations/{deployment.computation}/results"
    for url in _urls(deployment, files, _small_files(deployment, files)[0]).values():
        opened = _open(deployment, url, Authorization="Basic Y29udHJhY3Q6")
        expect(
            opened.status == 400,
            f"a signed URL with an Authorization header returned {opened.status}, expected 400",
            "files.signed_without_credentials",
        )


CHECKS = (
    result_files_open,
    data_asset_files_open,
    missing_files,
    signed_urls_expire,
    signed_urls_resist_tampering,
    signed_urls_reject_credentials,
)
