"""Walks through a search, page by page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from contract_tests.oracles.observation import SEARCHES, Kind, Observation, is_whole

LEGACY = "search_data_assets_legacy"

PAGING = ("next_token", "offset", "from", "start", "limit")
"""Parameters that select the page, not the rows."""

UNSET: tuple[Any, ...] = (None, "", [], {})
"""Values that count as absent in an optional field."""

DEFAULT_LIMIT = {LEGACY: 10}
"""How long a page is when nothing is said; 100 for the others (the API's documentation)."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a walk."""

    key: str
    """Who walks, and what is searched for: the same for all walks of one search."""
    limit: int | None
    """None when it cannot be read."""
    before: tuple[str, ...] | None
    """The ids on the pages before it; None when it is not known which they were."""
    shown: Mapping[str, Mapping[str, Any]]
    """What those pages showed, by id."""
    rows: tuple[str, ...]
    by_offset: bool
    """Whether a page of the walk was found by counting: from where others may have put or taken something."""
    order: str
    """What it is sorted by, as far as that can change under it; empty when it cannot."""
    more: bool
    token: str | None

    @property
    def walked(self) -> tuple[str, ...] | None:
        """All ids of a walk that has come to its end here."""
        return self.before + self.rows if self.before is not None and not self.more else None


class _Begun(NamedTuple):
    """A walk as far as it has come."""

    rows: tuple[str, ...]
    shown: Mapping[str, Mapping[str, Any]]
    by_offset: bool


class Walks:
    """Puts pages together. A walk is broken off by everything that may change what there is to find: then later pages
    of it are as if nobody knew where they belong.
    """

    def __init__(self) -> None:
        self._by_token: dict[tuple[str, str], _Begun] = {}
        self._by_offset: dict[tuple[str, int], _Begun] = {}

    def follow(self, seen: Observation) -> Page | None:
        """The page that an exchange shows; None when it shows none."""
        if seen.changes:
            self._by_token.clear()
            self._by_offset.clear()
        request = _request_params(seen)
        if request is None or not isinstance(seen.body, dict):
            return None
        key = json.dumps(
            [seen.caller, seen.name, {k: v for k, v in request.items() if k not in PAGING}], sort_keys=True
        )
        rows = tuple(record.id for record in seen.records)
        token = seen.body.get("next_token")
        begun = self._begun(key, request)
        page = Page(
            key=key,
            limit=_number(request.get("limit", DEFAULT_LIMIT.get(seen.name or "", 100))),
            before=begun.rows if begun else None,
            shown=begun.shown if begun else {},
            rows=rows,
            by_offset=begun is not None and begun.by_offset,
            order=_order(seen, request),
            more=seen.body.get("has_more") is True,
            token=token if isinstance(token, str) and token else None,
        )
        if begun is not None:
            shown = {**begun.shown, **{record.id: record.fields for record in seen.records}}
            further = _Begun(begun.rows + rows, shown, begun.by_offset)
            self._by_offset[key, len(further.rows)] = further
            if page.token is not None:
                self._by_token[key, page.token] = further
        return page

    def _begun(self, key: str, request: dict[str, Any]) -> _Begun | None:
        """The walk that a page goes on with; None when nobody knows."""
        if request.get("next_token"):
            return self._by_token.get((key, str(request["next_token"])))
        offset = _number(next((request[name] for name in ("offset", "from", "start") if name in request), 0))
        if not offset:
            return None if offset is None else _Begun((), {}, by_offset=False)
        begun = self._by_offset.get((key, offset))
        return begun._replace(by_offset=True) if begun else None


def _request_params(seen: Observation) -> dict[str, Any] | None:
    """Return the parameters of a search, without those that are null."""
    if not seen.ok or seen.name not in SEARCHES:
        return None
    if seen.name == LEGACY:
        return {k: v for k, v in seen.query.items() if v} if seen.plain else None
    return {k: v for k, v in seen.sent.items() if v not in UNSET} if isinstance(seen.sent, dict) else None


def _order(seen: Observation, request: dict[str, Any]) -> str:
    """What moves a row of a walk when it changes: of data assets all but the time they were made at, and their type.
    Nothing changes the name of a capsule.
    """
    if SEARCHES[seen.name or ""] is not Kind.DATA_ASSET or request.get("sort_field") in ("created", "type"):
        return ""
    return str(request.get("sort_field") or request.get("query") or "")


def _number(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None
    return int(value) if is_whole(value) else None
