"""What an import reads, in which order, into the spool. A reading that was interrupted goes on where it ended."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any, Protocol

from mock_server.domain.naming import ID_PATTERN
from mock_server.importing.options import Files, ImportFailedError, Roles, Selection
from mock_server.importing.source import PAGE, Source
from mock_server.importing.spool import Line, Spool

KINDS = {"capsules": "capsule", "pipelines": "pipeline", "data_assets": "data asset"}

PASSES: dict[str, tuple[dict[str, bool], ...]] = {
    "capsules": ({"archived": False}, {"archived": True}),
    "pipelines": ({"archived": False}, {"archived": True}),
    "data_assets": (
        {"archived": False},
        {"archived": True},
        {"archived": False, "favorite": True},
        {"archived": True, "favorite": True},
    ),
}
"""How often each kind is searched: nothing but a search tells what is archived, or a favorite."""

NEWEST_FIRST = {"sort_field": "created", "sort_order": "desc"}
"""The order of searches: without one, objects come in an order that nobody knows (recorded answers)."""

_ID = re.compile(ID_PATTERN)

OF_DEPLOYMENT = 8
"""Requests for what is not of one object: the version, the fields of metadata, and six that tell the token's user."""


class Progress(Protocol):
    """Receiver of how many requests are still to come."""

    def expect(self, requests: int) -> None:
        """Some more than was known."""


class Reading:
    """Reads one deployment into a spool."""

    def __init__(self, source: Source, spool: Spool, selection: Selection, progress: Progress) -> None:
        self._source = source
        self._spool = spool
        self._selection = selection
        self._progress = progress

    def run(self) -> None:
        """Read everything that is selected. Raises `ImportFailedError`."""
        self._deployment()
        selection = self._selection
        for kind, ids in (
            ("capsules", selection.capsules),
            ("pipelines", selection.pipelines),
            ("data_assets", selection.data_assets),
        ):
            for id_ in ids:
                if not self._one(kind, id_) and not selection.is_lenient:
                    raise ImportFailedError(f"there is no {KINDS[kind]} {id_}, or this token may not see it")
        for kind, params in searches(selection):
            self._search(kind, params)
        self._rest()

    def _deployment(self) -> None:
        """What is the deployment's and not of one object."""
        for line in self._spool.lines("deployment"):
            self._source.version = line.content["version"]
            return
        self._progress.expect(OF_DEPLOYMENT)
        content = {
            "version": self._source.ask_version(),
            "custom_metadata": self._source.custom_metadata(),
            "me": self._me(),
        }
        self._spool.add("deployment", "", content)

    def _me(self) -> dict[str, Any]:
        """The token's user, whom nothing but objects of theirs tells (recorded answers)."""
        found: dict[str, Any] = {}
        for kind, archived in product(KINDS, (False, True)):
            for record in self._source.sample(kind, {"ownership": "created", "archived": archived, "limit": 1}):
                found |= {key: record[key] for key in ("owner", "owner_email") if record.get(key)}
        return found

    def _search(self, kind: str, params: dict[str, Any]) -> None:
        left = self._selection.limit
        for number, flags in enumerate(PASSES[kind]):
            name = f"{kind} {params} {number}"
            token, count = self._position(name)
            left -= count
            if token == "" or (left <= 0 and "favorite" not in flags):
                continue
            self._progress.expect(1)
            is_favorite = "favorite" in flags
            asked = params | flags | NEWEST_FIRST | {"limit": min(PAGE, self._selection.limit)}
            for records, after in self._source.pages(kind, asked, token or None):
                self._progress.expect(bool(after))
                if is_favorite:
                    self._favorites(records)
                else:
                    found = self._page(kind, records[:left], archived=flags["archived"])
                    left, count = left - found, count + found
                self._spool.add("page", name, [after or "", count])
                if left <= 0 and not is_favorite:
                    break

    def _position(self, name: str) -> tuple[str | None, int]:
        """How far a search has come: the token of its next page, empty at the end, and how many it has found."""
        if ("page", name) not in self._spool:
            return None, 0
        *_, last = (line.content for line in self._spool.lines("page") if line.id == name)
        return last[0], last[1]

    def _page(self, kind: str, records: list[Any], *, archived: bool) -> int:
        ids = [record["id"] for record in records if is_object(record)]
        self._progress.expect(len(ids) * requests_each(kind, self._selection))
        for record in filter(is_object, records):
            if kind == "data_assets":
                self._asset(record, archived=archived)
            else:
                self._capsule(kind, record["id"], archived=archived)
        return len(ids)

    def _favorites(self, records: list[Any]) -> None:
        for record in filter(is_object, records):
            if ("favorite", record["id"]) not in self._spool:
                self._spool.add("favorite", record["id"])

    def _one(self, kind: str, id_: str) -> bool:
        """Read an object by its id; tell whether it can be seen."""
        if kind != "data_assets":
            self._progress.expect(requests_each(kind, self._selection))
            return self._capsule(kind, id_)
        if ("asset", id_) in self._spool:
            return True
        self._progress.expect(1 + requests_each(kind, self._selection))
        record = self._source.record(kind, id_)
        if record is not None and is_object(record):
            self._asset(record, archived=False)
        return record is not None

    def _asset(self, record: dict[str, Any], *, archived: bool) -> None:
        if ("asset", record["id"]) in self._spool:
            return
        content = {"record": record, "archived": archived}
        if self._selection.roles is Roles.ALL:
            content["permissions"] = self._source.roles("data_assets", record["id"])
        self._spool.add("asset", record["id"], content)

    def _capsule(self, kind: str, id_: str, *, archived: bool = False) -> bool:
        if ("capsule", id_) in self._spool:
            return True
        record = self._source.record(kind, id_)
        if record is None or not is_object(record):
            return False
        content = {"kind": kind, "record": record, "archived": archived}
        content["panel"] = self._source.of_object("app_panel", kind, id_)
        if self._selection.roles is not Roles.NONE:
            content["permissions"] = self._source.roles(kind, id_)
        runs = self._source.of_object("computations", kind, id_)
        content["is_viewed"] = isinstance(runs, list)
        runs = [run for run in runs if is_object(run)] if isinstance(runs, list) else []
        runs.sort(key=lambda run: run.get("created") or 0, reverse=True)
        content["past"] = [
            [run.get("run_time"), run.get("state"), run.get("end_status"), run.get("exit_code")] for run in runs
        ]
        content["runs"] = runs[: self._selection.computations]
        self._spool.add("capsule", record["id"], content)
        return True

    def _rest(self) -> None:
        """The files of everything that was read, and what it refers to, and so on."""
        for line in self._spool.lines("capsule", "asset"):
            for kind, record in _with_files(line):
                self._files(kind, record)
            if self._selection.follow:
                for kind, id_ in references(line):
                    self._follow(kind, id_)

    def _files(self, kind: str, record: dict[str, Any]) -> None:
        id_ = record["id"]
        selection = self._selection
        if selection.files is Files.NONE or ("tree", id_) in self._spool:
            return
        if kind == "data_assets" and (record.get("files") or 0) > selection.max_listing:
            return
        self._progress.expect(1)
        tree = self._source.tree(kind, id_, selection.max_listing)
        if tree is not None and selection.files is Files.SMALL:
            for file in tree.files:
                self._content(kind, id_, file)
        self._spool.add("tree", id_, [tree.files, tree.is_whole] if tree else None)

    def _content(self, kind: str, id_: str, file: dict[str, Any]) -> None:
        if file["size"] > self._selection.max_file:
            return
        self._progress.expect(2)
        content = self._source.content(kind, id_, file["path"], self._selection.max_file)
        if content is not None:
            file["base64"] = b64encode(content).decode()

    def _follow(self, kind: str, id_: str) -> None:
        done = ("asset", "capsule", "unseen")
        if any((what, id_) in self._spool for what in done) or not _ID.fullmatch(id_):
            return
        # A pipeline answers under `capsules` too, and nothing but the path tells which it is.
        kinds = ("data_assets",) if kind == "data_assets" else ("pipelines", "capsules")
        if not any(self._one(one, id_) for one in kinds):
            self._spool.add("unseen", id_, kind)


def searches(selection: Selection) -> Iterator[tuple[str, dict[str, Any]]]:
    """The kinds that are searched, each with what is searched for."""
    if selection.capsule_query is not None:
        for kind in ("capsules", "pipelines"):
            yield kind, {"query": selection.capsule_query}
    if selection.data_asset_query is not None:
        yield "data_assets", {"query": selection.data_asset_query}
    if selection.owned:
        for kind in KINDS:
            yield kind, {"ownership": "created"}


def requests_each(kind: str, selection: Selection) -> int:
    """How many requests an object that a search has found takes, without those for its files."""
    if kind == "data_assets":
        return int(selection.roles is Roles.ALL)
    return 3 + int(selection.roles is not Roles.NONE)


def is_object(record: Any) -> bool:
    """Tell whether something in an answer is an object with an id that can be asked for."""
    return isinstance(record, dict) and isinstance(record.get("id"), str) and bool(_ID.fullmatch(record["id"]))


def _with_files(line: Line) -> Iterator[tuple[str, dict[str, Any]]]:
    """What of a line has files that can be listed."""
    if line.kind == "capsule":
        for run in line.content["runs"]:
            if run.get("state") in ("completed", "failed"):
                yield "computations", run
    elif not _is_elsewhere(line.content["record"]):
        yield "data_assets", line.content["record"]


def _is_elsewhere(record: Mapping[str, Any]) -> bool:
    """Tell whether the deployment does not hold the files of a data asset itself."""
    return bool((record.get("source_bucket") or {}).get("external")) or record.get("type") == "combined"


def references(line: Line) -> Iterator[tuple[str, str]]:
    """The kinds and ids of what a line refers to: attached, combined, named by a provenance, run by a pipeline."""
    record = line.content["record"]
    if line.kind == "capsule":
        panel = line.content["panel"]
        yield from _ids("data_assets", panel.get("data_assets") if isinstance(panel, dict) else ())
        for run in line.content["runs"]:
            yield from _ids("data_assets", run.get("data_assets"))
            yield from (("capsules", id_) for _, id_ in _ids("", run.get("processes"), "capsule_id"))
        yield from (("capsules", id_) for id_ in (record.get("release_capsule"),) if isinstance(id_, str))
        return
    provenance = record.get("provenance") or {}
    yield from (("data_assets", id_) for id_ in provenance.get("data_assets") or ())
    yield from _ids("data_assets", record.get("contained_data_assets"))
    yield from (("capsules", id_) for id_ in (provenance.get("capsule"),) if isinstance(id_, str) and id_)


def _ids(kind: str, entries: Iterable[Any] | None, key: str = "id") -> Iterator[tuple[str, str]]:
    for entry in entries or ():
        if isinstance(entry, dict) and isinstance(entry.get(key), str):
            yield kind, entry[key]
