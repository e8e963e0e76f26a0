"""Lists and searches: what their rows say, and which rows they hold."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from contract_tests.oracles.observation import LISTS, SEARCHES, Kind, Observation, Record, brief, is_number, same
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.states import TRANSFER, at_end
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
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._sights: dict[tuple[str, bool], _Sight] = {}
        self._made: set[str] = set()
        self._moving: set[str] = set()
        """Data assets whose files are being moved, nobody knows for how long."""
        self._runs: dict[tuple[str | None, str], dict[str, int]] = {}
        """Runs by who made them and the capsule, and in which request."""

    def observe(self, seen: Observation) -> Iterable[str]:
        """Compare rows with what was got, and the other way round."""
        if seen.changes:
            self._forget(seen)
        if seen.created is not None:
            self._made.add(seen.created.id)
            self._record_run(seen, seen.created)
        for record in seen.records:
            other = self._sights.get((record.id, not record.listed))
            sight = _Sight(record.fields, at_end(record), seen.number)
            if other is not None and record.id not in self._moving:
                self.judged += 1
                yield from self._compare(seen, record, sight, other)
            self._sights[record.id, record.listed] = sight
        if seen.ok and seen.name in LISTS:
            yield from self._check_missing(seen)

    def _forget(self, seen: Observation) -> None:
        for listed in (True, False):
            self._sights.pop((seen.target or "", listed), None)
        if seen.name == TRANSFER and seen.target is not None:
            self._moving.add(seen.target)
        if seen.shares_along:
            # An owner may be among the new permissions.
            self._sights.clear()
        if deletes(seen):
            for runs in self._runs.values():
                runs.pop(seen.target or "", None)
        if seen.shares:
            self._runs = {place: runs for place, runs in self._runs.items() if place[1] != seen.target}

    def _record_run(self, seen: Observation, run: Record) -> None:
        request = seen.sent if isinstance(seen.sent, dict) else {}
        capsule = request.get("capsule_id") or request.get("pipeline_id")
        if run.kind is Kind.COMPUTATION and isinstance(capsule, str):
            self._runs.setdefault((seen.caller, capsule.lower()), {})[run.id] = seen.number

    def _check_missing(self, seen: Observation) -> Iterable[str]:
        listed = {record.id for record in seen.records}
        for key, number in self._runs.get((seen.caller, seen.target or ""), {}).items() if seen.whole else ():
            self.judged += 1
            if key not in listed:
                yield f"{seen.name} of {seen.target} does not show computation {key}, which request {number} made"

    def _compare(self, seen: Observation, record: Record, sight: _Sight, other: _Sight) -> Iterable[str]:
        row, single = (sight, other) if record.listed else (other, sight)
        answer = f"{seen.name}.answer.results" if seen.name in SEARCHES else f"{seen.name}.answer"
        fields = list(ALIKE[record.kind])
        if sight.ended and other.ended:
            fields += ALIKE_AT_END
        if record.id in self._made:
            fields += ALIKE_IF_OWN
        for field in fields:
            if field in record.fields:
                self.rules.add(f"{answer}.{field}")
            if not _agree(field, row.fields.get(field), single.fields.get(field)):
                self.broken.add(f"{answer}.{field}")
                in_row, in_get = brief(row.fields.get(field)), brief(single.fields.get(field))
                where = f"in a list (request {row.number}) and {in_get} in its own response (request {single.number})"
                yield f"{field} of {record} is {in_row} {where}"


def _agree(field: str, one: Any, other: Any) -> bool:
    """Whether a row and a GET show the same. Processes come from a map, in another order each time."""
    if field == "processes" and isinstance(one, list) and isinstance(other, list):
        left = list(other)
        for process in one:
            place = next((index for index, entry in enumerate(left) if same(process, entry)), None)
            if place is None:
                return False
            del left[place]
        return not left
    return same(one, other)


class FiltersHold(Oracle):
    """A search finds what it was asked for."""

    name = "filters_hold"
    summary = "Every row of a search is of the type, status and owner, and has the tag or name, that were requested."

    def __init__(self) -> None:
        super().__init__()
        self._users: dict[str | None, str] = {}
        """The id of a caller's user, from what the caller has made."""

    def observe(self, seen: Observation) -> Iterable[str]:
        """Compare rows with what was asked."""
        created = seen.created
        if created is not None and created.kind is Kind.DATA_ASSET and isinstance(created.fields.get("owner"), str):
            self._users[seen.caller] = created.fields["owner"]
        if not seen.ok or seen.name not in SEARCHES:
            return
        request, place = (seen.query, "query") if seen.name.endswith("legacy") else (seen.sent, "body")
        if not isinstance(request, dict):
            return
        for record in seen.records:
            for what, expected, matches in self._conditions(request, record, self._users.get(seen.caller)):
                self.judged += 1
                self.rules.add(f"{seen.name}.{place}.{what}")
                if not matches:
                    self.broken.add(f"{seen.name}.{place}.{what}")
                    yield f"{seen.name} for {what} {expected} found {record}, which does not match"

    @staticmethod
    def _conditions(request: dict[str, Any], record: Record, user: str | None) -> Iterable[tuple[str, str, bool]]:
        """Yield each condition of a search, with whether a row meets it."""
        for field in ("type", "status"):
            if request.get(field) and isinstance(request[field], str):
                yield field, request[field], record.fields.get(field) == request[field]
        if user is not None and request.get("ownership") in ("created", "private", "shared"):
            own = record.fields.get("owner") == user
            yield "ownership", request["ownership"], own != (request["ownership"] == "shared")
        if request.get("origin") in ("internal", "external"):
            bucket = record.fields.get("source_bucket")
            external = isinstance(bucket, dict) and bucket.get("external") is True
            if record.fields.get("type") != "combined":
                yield "origin", request["origin"], external == (request["origin"] == "external")
        term = _TERM.fullmatch(request["query"]) if isinstance(request.get("query"), str) else None
        if term is not None:
            yield "query", term[0], _has(record, term[1], term[2].lower())


def _has(record: Record, field: str, value: str) -> bool:
    if field == "name":
        return value in str(record.fields.get("name")).lower()
    tags = record.fields.get("tags")
    return isinstance(tags, list) and value in [str(tag).lower() for tag in tags]


class SortedAsRequested(Oracle):
    """A search is in the order that it was asked for."""

    name = "sorted_as_requested"
    summary = "A page requested in the order of created is in that order."

    def observe(self, seen: Observation) -> Iterable[str]:
        """Compare neighbouring rows. Names are left aside: how they compare is not documented."""
        if not seen.ok or seen.name not in SEARCHES:
            return
        request, place = (seen.query, "query") if seen.name.endswith("legacy") else (seen.sent, "body")
        if not isinstance(request, dict) or request.get("sort_field") != "created":
            return
        if request.get("sort_order") not in ("asc", "desc"):
            return
        values = [record.fields.get("created") for record in seen.records]
        times = [time for time in values if is_number(time)]
        if len(times) < 2:
            return
        self.judged += 1
        rules = {f"{seen.name}.{place}.{name}" for name in ("sort_field", "sort_order")}
        self.rules |= rules
        if times != sorted(times, reverse=request["sort_order"] == "desc"):
            self.broken |= rules
            yield f"{seen.name} is not sorted by created, {request['sort_order']}"
