"""Filling a world with believable records in bulk."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mock_server import ids
from mock_server.domain import sample_data
from mock_server.domain.access import EVERYONE, Role, group_subject
from mock_server.domain.files import Entry, FileTree
from mock_server.domain.generated_folders import SimulatedFolder
from mock_server.domain.naming import run_name
from mock_server.domain.sample_data import pick
from mock_server.domain.scenarios import BUILT_IN, past_run, ready_since
from mock_server.errors import BadRequestError
from mock_server.services import metadata
from mock_server.store import file_trees, queries, schema
from mock_server.store.search.optimize import merge
from mock_server.world import World

BATCH = 5000
"""How many records one transaction writes."""

SECONDS_APART = 60.0
FIRST = 1_500_000_000.0
"""When the first record of a world without any was created."""

TREES = 500
"""How many different contents data assets have."""

CAPSULES_THAT_RUN = 1000
SHARED_WITH_ALL = 0.3
SHARED_WITH_GROUP = 0.5
MAX_RUN_SECONDS = 20_000.0


def fill(world: World, *, data_assets: int, capsules: int, computations: int, random_seed: int) -> Iterator[int]:
    """Add so many records, and tell after each batch how many it held. The same seed gives the same records in a world
    that holds the same.

    Raises `BadRequestError` when there is no capsule that could be run.
    """
    making = _Populator(world, random_seed)
    yield from making.batches("capsule", capsules, making.capsule, queries.CAPSULES)
    making.see_capsules(needed=computations > 0)
    yield from making.batches("computation", computations, making.computation, queries.COMPUTATIONS)
    making.make_trees(needed=data_assets > 0)
    yield from making.batches("data asset", data_assets, making.data_asset, queries.DATA_ASSETS)
    if capsules + data_assets > BATCH:
        yield from _merge(world)


def _merge(world: World) -> Iterator[int]:
    """Bring the search index into one piece."""
    begin = more = True
    while more:
        with world.write():
            more = merge(world.db, begin=begin)
        begin = False
        yield 0


class _Populator:
    """Makes the rows of one filling."""

    def __init__(self, world: World, random_seed: int) -> None:
        self._world = world
        self._ids = ids.Ids(random_seed)
        self._users = [user.id for user in queries.all_users(world.db)]
        self._groups = sorted({name for user in queries.all_users(world.db) for name in user.groups})
        self._fields = metadata.fields(world) or sample_data.METADATA_FIELDS
        self._capsules: Sequence[schema.CapsuleRow] = ()
        self._trees: list[tuple[str, FileTree]] = []

    def batches(self, kind: str, count: int, make: Callable[..., Any], table: Any) -> Iterator[int]:
        """Write `count` rows of one kind, created one after the other."""
        now = self._world.clock.now()
        newest = queries.newest(self._world.db, table) or FIRST
        apart = max(0.001, min(SECONDS_APART, (now - newest) / (count + 1)))
        for start in range(0, count, BATCH):
            numbers = range(start, min(start + BATCH, count))
            with self._world.write():
                keys = [self._world.ids.uuid(number) for number in queries.reserve_ids(self._world.db, len(numbers))]
                made = []
                grants: list[schema.GrantRow] = []
                for number, key in zip(numbers, keys, strict=True):
                    draws = self._ids.draws(kind, str(number))
                    made.append(make(draws, key, newest + apart * (number + 1)))
                    grants += self._grants(draws, key) if kind != "computation" else []
                table.insert_many(self._world.db, made)
                queries.GRANTS.insert_many(self._world.db, grants)
                # No search is to wait until thousands of entries are written.
                self._world.db.index_all()
            yield len(numbers)

    def see_capsules(self, *, needed: bool) -> None:
        """Look up which capsules can be run, and data assets can come from."""
        self._capsules = queries.some_capsules(self._world.db, CAPSULES_THAT_RUN)
        if needed and not self._capsules:
            raise BadRequestError("there is no capsule that computations could be of; add some with --capsules")

    def make_trees(self, *, needed: bool) -> None:
        """Write the contents that data assets have."""
        if not needed:
            return
        with self._world.write():
            for number in range(TREES):
                draws = self._ids.draws("tree", str(number))
                files, size = int(10 ** draws.uniform(0, 5)), int(10 ** draws.uniform(3, 12))
                tree = FileTree((Entry("", SimulatedFolder(f"sample {number}", files, size)),))
                self._trees.append((file_trees.keep(self._world.db, tree), tree))

    def data_asset(self, draws: ids.SeededRandom, key: str, created: float) -> schema.DataAssetRow:
        """A data asset."""
        sample = sample_data.data_asset(draws, created, self._fields)
        more: dict[str, Any] = {"custom_metadata": dict(sorted(sample["metadata"].items()))}
        external = sample["type"] == "dataset" and draws.uniform(0, 1) < 0.2
        if external:
            more["source_bucket"] = {
                "origin": "aws",
                "bucket": "open-data",
                "prefix": sample["mount"],
                "external": True,
            }
        if sample["type"] == "result" and self._capsules:
            commit = f"{int(draws.uniform(0, 16**10)):040x}"
            more["provenance"] = {"capsule": pick(draws, self._capsules).id, "commit": commit, "run_script": "code/run"}
        name, tree = pick(draws, self._trees)
        plan = ready_since(created)
        return schema.DataAssetRow(
            id=key,
            name=sample["name"],
            mount=sample["mount"],
            owner=pick(draws, self._users, 2),
            created=created,
            last_used=0.0,
            type=sample["type"],
            description=sample["description"],
            tags=sample["tags"],
            archived=draws.uniform(0, 1) < 0.02,
            external=external,
            plan=plan,
            files=tree.files,
            size=tree.size,
            tree=name,
            more=more,
            settles=plan.ends_at,
        )

    def capsule(self, draws: ids.SeededRandom, key: str, created: float) -> schema.CapsuleRow:
        """A capsule."""
        sample = sample_data.capsule(draws)
        return schema.CapsuleRow(
            id=key,
            kind="capsule",
            slug=f"{int(draws.uniform(1_000_000, 10_000_000))}",
            name=sample["name"],
            owner=pick(draws, self._users, 2),
            created=created,
            last_accessed=None,
            status="non_release",
            description=sample["description"],
            tags=sample["tags"],
            archived=draws.uniform(0, 1) < 0.02,
            more={"field": sample["field"]},
            panel=[],
            page={},
            workspace={"git": {}, "release": {}},
            attached=[],
            processes=[],
            scenario="succeeds",
            tree=file_trees.NO_FILES,
            folder=None,
            templates={},
        )

    def computation(self, draws: ids.SeededRandom, key: str, created: float) -> schema.ComputationRow:
        """A run that has ended."""
        capsule = pick(draws, self._capsules, 2)
        scenario = BUILT_IN["computation"]["fails" if draws.uniform(0, 1) < 0.05 else "succeeds"]
        tree = capsule.tree if scenario.keeps_files else file_trees.NO_FILES
        seconds = draws.uniform(5, MAX_RUN_SECONDS) ** 0.8
        plan = past_run(scenario, created, seconds, leaves_files=tree != file_trees.NO_FILES)
        return schema.ComputationRow(
            id=key,
            capsule_id=capsule.id,
            kind=capsule.kind,
            owner=pick(draws, self._users, 2),
            created=created,
            name=run_name(created, with_parameters=False),
            plan=plan,
            asked={"parameters": [], "data_assets": [], "processes": []},
            log=scenario.log_of(pipeline=capsule.kind == "pipeline"),
            released=capsule.status == "release",
            cloud_workstation=False,
            tree=tree,
            own_tree=False,
            settles=plan.ends_at,
        )

    def _grants(self, draws: ids.SeededRandom, key: str) -> Iterator[schema.GrantRow]:
        drawn = draws.uniform(0, 1)
        if drawn < SHARED_WITH_ALL:
            yield schema.GrantRow(entity_id=key, subject=EVERYONE, role=int(Role.VIEWER))
        elif drawn < SHARED_WITH_GROUP and self._groups:
            yield schema.GrantRow(
                entity_id=key, subject=group_subject(pick(draws, self._groups)), role=int(Role.VIEWER)
            )
