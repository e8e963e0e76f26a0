"""Mutants of what is easily lost: order, the form of values, what is derived, and rules at their edges."""

import unicodedata
from typing import Any
from urllib.parse import urlsplit

from tools.mutants.changes import answers, bodies, objects
from tools.mutants.mutant import Answer, Ask, Change, Mutant, Request

CREATE = ("create_data_asset",)
ASSETS = ("create_data_asset", "get_data_asset")
RUNS = ("run_capsule", "get_computation")
URLS = ("get_result_file_urls", "get_data_asset_file_urls")


def _is_file(request: Request) -> bool:
    return bool(request.scope["path"].startswith("/_files"))


def _pathless() -> Change:
    """A signature opens every file of the world: its path is not signed."""
    paths: dict[bytes, str] = {}

    async def changed(ask: Ask, request: Request) -> Answer:
        answer = await ask(request)
        if request.name in URLS and answer.ok:
            for url in answer.json().values():
                parts = urlsplit(url)
                paths[parts.query.encode()] = parts.path
        signed = paths.get(request.scope["query_string"])
        if answer.status == 403 and _is_file(request) and signed is not None:
            return await ask(Request(request.scope | {"path": signed, "raw_path": signed.encode()}, b""))
        return answer

    return changed


async def _short_tail(ask: Ask, request: Request) -> Answer:
    answer = await ask(request)
    sent = next((value for name, value in request.scope["headers"] if name == b"range"), b"")
    if _is_file(request) and answer.status == 206 and sent.endswith(b"-"):
        return Answer(answer.status, answer.headers, answer.body[:-1])
    return answer


def _renamed(answer: Answer) -> Answer:
    headers = [
        (name, value.partition(b";")[0] + b"; filename=file" if name == b"content-disposition" else value)
        for name, value in answer.headers
    ]
    return Answer(answer.status, headers, answer.body)


async def _nameless(ask: Ask, request: Request) -> Answer:
    answer = await ask(request)
    return _renamed(answer) if _is_file(request) else answer


def _compose(sent: dict[str, Any]) -> None:
    if isinstance(sent.get("name"), str):
        sent["name"] = unicodedata.normalize("NFC", sent["name"])


def _trim(sent: dict[str, Any]) -> None:
    if isinstance(sent.get("name"), str):
        sent["name"] = sent["name"].strip() or sent["name"]


def _sort_tags(sent: dict[str, Any]) -> None:
    if isinstance(sent.get("tags"), list) and all(isinstance(tag, str) for tag in sent["tags"]):
        sent["tags"] = sorted(sent["tags"])


def _whole_numbers(asset: dict[str, Any]) -> None:
    values = asset.get("custom_metadata", {})
    for name, value in values.items():
        if isinstance(value, float) and value.is_integer():
            values[name] = int(value)


def _pad(run: dict[str, Any]) -> None:
    words, _, number = run["name"].rpartition(" ")
    if words in ("Run", "Run With Parameters") and number.isdigit():
        run["name"] = f"{words} {number:>07}"


def _counted(asset: dict[str, Any]) -> None:
    if asset["state"] == "draft":
        asset |= {"files": 1, "size": 1}


def _timeless(run: dict[str, Any]) -> None:
    if run.get("end_status") == "stopped":
        run["run_time"] = 0


def _allowing(name: str) -> Change:
    """What is refused with 403 is answered as if it were done."""
    return answers((name,), lambda _: Answer(204, [], b""), lambda answer: answer.status == 403)


EDGES = (
    Mutant(
        "signature_of_any_path",
        "A signature opens every file: the path of a URL is not signed.",
        "signatures_cover_every_part",
        URLS,
        _pathless,
        scenarios=("signatures_cover_every_part",),
    ),
    Mutant(
        "open_range_short",
        "A range without an end leaves the last byte out.",
        "signed_files_in_parts",
        URLS,
        lambda: _short_tail,
        scenarios=("signed_files_in_parts",),
    ),
    Mutant(
        "disposition_without_name",
        "A file is downloaded under another name.",
        "signed_files_say_what_they_are",
        URLS,
        lambda: _nameless,
        scenarios=("signed_files_say_what_they_are",),
    ),
    Mutant(
        "name_composed",
        "The name of a new data asset is kept in Unicode's composed form.",
        "created_texts",
        CREATE,
        bodies(*CREATE, edit=_compose),
        scenarios=("created_texts",),
    ),
    Mutant(
        "name_trimmed",
        "The name of a new data asset loses the spaces around it.",
        "created_texts",
        CREATE,
        bodies(*CREATE, edit=_trim),
        scenarios=("created_texts",),
    ),
    Mutant(
        "tags_sorted",
        "The tags of a new data asset are sorted.",
        "tags_keep_their_order",
        CREATE,
        bodies(*CREATE, edit=_sort_tags),
        scenarios=("tags_keep_their_order",),
    ),
    Mutant(
        "metadata_whole",
        "A number of custom metadata that is whole loses its fraction.",
        "metadata_round_trips",
        (*ASSETS, "update_data_asset"),
        objects(*ASSETS, "update_data_asset", edit=_whole_numbers),
        scenarios=("metadata_round_trips",),
    ),
    Mutant(
        "run_number_padded",
        "The number in the name of a run has leading zeros.",
        "names_of_runs",
        RUNS,
        objects(*RUNS, edit=_pad),
        scenarios=("names_of_runs",),
    ),
    Mutant(
        "draft_with_files",
        "A draft has files already.",
        "counts_of_data_assets",
        CREATE,
        objects(*CREATE, edit=_counted),
        scenarios=("counts_of_data_assets",),
    ),
    Mutant(
        "stopped_without_time",
        "A run that was stopped has run for no time.",
        "stopped_in_each_state",
        RUNS,
        objects(*RUNS, edit=_timeless),
        scenarios=("stopped_in_each_state",),
    ),
    Mutant(
        "used_asset_deleted",
        "A data asset that a going run uses is deleted.",
        "used_by_a_run",
        ("delete_data_asset",),
        lambda: _allowing("delete_data_asset"),
        scenarios=("used_by_a_run",),
    ),
    Mutant(
        "viewer_renames",
        "Whoever sees a run renames it.",
        "roles_of_capsules",
        ("rename_computation",),
        lambda: _allowing("rename_computation"),
        scenarios=("roles_of_capsules",),
    ),
)
