"""Runs as a seed file says them: in the shortest way that gives the same run again."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from mock_server.documents.seed_computations import SeedComputation
from mock_server.documents.seed_model import SeedCapsule
from mock_server.documents.seed_plan import number, plan_fields
from mock_server.domain.content import Binary
from mock_server.domain.files import Entry, FileTree
from mock_server.domain.naming import run_name
from mock_server.domain.runs import has_parameters
from mock_server.domain.scenarios import BUILT_IN, Scenario
from mock_server.errors import DamagedError
from mock_server.store import queries, scenarios, schema
from mock_server.store.database import Database
from mock_server.store.seed_export import trees
from mock_server.store.seed_export.entities import Entities
from mock_server.store.seed_export.trees import Fields
from mock_server.store.seed_loading.runs import run_of

KEPT = 1000
"""How many capsules are remembered for their runs."""

MOST_SECONDS = 2**31
"""The longest `run_time` that a seed file may have."""

OUTPUT = "output"

LOG_KEPT = 500_000
"""How many bytes of the end of a log are kept of a driven run that goes on."""


class Runs:
    """The runs of a world."""

    def __init__(self, db: Database, entities: Entities) -> None:
        self._db, self._entities = db, entities
        own = {item.scenario.name: item.scenario for item in scenarios.loaded(db) if item.kind == "computation"}
        self._scenarios: dict[str, Scenario] = BUILT_IN["computation"] | own
        self._capsule = lru_cache(KEPT)(self._find_capsule)

    def run(self, row: schema.ComputationRow) -> tuple[SeedComputation, list[str]]:
        """A run, and what is to be known of its files."""
        capsule = self._capsule(row.capsule_id)
        tree = self._tree(row)
        common = self._common(row, capsule)
        *short, last = self._ways(row, tree)
        for way in short:
            run = SeedComputation.model_validate(common | way)
            if self._makes(row, tree, run, capsule):
                return run, []
        return SeedComputation.model_validate(common | last), list(trees.left_out(tree, last["files"]))

    def _common(self, row: schema.ComputationRow, capsule: SeedCapsule) -> Fields:
        asked = row.asked
        usual = run_name(row.created, with_parameters=has_parameters(asked))
        return {
            "id": row.id,
            "capsule": row.capsule_id,
            "owner": self._entities.emails[row.owner],
            "created": number(row.created),
            "name": None if row.name == usual else row.name,
            "version": asked.get("version"),
            "nextflow_profile": asked.get("nextflow_profile"),
            "parameters": asked["parameters"],
            "data_assets": [
                asset | {"deleted": queries.DATA_ASSETS.get(self._db, asset["id"]) is None}
                for asset in asked["data_assets"]
            ],
            "processes": [
                {"name": process["name"], "parameters": process["parameters"]}
                for process in asked["processes"]
                if process.get("parameters")
            ],
            "cloud_workstation": row.cloud_workstation,
            "private": None if row.released == (capsule.status == "release") else row.released,
        }

    def _ways(self, row: schema.ComputationRow, tree: FileTree) -> Iterator[Fields]:
        """How it went, from the shortest way to say it to one that says everything."""
        files = {"files": trees.files_of(row.id, tree)}
        seconds, scenario = round(sum(stage.seconds for stage in row.plan.stages)), row.plan.scenario
        past: Fields | None = None
        if row.cloud_workstation:
            past = {"run_time": 0}
        elif scenario in self._scenarios and seconds <= MOST_SECONDS:
            past = {"run_time": seconds, "scenario": scenario}
        if past is not None:
            yield past
            if row.log is not None:
                yield past | {"log": row.log}
            yield past | files
        plan = {"plan": plan_fields(row.plan, row.created), "log": row.log}
        yield plan
        yield plan | files

    def _makes(self, row: schema.ComputationRow, tree: FileTree, run: SeedComputation, capsule: SeedCapsule) -> bool:
        """Whether a server that is told of the run has the same."""
        scenario = self._scenarios[run.scenario]
        made, left = run_of(self._db, run, capsule, scenario, row.owner)
        asked = {key: part for key, part in row.asked.items() if part is not None}
        same = replace(made, tree=row.tree, own_tree=row.own_tree)
        return left == tree and same == replace(row, asked=asked)

    def _tree(self, row: schema.ComputationRow) -> FileTree:
        """The files of a run; of a driven one that goes on, with its log so far."""
        tree = self._entities.tree(row.tree)
        going = queries.DRIVEN.get(self._db, row.id) if row.plan.driven else None
        if going is None:
            return tree
        before = tree.find(OUTPUT) or Binary(b"")
        end = b"".join(before.read(max(0, before.size - LOG_KEPT), before.size)) + going.tail
        return tree.with_files(FileTree((Entry(OUTPUT, Binary(end[-LOG_KEPT:])),)))

    def _find_capsule(self, key: str) -> SeedCapsule:
        row = queries.CAPSULES.get(self._db, key)
        if row is None:
            raise DamagedError(f"a run is of the capsule {key}, which is not there")
        return self._entities.capsule(row)
