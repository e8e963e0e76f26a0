"""Lists and searches: what their rows say, and which rows they hold."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from contract_tests.oracles.observation import LISTS, SEARCHES, Kind, Seen, Shown, brief, is_number, same
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.states import at_end
from contract_tests.oracles.write_consistency import deletes

ALIKE: dict[Kind, tuple[str, ...]] = {
    Kind.COMPUTATION: (
        "created",
        "owner",
        "cloud_workstation",
        "parameters",
        "processes",
        "nextflow_profile",
        "version",
    ),
    Kind.DATA_ASSET: ("created", "owner", "type", "provenance", "source_bucket"),
    Kind.CAPSULE: ("created", "slug"),
    Kind.RELEASE: (),
}
"""What a row and a GET show alike at any time."""

ALIKE_AT_END = ("end_status", "exit_code", "has_results", "run_time", "files", "size", "failure_reason")
"""What they show alike once the thing has ended."""

ALIKE_IF_OWN = ("name", "tags", "description", "mount", "custom_metadata")
"""What they show alike while nobody changes it: of things that the run has made, so that it knows."""

_TERM = re.compile(r"(name|tag):([A-Za-z0-9_\-]{1,20})")
"""A query of one term that means the same in every reading of the search language."""


class _Sight(NamedTuple):
    fields: dict[str, Any]
    ended: bool
    number: int


class ListAgreesWithGet(Oracle):
    """A thing is the same wherever it is shown."""

    name = "list_agrees_with_get"
    summary = "A row of a list or search shows what a GET shows, and the list of a capsule's runs has those just made."

    def __init__(self) -> None:
        super().__init__()
        self._sights: dict[tuple[str, bool], _Sight] = {}
        self._made: set[str] = set()
        self._runs: dict[tuple[str | None, str], dict[str, int]] = {}
        """Runs by who made them and the capsule, and in which request."""

    def observe(self, seen: Seen) -> Iterable[str]:
        """Compare rows with what was got, and the other way round."""
        if seen.changes:
            self._forget(seen)
        if seen.made is not None:
            self._made.add(seen.made.id)
            self._note_run(seen, seen.made)
        for thing in seen.shown:
            other = self._sights.get((thing.id, not thing.listed))
            sight = _Sight(thing.fields, at_end(thing), seen.number)
            if other is not None:
                self.judged += 1
                yield from self._compare(thing, sight, other)
            self._sights[thing.id, thing.listed] = sight
        if seen.ok and seen.name in LISTS:
            yield from self._missing(seen)

    def _forget(self, seen: Seen) -> None:
        for listed in (True, False):
            self._sights.pop((seen.target or "", listed), None)
        if deletes(seen):
            for runs in self._runs.values():
                runs.pop(seen.target or "", None)

    def _note_run(self, seen: Seen, run: Shown) -> None:
        wanted = seen.sent if isinstance(seen.sent, dict) else {}
        capsule = wanted.get("capsule_id") or wanted.get("pipeline_id")
        if run.kind is Kind.COMPUTATION and isinstance(capsule, str):
            self._runs.setdefault((seen.caller, capsule.lower()), {})[run.id] = seen.number

    def _missing(self, seen: Seen) -> Iterable[str]:
        there = {thing.id for thing in seen.shown}
        for key, number in self._runs.get((seen.caller, seen.target or ""), {}).items() if seen.whole else ():
            self.judged += 1
            if key not in there:
                yield f"{seen.name} of {seen.target} does not show computation {key}, which request {number} made"

    def _compare(self, thing: Shown, one: _Sight, other: _Sight) -> Iterable[str]:
        row, got = (one, other) if thing.listed else (other, one)
        fields = list(ALIKE[thing.kind])
        if one.ended and other.ended:
            fields += ALIKE_AT_END
        if thing.id in self._made:
            fields += ALIKE_IF_OWN
        for field in fields:
            if not same(row.fields.get(field), got.fields.get(field)):
                shown, asked = brief(row.fields.get(field)), brief(got.fields.get(field))
                where = f"in a list (request {row.number}) and {asked} in its own answer (request {got.number})"
                yield f"{field} of {thing} is {shown} {where}"


class FiltersHold(Oracle):
    """A search finds what it was asked for."""

    name = "filters_hold"
    summary = "Every row of a search is of the type, status and owner, and has the tag or name, that were asked for."

    def __init__(self) -> None:
        super().__init__()
        self._users: dict[str | None, str] = {}
        """The id of a caller's user, from what the caller has made."""

    def observe(self, seen: Seen) -> Iterable[str]:
        """Compare rows with what was asked."""
        made = seen.made
        if made is not None and made.kind is Kind.DATA_ASSET and isinstance(made.fields.get("owner"), str):
            self._users[seen.caller] = made.fields["owner"]
        if not seen.ok or seen.name not in SEARCHES:
            return
        asked = seen.query if seen.name.endswith("legacy") else seen.sent
        if not isinstance(asked, dict):
            return
        for thing in seen.shown:
            for what, wanted, found in self._asked(asked, thing, self._users.get(seen.caller)):
                self.judged += 1
                if not found:
                    yield f"{seen.name} for {what} {wanted} found {thing}, which is another"

    @staticmethod
    def _asked(asked: dict[str, Any], thing: Shown, user: str | None) -> Iterable[tuple[str, str, bool]]:
        """What was asked for, and whether a row has it."""
        for field in ("type", "status"):
            if isinstance(asked.get(field), str):
                yield field, asked[field], thing.fields.get(field) == asked[field]
        if user is not None and asked.get("ownership") in ("created", "private", "shared"):
            own = thing.fields.get("owner") == user
            yield "ownership", asked["ownership"], own != (asked["ownership"] == "shared")
        if asked.get("origin") in ("internal", "external"):
            bucket = thing.fields.get("source_bucket")
            external = isinstance(bucket, dict) and bucket.get("external") is True
            if thing.fields.get("type") != "combined":
                yield "origin", asked["origin"], external == (asked["origin"] == "external")
        term = _TERM.fullmatch(asked["query"]) if isinstance(asked.get("query"), str) else None
        if term is not None:
            yield "the query", term[0], _has(thing, term[1], term[2].lower())


def _has(thing: Shown, field: str, value: str) -> bool:
    if field == "name":
        return value in str(thing.fields.get("name")).lower()
    tags = thing.fields.get("tags")
    return isinstance(tags, list) and value in [str(tag).lower() for tag in tags]


class SortedAsAsked(Oracle):
    """A search is in the order that it was asked for."""

    name = "sorted_as_asked"
    summary = "A page that is to be sorted by created is, in the order that was asked for."

    def observe(self, seen: Seen) -> Iterable[str]:
        """Compare neighbouring rows. Names are left aside: how they compare is not documented."""
        if not seen.ok or seen.name not in SEARCHES:
            return
        asked = seen.query if seen.name.endswith("legacy") else seen.sent
        if not isinstance(asked, dict) or asked.get("sort_field") != "created":
            return
        if asked.get("sort_order") not in ("asc", "desc"):
            return
        found = [thing.fields.get("created") for thing in seen.shown]
        times = [time for time in found if is_number(time)]
        if len(times) < 2:
            return
        self.judged += 1
        if times != sorted(times, reverse=asked["sort_order"] == "desc"):
            yield f"{seen.name} is not sorted by created, {asked['sort_order']}"
