"""Mutants of files and signed URLs."""

from typing import Any
from urllib.parse import urlsplit

from tools.mutants.changes import objects, pages, rows
from tools.mutants.mutant import Answer, Ask, Change, Mutant, Request

URLS = ("get_result_file_urls", "get_data_asset_file_urls")


def _is_file(request: Request) -> bool:
    return bool(request.scope["path"].startswith("/_files"))


def _eternal() -> Change:
    """A URL that was opened once keeps working."""
    served: dict[bytes, Answer] = {}

    async def changed(ask: Ask, request: Request) -> Answer:
        answer = await ask(request)
        if not _is_file(request) or request.scope["method"] != "GET":
            return answer
        key: bytes = request.scope["query_string"] + request.scope["path"].encode()
        if answer.status == 200:
            served[key] = answer
        return served.get(key, answer) if answer.status == 403 else answer

    return changed


def _unsigned() -> Change:
    """A URL is served whatever its signature."""
    queries: dict[str, bytes] = {}

    async def changed(ask: Ask, request: Request) -> Answer:
        answer = await ask(request)
        if request.name in URLS and answer.ok:
            parts = urlsplit(answer.json()["download_url"])
            queries[parts.path] = parts.query.encode()
        path: str = request.scope["path"]
        if answer.status == 403 and path in queries:
            return await ask(Request(request.scope | {"query_string": queries[path]}, b""))
        return answer

    return changed


async def _other_bytes(ask: Ask, request: Request) -> Answer:
    answer = await ask(request)
    if _is_file(request) and answer.status == 200 and request.scope["method"] == "GET":
        return Answer(answer.status, answer.headers, answer.body[::-1] + b"!")
    return answer


async def _head_opens(ask: Ask, request: Request) -> Answer:
    if not _is_file(request) or request.scope["method"] != "HEAD":
        return await ask(request)
    answer = await ask(Request(request.scope | {"method": "GET"}, b""))
    return Answer(answer.status, answer.headers, b"")


async def _no_credentials(ask: Ask, request: Request) -> Answer:
    return await ask(request.with_header(b"authorization", None) if _is_file(request) else request)


async def _no_range(ask: Ask, request: Request) -> Answer:
    return await ask(request.with_header(b"range", None) if _is_file(request) else request)


def _wrong_size(content: dict[str, Any]) -> None:
    for item in rows(content):
        if "size" in item:
            item["size"] += 1


def _relative(content: dict[str, Any]) -> None:
    for name in ("download_url", "view_url", "url"):
        if name in content:
            parts = urlsplit(content[name])
            content[name] = f"{parts.path}?{parts.query}"


FILES = (
    Mutant(
        "url_never_expires",
        "A signed URL opens for ever.",
        "signed_urls_expire",
        URLS,
        _eternal,
        scenarios=("signed_urls_expire",),
    ),
    Mutant(
        "signature_ignored",
        "A URL opens whatever its signature.",
        "signed_urls_resist_tampering",
        URLS,
        _unsigned,
        scenarios=("signed_urls_resist_tampering",),
    ),
    Mutant(
        "head_opens",
        "A URL that is signed for GET opens with HEAD too.",
        "result_files_open",
        URLS,
        lambda: _head_opens,
        scenarios=("result_files_open",),
    ),
    Mutant(
        "credentials_ignored",
        "A signed URL opens with an Authorization header besides.",
        "signed_urls_reject_credentials",
        URLS,
        lambda: _no_credentials,
        scenarios=("signed_urls_reject_credentials",),
    ),
    Mutant(
        "other_bytes",
        "A download has different content than the file.",
        "run_and_capture",
        URLS,
        lambda: _other_bytes,
        scenarios=("run_and_capture",),
    ),
    Mutant(
        "range_ignored",
        "A range is answered with the whole file.",
        "result_files_open",
        URLS,
        lambda: _no_range,
        scenarios=("result_files_open",),
    ),
    Mutant(
        "wrong_size",
        "The listing shows a different size than the file has.",
        "signed_urls",
        ("list_computation_results",),
        pages("list_computation_results", edit=_wrong_size),
        scenarios=("result_files_open",),
    ),
    Mutant(
        "relative_url",
        "URLs of files are relative.",
        "signed_urls",
        URLS,
        objects(*URLS, edit=_relative),
        scenarios=("result_files_open",),
    ),
    Mutant(
        "whole_tree_listed",
        "A listing shows what is inside the folders too.",
        "listing_is_one_level",
        ("list_computation_results",),
        pages(
            "list_computation_results",
            edit=lambda listing: listing["items"].append(
                {"name": "deep.txt", "path": "figures/more/deep.txt", "size": 1, "type": "file"}
            ),
        ),
        scenarios=("result_files_open",),
    ),
)
