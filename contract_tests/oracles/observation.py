"""An exchange as oracles see it: read once, whatever is in it."""

import json
from collections import Counter
from collections.abc import Container, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, TypeGuard
from urllib.parse import parse_qsl

from contract_tests.transport.exchange import Exchange
from contract_tests.transport.gate import CREATING
from contract_tests.transport.operations import OPERATIONS, Effect

READING = ("GET", "HEAD", "OPTIONS", "TRACE")
"""The methods that change nothing, whatever they are sent to."""

RETRIED = (408, 425, 429)
"""Refusals that say nothing of the request, only of the moment."""

CREATING_OPERATIONS = frozenset(operation.name for operation in OPERATIONS.values() if operation.effect in CREATING)
"""The operations that make something."""


class Kind(StrEnum):
    """A kind of thing that answers show."""

    COMPUTATION = "computation"
    DATA_ASSET = "data asset"
    CAPSULE = "capsule"
    """A pipeline too: both are one kind of record."""
    RELEASE = "release job"


def _both(name: str) -> tuple[str, str]:
    return name, name.replace("capsule", "pipeline")


SINGLE: dict[str, Kind] = {
    "get_computation": Kind.COMPUTATION,
    "run_capsule": Kind.COMPUTATION,
    "run_capsule_legacy": Kind.COMPUTATION,
    "create_data_asset": Kind.DATA_ASSET,
    "get_data_asset": Kind.DATA_ASSET,
    "update_data_asset": Kind.DATA_ASSET,
    **dict.fromkeys(_both("get_capsule"), Kind.CAPSULE),
    **dict.fromkeys(_both("release_capsule"), Kind.RELEASE),
    **dict.fromkeys(_both("get_capsule_release_job"), Kind.RELEASE),
}
"""The operations that answer with one thing."""

SEARCHES: dict[str, Kind] = {
    "search_data_assets": Kind.DATA_ASSET,
    "search_data_assets_legacy": Kind.DATA_ASSET,
    "search_capsules": Kind.CAPSULE,
    "search_pipelines": Kind.CAPSULE,
}
"""The operations that answer with a page of `results`."""

LISTS: dict[str, Kind] = dict.fromkeys(_both("list_capsule_computations"), Kind.COMPUTATION)
"""The operations that answer with an array."""


class Record(NamedTuple):
    """A thing in an answer. Ids are the same in upper case, so they are kept in lower case."""

    kind: Kind
    id: str
    fields: dict[str, Any]
    listed: bool
    """Whether it was one of several."""

    @property
    def state(self) -> Any:
        """Its state, or a release job's status."""
        return self.fields.get("status" if self.kind is Kind.RELEASE else "state")

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Observation:
    """An exchange with what oracles ask of it."""

    def __init__(self, exchange: Exchange, left_out: Container[str] = ()) -> None:
        self.exchange = exchange
        self._left_out = left_out
        self.name = exchange.name
        self.caller = exchange.caller
        self.ok = exchange.ok
        self.number = exchange.number

    def without(self, keys: Container[str]) -> "Observation":
        """The same exchange, but that it shows none of these things."""
        return Observation(self.exchange, keys)

    @cached_property
    def body(self) -> Any:
        """The answer as JSON; None if it is not JSON."""
        return self.exchange.json()

    @cached_property
    def sent(self) -> Any:
        """The request's body as JSON; an empty one is an object without members. None is no JSON, or JSON that readers
        take in different ways: a name twice in an object, NaN, an encoding other than UTF-8.
        """
        return _strict_json(self.exchange.body) if self.exchange.body.strip() else {}

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The parameters of the query that are given once and are readable."""
        pairs = parse_qsl(self.exchange.query, keep_blank_values=True)
        times = Counter(name for name, _ in pairs)
        return {name: value for name, value in pairs if times[name] == 1 and "\ufffd" not in name + value}

    @property
    def plain(self) -> bool:
        """Tell whether each query parameter is given once and is readable."""
        return len(self.query) == len(parse_qsl(self.exchange.query, keep_blank_values=True))

    @property
    def whole(self) -> bool:
        """Tell whether the whole response was kept."""
        return not self.exchange.is_cut

    @property
    def effect(self) -> Effect | None:
        """Effect of the operation."""
        return self.exchange.operation.effect if self.exchange.operation else None

    @property
    def refused(self) -> bool:
        """Tell whether the request certainly had no effect."""
        status = self.exchange.status
        return status is not None and 400 <= status < 500 and status not in RETRIED

    @property
    def changes(self) -> bool:
        """Tell whether the request may have changed something."""
        reads = self.effect is Effect.READ or (self.effect is None and self.exchange.method in READING)
        return not reads and not self.refused

    @property
    def is_lost(self) -> bool:
        """Tell whether it is not known if the request has changed something, or still will."""
        status = self.exchange.status
        return self.changes and (status is None or status >= 500)

    @property
    def changes_anything(self) -> bool:
        """Tell whether the request may have changed something, and nobody knows what."""
        return self.changes and self.exchange.operation is None

    @property
    def shares(self) -> bool:
        """Tell whether the request may have changed who sees a capsule or pipeline, and its runs."""
        return self.changes and self.name in _both("update_capsule_permissions")

    @property
    def shares_along(self) -> bool:
        """Tell whether it may have changed who sees, or owns, the data assets and capsules in it too."""
        return self.shares and (not isinstance(self.sent, dict) or self.sent.get("share_assets") not in (None, False))

    @cached_property
    def target(self) -> str | None:
        """The id of what the path names first."""
        return next((key.lower() for key in self.exchange.keys.values()), None)

    @cached_property
    def rows(self) -> list[tuple[Kind, Any]]:
        """Values of a successful response that should be records, each with its kind."""
        name = self.name
        if not self.ok or name is None:
            return []
        if name in SINGLE:
            return [(SINGLE[name], self.body)] if self.body is not None else []
        kind = SEARCHES.get(name) or LISTS.get(name)
        if kind is None:
            return []
        rows = self.body.get("results") if isinstance(self.body, dict) else self.body
        return [(kind, row) for row in rows] if isinstance(rows, list) else []

    @cached_property
    def records(self) -> list[Record]:
        """The things that the answer shows."""
        listed = self.name not in SINGLE
        records = []
        for kind, row in self.rows:
            key = row.get("job_id" if kind is Kind.RELEASE else "id") if isinstance(row, dict) else None
            if isinstance(key, str) and key.lower() not in self._left_out:
                records.append(Record(kind, key.lower(), row, listed))
        return records

    @property
    def created(self) -> Record | None:
        """Record that this exchange created, if any."""
        return self.records[0] if self.name in CREATING_OPERATIONS and self.records else None


def _strict_json(content: bytes) -> Any:
    try:
        return json.loads(content.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are all different. Raises `ValueError`."""
    members = dict(pairs)
    return members if len(members) == len(pairs) else _refuse("a name twice")


def _refuse(what: str) -> Any:
    raise ValueError(what)


def same(left: Any, right: Any) -> bool:
    """Compare two JSON values; 1 equals 1.0, but not true."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[name]) for name, value in left.items())
    return bool(left == right)


def is_number(value: Any) -> TypeGuard[int | float]:
    """Tell whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: Any) -> TypeGuard[int | float]:
    """Tell whether a JSON value is a whole number."""
    return is_number(value) and (isinstance(value, int) or value.is_integer())


def brief(value: Any) -> str:
    """A value of JSON as messages show it."""
    try:
        text = json.dumps(value)
    except ValueError:
        text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
