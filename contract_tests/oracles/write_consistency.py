"""What is written stays written: made, changed, deleted."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from contract_tests.oracles.observation import MADE, ONE, Kind, Seen, Shown, brief, is_whole, same
from contract_tests.oracles.oracle import Oracle
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

_PLAIN = re.compile(r"[A-Za-z0-9_\-]+")
"""A mount that nothing tidies up."""


def deletes(seen: Seen) -> bool:
    """Whether an exchange may have deleted something; with a capsule its runs may go."""
    return seen.effect is Effect.DELETE or seen.name in ("delete_capsule", "delete_pipeline")


class NewIds(Oracle):
    """What is made is new."""

    name = "new_ids"
    summary = "What is made has an id that nothing had before."

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, int] = {}

    def observe(self, seen: Seen) -> Iterable[str]:
        """Compare what was made with all that was seen."""
        if seen.made is not None:
            self.judged += 1
            if seen.made.id in self._known:
                yield f"{seen.made} was made with an id that request {self._known[seen.made.id]} showed already"
        for thing in seen.shown:
            self._known.setdefault(thing.id, seen.number)


class CreatedIsThere(Oracle):
    """What was made can be got."""

    name = "created_is_there"
    summary = "What was made, and was not deleted, is there for the one who made it."

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, tuple[Kind, str | None, int]] = {}

    def observe(self, seen: Seen) -> Iterable[str]:
        """Look at what was made, and whether it is there."""
        if deletes(seen) and seen.changes:
            self._forget(seen)
        if seen.made is not None:
            self._made[seen.made.id] = (seen.made.kind, seen.caller, seen.number)
        kind, maker, number = self._made.get(seen.target or "", (None, None, 0))
        if kind is None or seen.name != GET.get(kind) or seen.caller != maker:
            return
        self.judged += 1
        if seen.exchange.status == 404:
            yield f"{kind} {seen.target} is not there, although request {number} made it"

    def _forget(self, seen: Seen) -> None:
        if seen.effect is Effect.DELETE:
            self._made.pop(seen.target or "", None)
        else:
            self._made = {key: made for key, made in self._made.items() if made[0] is not Kind.COMPUTATION}


class GoneAfterDelete(Oracle):
    """What was deleted is gone."""

    name = "gone_after_delete"
    summary = "What was deleted is answered 404, and is in no list or search that begins afterwards."

    def __init__(self) -> None:
        super().__init__()
        self._gone: dict[str, int] = {}

    def observe(self, seen: Seen) -> Iterable[str]:
        """Look for what was deleted."""
        key = seen.target
        if key is not None and key in self._gone and seen.exchange.operation is not None:
            self.judged += 1
            if seen.ok:
                deleted = f"which request {self._gone[key]} deleted"
                yield f"{seen.name} of {key}, {deleted}, was answered {seen.exchange.status}"
        if deletes(seen) and seen.ok and key is not None:
            self._gone.setdefault(key, seen.number)
        if self._gone and seen.name not in ONE and not _goes_on(seen):
            for thing in seen.shown:
                if thing.id in self._gone:
                    yield f"{seen.name} shows {thing}, which request {self._gone[thing.id]} deleted"


def _goes_on(seen: Seen) -> bool:
    """Whether a request is for a later page: of a search that may have begun long ago."""
    return not isinstance(seen.sent, dict) or bool(seen.sent.get("next_token"))


class CreatedIsFixed(Oracle):
    """What a thing was given when it was made, it keeps."""

    name = "created_is_fixed"
    summary = "The id, created, owner, type and slug of a thing never change, and created is a time in Unix seconds."

    def __init__(self) -> None:
        super().__init__()
        self._first: dict[str, tuple[dict[str, Any], int]] = {}

    def observe(self, seen: Seen) -> Iterable[str]:
        """Compare each thing with how it was seen first."""
        if seen.name is not None and seen.name.startswith("update_") and seen.changes:
            # An owner may be among the new permissions.
            self._first.pop(seen.target or "", None)
        for thing in seen.shown:
            if thing.kind is Kind.RELEASE:
                continue
            yield from self._sound(seen, thing)
            first, number = self._first.setdefault(thing.id, (thing.fields, seen.number))
            if number != seen.number:
                self.judged += 1
            for field in FIXED[thing.kind]:
                if field in first and field in thing.fields and not same(first[field], thing.fields[field]):
                    was, now = brief(first[field]), brief(thing.fields[field])
                    yield f"{field} of {thing} is {now}, although it was {was} in request {number}"

    @staticmethod
    def _sound(seen: Seen, thing: Shown) -> Iterable[str]:
        created = thing.fields.get("created")
        if "created" in thing.fields and not (is_whole(created) and 0 < created < YEAR_9999):
            yield f"created of {thing} is {brief(created)}, not a time in Unix seconds"
        if not thing.listed and seen.target is not None and seen.name not in MADE and seen.target != thing.id:
            yield f"{seen.name} of {seen.target} showed {thing}"


class ReadsBack(Oracle):
    """What was written is read."""

    name = "reads_back"
    summary = "Names, tags, mounts, descriptions, custom metadata and parameters read as they were written."

    def __init__(self) -> None:
        super().__init__()
        self._written: dict[str, dict[str, tuple[Any, int]]] = {}

    def observe(self, seen: Seen) -> Iterable[str]:
        """Remember what is written, and compare it with what is read."""
        if seen.made is not None and isinstance(seen.sent, dict):
            given = _asset(seen.sent) if seen.made.kind is Kind.DATA_ASSET else _run(seen.sent)
            self._write(seen.made.id, given, seen)
        elif seen.name in ("update_data_asset", "rename_computation") and seen.changes and seen.target is not None:
            self._change(seen, seen.target)
        for thing in seen.shown:
            if not thing.listed and thing.id in self._written:
                self.judged += 1
                yield from self._compare(thing)

    def _change(self, seen: Seen, key: str) -> None:
        if seen.ok and seen.name == "update_data_asset" and isinstance(seen.sent, dict):
            self._write(key, _asset(seen.sent), seen)
        elif seen.ok and "name" in seen.query:
            self._write(key, {"name": seen.query["name"]}, seen)
        else:
            self._written.pop(key, None)

    def _write(self, key: str, given: Mapping[str, Any], seen: Seen) -> None:
        written = self._written.setdefault(key, {})
        written.update({field: (value, seen.number) for field, value in given.items()})

    def _compare(self, thing: Shown) -> Iterable[str]:
        for field, (wanted, number) in self._written[thing.id].items():
            found = thing.fields.get(field)
            if not _reads(field, wanted, found):
                yield (f"{field} of {thing} reads {brief(found)}, although request {number} wrote {brief(wanted)}")


def _asset(sent: dict[str, Any]) -> dict[str, Any]:
    """What a request writes into a data asset; null keeps what is there."""
    fields = ("name", "description", "tags", "mount", "custom_metadata")
    given = {field: sent[field] for field in fields if sent.get(field) is not None}
    if "mount" in given and not (isinstance(given["mount"], str) and _PLAIN.fullmatch(given["mount"])):
        del given["mount"]
    return given


def _run(sent: dict[str, Any]) -> dict[str, Any]:
    """What a request writes into a run. Ordered parameters of a pipeline are ignored, so only named ones count."""
    fields = ("named_parameters", "data_assets")
    given = {field: sent[field] for field in fields if isinstance(sent.get(field), list) and sent[field]}
    if "named_parameters" in given:
        given["parameters"] = given.pop("named_parameters")
    return given


def _reads(field: str, wanted: Any, found: Any) -> bool:
    """Whether a value reads as it was written. What is empty may be left out; an order of tags is not promised."""
    match field, wanted:
        case "tags", list():
            return set(map(str, wanted)) == set(map(str, found if isinstance(found, list) else ()))
        case "custom_metadata", dict():
            there = found if isinstance(found, dict) else {}
            return all(same(value, there.get(name)) for name, value in wanted.items() if value is not None)
        case "parameters", _:
            return all(_given(parameter, found, "param_name", "value") for parameter in wanted)
        case "data_assets", _:
            return all(_given(asset, found, "id") for asset in wanted)
        case _:
            return same(wanted, found) or (wanted == "" and found is None)


def _given(wanted: Any, found: Any, *names: str) -> bool:
    """Whether a list holds an object with the same values under these names."""
    if not isinstance(wanted, dict) or not isinstance(found, list):
        return not isinstance(wanted, dict)
    return any(isinstance(one, dict) and all(wanted.get(name) == one.get(name) for name in names) for one in found)
