"""The scenarios of a world: from what a file says to the rule that plans are drawn from, and back from the database."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mock_server.domain.files import FileTree
from mock_server.domain.lifecycle import ENDS, STAGES
from mock_server.domain.scenario_matching import Loaded, When
from mock_server.domain.scenarios import BUILT_IN, ResultTemplates, Scenario, is_template
from mock_server.store import file_trees, sql
from mock_server.store.database import Database
from mock_server.store.queries import SCENARIOS
from mock_server.store.schema import ScenarioRow

if TYPE_CHECKING:
    from mock_server.documents.scenario_file import Prepared

END_FIELDS = {
    "state": "state",
    "status": "state",
    "end_status": "end_status",
    "exit_code": "exit_code",
    "failure_reason": "failure_reason",
    "error": "failure_reason",
}
"""Fields of a scenario that tell of the end, and what the plan calls them."""


def add(db: Database, prepared: "list[Prepared]") -> None:
    """Keep scenarios after those that are there, or in the place of those of the same name and kind."""
    places = {(kind, name): place for kind, name, place in db.all(sql.PLACES_OF_SCENARIOS, {})}
    last = max(places.values(), default=0)
    rows = []
    for item in prepared:
        key = (item.spec.kind, item.spec.name)
        if key in places:
            _remove(db, SCENARIOS.get(db, places[key]))
        else:
            last += 1
            places[key] = last
        rows.append(_row(db, item, places[key]))
    SCENARIOS.insert_many(db, rows)


def add_in_front(db: Database, prepared: "list[Prepared]") -> None:
    """Keep scenarios before those that are there, of whose names they have none."""
    places = [place for _, _, place in db.all(sql.PLACES_OF_SCENARIOS, {})]
    first = min(places, default=1) - len(prepared)
    SCENARIOS.insert_many(db, [_row(db, item, first + number) for number, item in enumerate(prepared)])


def _row(db: Database, item: "Prepared", place: int) -> ScenarioRow:
    return ScenarioRow(
        place=place,
        name=item.spec.name,
        kind=item.spec.kind,
        spec=item.spec.model_dump(mode="json", exclude_unset=True, exclude_none=True),
        tree=file_trees.keep(db, item.files),
        matched=0,
    )


def stored(db: Database) -> list[ScenarioRow]:
    """All scenarios, in the order in which they are asked."""
    return SCENARIOS.query(db, sql.ALL_SCENARIOS, {})


def matched(db: Database) -> dict[int, int]:
    """How often the conditions of each scenario have fitted, by its place."""
    return dict(db.all(sql.MATCHED_SCENARIOS, {}))


def remove(db: Database, name: str) -> None:
    """Forget the scenarios called `name`."""
    for row in SCENARIOS.query(db, sql.SCENARIOS_NAMED, {"name": name}):
        _remove(db, row)


def clear(db: Database) -> None:
    """Forget all scenarios."""
    trees = [tree for (tree,) in db.all(sql.TREES_OF_SCENARIOS, {})]
    db.write(sql.CLEAR_SCENARIOS, {})
    for tree in trees:
        file_trees.drop_unused(db, tree)


def count(db: Database, place: int) -> int:
    """Count that the conditions of a scenario have fitted once more; how often that is in all."""
    row = db.one(sql.COUNT_SCENARIO, {"key": place})
    return int(row[0]) if row else 0


def loaded(db: Database) -> list[Loaded]:
    """All scenarios as the rules that plans are drawn from."""
    known = {(kind, name): scenario for kind, family in BUILT_IN.items() for name, scenario in family.items()}
    found = []
    for row in stored(db):
        base = known[(row.kind, row.spec.get("like", "succeeds"))]
        scenario = _built(db, row, base)
        known[(row.kind, row.name)] = scenario
        when = When(**row.spec["when"]) if row.spec.get("when") else None
        found.append(Loaded(row.place, row.kind, scenario, when, row.spec))
    return found


def _built(db: Database, row: ScenarioRow, base: Scenario) -> Scenario:
    """What `row` says, and `base` where it says nothing."""
    spec = row.spec
    if spec.get("mix"):
        return replace(base, name=row.name, mix=tuple(spec["mix"].items()))
    given = [spec.get(stage) for stage in STAGES[row.kind]]
    ranges = tuple(tuple(span) if span else own for span, own in zip(given, base.ranges, strict=True))
    changed = {END_FIELDS[name]: value for name, value in spec.items() if name in END_FIELDS}
    if "failure_reason" in changed and "state" not in changed:
        changed["state"] = ENDS[row.kind][1]
    fields: dict[str, Any] = {
        "name": row.name,
        "ranges": ranges,
        "end": base.end._replace(**changed) if changed else base.end,
        "stuck_in": spec.get("stuck_in", base.stuck_in),
        "keeps_files": spec.get("own_results", base.keeps_files),
        "has_results": spec.get("has_results", base.has_results),
        "log": spec.get("log", base.log),
        "pipeline_log": None if "log" in spec else base.pipeline_log,
        "files": _files(db, row, base.files),
        "mix": (),
        "templates": _templates(spec, base.templates),
    }
    return replace(base, **fields)


def _templates(spec: dict[str, Any], base: ResultTemplates) -> ResultTemplates:
    """What is rendered: what the spec says, and what it says nothing of as `base` has it."""
    paths = {file["path"] for file in spec.get("results", ())}
    own = _rendered(spec)
    log = None if "log" in spec else spec.get("log_template", base.log)
    return ResultTemplates((*(file for file in base.files if file["path"] not in paths), *own), log)


def _rendered(spec: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return tuple(file for file in spec.get("results", ()) if is_template(file))


def _files(db: Database, row: ScenarioRow, base: FileTree) -> FileTree:
    """The files that are added: those of the row, and those of `base` that no template of the row replaces."""
    replaced = {file["path"] for file in _rendered(row.spec)}
    if replaced:
        base = FileTree(tuple(entry for entry in base.entries if entry.path not in replaced))
    return base.with_files(file_trees.get(db, row.tree)) if row.tree else base


def _remove(db: Database, row: ScenarioRow | None) -> None:
    if row is not None:
        SCENARIOS.delete(db, row.place)
        file_trees.drop_unused(db, row.tree)
