"""Files: what is listed is opened, by everybody who has the URL, and for a time."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.exchange import Exchange
from contract_tests.findings import NotHere, expect
from contract_tests.gate import KEPT_BYTES
from contract_tests.oracles.files import SLACK
from contract_tests.oracles.flows.things import found

OPENED = 3
"""How many files of a kind are opened."""

WEEK = 7 * 24 * 3600
"""The longest that S3 lets a URL work."""


def _files(deployment: Deployment, where: str) -> Iterator[dict[str, Any]]:
    """Files of a run or data asset, those in its folders too, that are small enough to be looked at."""
    folders = [""]
    for folder in folders:
        answer = deployment.http().ask("POST", where, 200, json={"path": folder}).json()
        for item in found(answer, "items"):
            if found(item, "type") == "folder":
                folders[len(folders) :] = [found(item, "path")] if len(folders) < 5 else []
            elif 0 < (item.get("size") or 0) < KEPT_BYTES:
                yield item


def _urls(deployment: Deployment, files: str, item: dict[str, Any]) -> dict[str, str]:
    """The signed URLs of a file: for downloading, for viewing, and of the oldest kind."""
    caller = deployment.http()
    new = caller.ask("GET", f"{files}/urls", 200, params={"path": item["path"]}).json()
    old = caller.ask("GET", f"{files}/download_url", 200, params={"path": item["path"]}).json()
    return {
        "attachment": str(found(new, "download_url")),
        "inline": str(found(new, "view_url")),
        "old": str(found(old, "url")),
    }


def _open(deployment: Deployment, url: str, method: str = "GET", **headers: str) -> Exchange:
    return deployment.anybody().ask(method, url, headers={"Accept-Encoding": "identity"} | headers, raw=True)


def _require_opens(deployment: Deployment, item: dict[str, Any], urls: dict[str, str]) -> None:
    """Every URL gives the same bytes, as many as were listed; HEAD tells so, and a range gives a part of them."""
    path, size = item["path"], item["size"]
    content = _open(deployment, urls["attachment"]).answer
    for way, url in urls.items():
        opened = _open(deployment, url)
        expect(opened.status == 200, f"the signed URL of {path} was answered {opened.status}")
        expect(len(opened.answer) == size, f"{path} is listed with {size} bytes and has {len(opened.answer)}")
        expect(opened.answer == content, f"{path} has other bytes by another URL")
        told = opened.answer_headers.get("Content-Disposition", "")
        expect(way == "old" or told.startswith(way), f"the URL of {path} that is to be {way} is {told or 'neither'}")
    headed = _open(deployment, urls["attachment"], "HEAD")
    length = headed.answer_headers.get("Content-Length")
    expect(headed.status == 200 and length == str(size), f"HEAD of {path} tells {headed.status} and {length} bytes")
    last = min(size - 1, 5)
    part = _open(deployment, urls["attachment"], Range=f"bytes=1-{last}" if last else "bytes=0-0")
    wanted = content[1 : last + 1] if last else content[:1]
    expect(
        part.status == 206 and part.answer == wanted, f"a range of {path} was answered {part.status}, or other bytes"
    )
    beyond = _open(deployment, urls["attachment"], Range=f"bytes={size + 10}-")
    expect(beyond.status == 416, f"a range behind the end of {path} was answered {beyond.status}, not 416")


def _open_some(deployment: Deployment, listing: str, files: str, what: str) -> None:
    opened = 0
    for item in _files(deployment, listing):
        _require_opens(deployment, item, _urls(deployment, files, item))
        opened += 1
        if opened == OPENED:
            break
    if not opened:
        raise NotHere(f"the {what} has no small files")


@check("list_computation_results", "get_result_file_urls", "get_result_file_download_url")
def result_files_open(deployment: Deployment) -> None:
    """Result files have the sizes that are listed, and open by their signed URLs without a token."""
    run = deployment.computation
    _open_some(deployment, f"/computations/{run}/results", f"/computations/{run}/results", "run")


@check("list_data_asset_files", "get_data_asset_file_urls", "get_data_asset_file_download_url")
def data_asset_files_open(deployment: Deployment) -> None:
    """Files of a data asset have the sizes that are listed, and open by their signed URLs without a token."""
    asset = deployment.data_asset
    _open_some(deployment, f"/data_assets/{asset}/files", f"/data_assets/{asset}/files", "data asset")


@check("list_computation_results", "get_result_file_urls", "get_result_file_download_url")
def files_that_are_not_there(deployment: Deployment) -> None:
    """A file and a folder that are not there are answered 404; a path that climbs out is refused."""
    caller, files = deployment.http(), f"/computations/{deployment.computation}/results"
    for way in ("urls", "download_url"):
        caller.ask("GET", f"{files}/{way}", 404, params={"path": "contract/not-there.txt"})
        climbing = caller.ask("GET", f"{files}/{way}", params={"path": "../../etc/passwd"}).status
        expect(climbing in (400, 404), f"a path that climbs out was answered {climbing}")
    caller.ask("POST", files, 404, json={"path": "contract-not-there"})


@check("list_computation_results", "get_result_file_urls", "get_result_file_download_url")
def signed_urls_end(deployment: Deployment) -> None:
    """Signed URLs say how long they work, open until then, and not afterwards."""
    deployment.steered()
    files = f"/computations/{deployment.computation}/results"
    item = next(_files(deployment, files), None)
    if item is None:
        raise NotHere("the run has no small files")
    urls = _urls(deployment, files, item)
    lasts = {int(parse_qs(urlsplit(url).query).get("X-Amz-Expires", ["0"])[0]) for url in urls.values()}
    expect(all(0 < seconds <= WEEK for seconds in lasts), "a signed URL does not say how long it works, up to a week")
    _require_opens(deployment, item, urls)
    deployment.pass_time(max(lasts) + 2 * SLACK)
    # An answer that tells the time, for the oracle.
    deployment.http().ask("POST", files, 200, json={"path": ""})
    for url in urls.values():
        opened = _open(deployment, url)
        expect(opened.status == 403, f"a signed URL was answered {opened.status} after its time, not 403")
    _require_opens(deployment, item, _urls(deployment, files, item))


@check("list_computation_results", "get_result_file_urls", "get_result_file_download_url")
def signed_urls_are_signed(deployment: Deployment) -> None:
    """A signed URL that somebody has changed does not open."""
    deployment.steered()
    files = f"/computations/{deployment.computation}/results"
    item = next(_files(deployment, files), None)
    if item is None:
        raise NotHere("the run has no small files")
    url = _urls(deployment, files, item)["attachment"]
    for changed in (f"{url}0", url.replace("X-Amz-Expires=", "X-Amz-Expires=9"), url.partition("?")[0]):
        opened = _open(deployment, changed)
        expect(opened.status in (400, 403), f"a signed URL that was changed was answered {opened.status}")


CHECKS = (
    result_files_open,
    data_asset_files_open,
    files_that_are_not_there,
    signed_urls_end,
    signed_urls_are_signed,
)
