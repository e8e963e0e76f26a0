"""Consistency of writes: what was created, changed or deleted stays so."""

from collections.abc import Iterable
from typing import Any

from contract_tests.oracles.observation import (
    CREATING_OPERATIONS,
    SINGLE,
    Kind,
    Observation,
    Record,
    brief,
    is_whole,
    same,
)
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.written import UNKNOWN, Fields, fields_of_data_asset, fields_of_run, reads_back
from contract_tests.transport.operations import Effect

GET = {Kind.COMPUTATION: "get_computation", Kind.DATA_ASSET: "get_data_asset"}

FIXED: dict[Kind, tuple[str, ...]] = {
    Kind.COMPUTATION: ("created", "owner"),
    Kind.DATA_ASSET: ("created", "owner", "type"),
    Kind.CAPSULE: ("created", "slug"),
    Kind.RELEASE: (),
}
"""What a thing is given when it is made, and keeps."""

YEAR_9999 = 253_402_300_800
"""In Unix seconds: a later time is one in another unit."""


def deletes(seen: Observation) -> bool:
    """Tell whether an exchange may have deleted something; deleting a capsule may delete its runs."""
    return seen.effect is Effect.DELETE or seen.name in ("delete_capsule", "delete_pipeline")


class NewIds(Oracle):
    """Created records are new."""

    name = "new_ids"
    summary = "What is made has an id that nothing had before."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, int] = {}

    def observe(self, seen: Observation) -> Iterable[str]:
        """Compare what was made with all that was seen."""
        if seen.created is not None:
            self.judged += 1
            if seen.created.id in self._known:
                yield f"{seen.created} has an id that request {self._known[seen.created.id]} had already shown"
        for record in seen.records:
            self._known.setdefault(record.id, seen.number)


class CreatedExists(Oracle):
    """Created records can be read."""

    name = "created_exists"
    summary = "What was made, and was not deleted, is there for the one who made it."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, tuple[Kind, str | None, int]] = {}

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look at what was made, and whether it is there."""
        if seen.changes and (deletes(seen) or (seen.name or "").endswith("_permissions")):
            # With a capsule its runs may go, and who sees it sees its runs.
            self._forget(seen)
        if seen.created is not None:
            self._made[seen.created.id] = (seen.created.kind, seen.caller, seen.number)
        kind, maker, number = self._made.get(seen.target or "", (None, None, 0))
        if kind is None or seen.name != GET.get(kind) or seen.caller != maker or seen.exchange.path.endswith("/"):
            return
        self.judged += 1
        if seen.exchange.status == 404:
            yield f"{kind} {seen.target} does not exist, although request {number} created it"

    def _forget(self, seen: Observation) -> None:
        if seen.effect is Effect.DELETE or seen.name == "update_data_asset_permissions":
            self._made.pop(seen.target or "", None)
        else:
            self._made = {key: record for key, record in self._made.items() if record[0] is not Kind.COMPUTATION}


class GoneAfterDelete(Oracle):
    """Deleted records are gone."""

    name = "gone_after_delete"
    summary = "What was deleted is answered 404, and is in no list or search that begins afterwards."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._gone: dict[str, int] = {}

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look for what was deleted."""
        key = seen.target
        if key is not None and key in self._gone and seen.exchange.operation is not None:
            self.judged += 1
            if seen.ok:
                deleted = f"which request {self._gone[key]} deleted"
                yield f"{seen.name} of {key}, {deleted}, returned {seen.exchange.status}"
        if deletes(seen) and seen.ok and key is not None:
            self._gone.setdefault(key, seen.number)
        if self._gone and seen.name not in SINGLE and not _is_later_page(seen):
            for record in seen.records:
                if record.id in self._gone:
                    yield f"{seen.name} shows {record}, which request {self._gone[record.id]} deleted"


def _is_later_page(seen: Observation) -> bool:
    """Tell whether a request is for a later page, of a search that may have begun long ago."""
    return not isinstance(seen.sent, dict) or bool(seen.sent.get("next_token"))


class CreatedIsFixed(Oracle):
    """Records keep what they were created with."""

    name = "created_is_fixed"
    summary = "The id, created, owner, type and slug of a thing never change, and created is a time in Unix seconds."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._first: dict[str, tuple[dict[str, Any], int]] = {}

    def observe(self, seen: Observation) -> Iterable[str]:
        """Compare each thing with how it was seen first."""
        if seen.name is not None and seen.name.startswith("update_") and seen.changes:
            # An owner may be among the new permissions.
            self._first.pop(seen.target or "", None)
        if seen.shares_along:
            self._first.clear()
        for record in seen.records:
            if record.kind is Kind.RELEASE:
                continue
            yield from self._check_created(seen, record)
            first, number = self._first.setdefault(record.id, (record.fields, seen.number))
            if number != seen.number:
                self.judged += 1
            for field in FIXED[record.kind]:
                if field in first and field in record.fields and not same(first[field], record.fields[field]):
                    was, now = brief(first[field]), brief(record.fields[field])
                    yield f"{field} of {record} is {now}, although it was {was} in request {number}"

    @staticmethod
    def _check_created(seen: Observation, record: Record) -> Iterable[str]:
        created = record.fields.get("created")
        if "created" in record.fields and not (is_whole(created) and 0 < created < YEAR_9999):
            yield f"created of {record} is {brief(created)}, not a time in Unix seconds"
        if (
            not record.listed
            and seen.target is not None
            and seen.name not in CREATING_OPERATIONS
            and seen.target != record.id
        ):
            yield f"{seen.name} of {seen.target} showed {record}"


class ReadsBack(Oracle):
    """Reads return what was written."""

    name = "reads_back"
    summary = "Names, tags, mounts, descriptions, custom metadata and parameters read as they were written."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._written: dict[str, dict[str, tuple[Any, Observation]]] = {}

    def observe(self, seen: Observation) -> Iterable[str]:
        """Remember what is written, and compare it with what is read."""
        if seen.created is not None and isinstance(seen.sent, dict):
            of = fields_of_data_asset if seen.created.kind is Kind.DATA_ASSET else fields_of_run
            self._record(seen.created.id, of(seen.sent), seen)
        elif seen.changes and seen.target is not None:
            self._change(seen, seen.target)
        for record in seen.records:
            if not record.listed and self._written.get(record.id):
                self.judged += 1
                yield from self._compare(record)

    def _change(self, seen: Observation, key: str) -> None:
        """Apply a request to what is known: a value that was written, or one that nobody can foretell."""
        if seen.name == "update_data_asset":
            self._update(seen, key)
        elif seen.name == "rename_computation":
            self._record(key, {"name": seen.query.get("name") or UNKNOWN if seen.ok else UNKNOWN}, seen)
        elif seen.name in ("attach_computation_data_assets", "detach_computation_data_assets"):
            self._record(key, {"data_assets": UNKNOWN}, seen)
        elif seen.name == "delete_data_asset":
            self._written.pop(key, None)
            for written in self._written.values():
                # Those that used it may show it no longer.
                written.pop("data_assets", None)

    def _update(self, seen: Observation, key: str) -> None:
        if seen.ok and isinstance(seen.sent, dict):
            self._record(key, fields_of_data_asset(seen.sent), seen)
        else:
            self._written.pop(key, None)

    def _record(self, key: str, fields: Fields, seen: Observation) -> None:
        written = self._written.setdefault(key, {})
        for field, value in fields.items():
            if value is UNKNOWN:
                written.pop(field, None)
            else:
                written[field] = (value, seen)

    def _compare(self, record: Record) -> Iterable[str]:
        for field, (expected, write) in self._written[record.id].items():
            actual, rules = record.fields.get(field), _written_by(write, field)
            self.rules.update(rules)
            if not reads_back(field, expected, actual):
                self.broken.update(rules)
                wrote = f"request {write.number} wrote {brief(expected)}"
                yield f"{field} of {record} reads {brief(actual)}, although {wrote}"


def _written_by(write: Observation, field: str) -> tuple[str, ...]:
    """Return the rules of the parameters that wrote a field."""
    if write.name == "rename_computation":
        return ("rename_computation.query.name",)
    if field == "parameters":
        named = f"{write.name}.body.named_parameters"
        return named, f"{named}.param_name", f"{named}.value"
    if field == "data_assets":
        return f"{write.name}.body.data_assets", f"{write.name}.body.data_assets.id"
    return (f"{write.name}.body.{field}",)
