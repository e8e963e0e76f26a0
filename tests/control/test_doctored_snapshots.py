"""Snapshots with a right hash and a world in them that no server has made: each is refused with table, row and reason
before anything is replaced, and a world that cannot be read breaks no list.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.errors import NotFoundError
from mock_server.settings import Settings
from mock_server.store.snapshot.foreign_database import fresh_schema
from mock_server.world_check.rows import ROWS
from mock_server.worlds import Worlds
from tests import ids
from tests.conftest import Client, Server
from tests.control.changing import Doings, steer
from tests.control.conftest import Plane, World
from tests.control.dumping import control, dump
from tests.control.test_snapshots import exported, file_of, names, parts_of


def operated(file: bytes, *statements: str) -> bytes:
    """A snapshot whose database was changed by hand, with the hash that belongs to it."""
    head, image = parts_of(file)
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.deserialize(image)
    for statement in statements:
        db.execute(statement)
    changed = db.serialize()
    db.close()
    assert changed != image
    return file_of(head, changed)


CAPSULE = f"table capsule, row {ids.CAPSULE}"
ASSET = f"table dataasset, row {ids.IRIS}"
RUN = f"table computation, row {ids.PAST_RUN}"

DOCTORED = {
    "a table is missing": ("DROP TABLE favorite", "table favorite is missing"),
    "a table more": ("CREATE TABLE notes (text)", "table notes is not known"),
    "a table of another name": ("ALTER TABLE fault RENAME TO faults", "table fault is missing"),
    "a column is missing": ("ALTER TABLE capsule DROP COLUMN slug", "table capsule: column slug is missing"),
    "a column more": ("ALTER TABLE user ADD COLUMN age INTEGER", "table user: column age is not known"),
    "an index is missing": ("DROP INDEX ix_dataasset_settles", "index ix_dataasset_settles is missing"),
    "an index more": ("CREATE INDEX ix ON capsule (name)", "index ix is not known"),
    "a trigger is missing": ("DROP TRIGGER capsule_insert_is_seen", "trigger capsule_insert_is_seen is missing"),
    "a trigger more": (
        "CREATE TRIGGER t AFTER INSERT ON computation BEGIN DELETE FROM user; END",
        "trigger t is not known",
    ),
    "a view": ("CREATE VIEW v AS SELECT 1", "view v is not known"),
    "an index of searches that is damaged": ("DELETE FROM term_data", "the database in it cannot be used"),
    "a job of an unknown kind": (
        "INSERT INTO objectjob VALUES ('a', 'burn', '{}', 0)",
        "table objectjob, row a: kind: must be",
    ),
    "a job without a source": (
        """INSERT INTO objectjob VALUES ('a', 'copy', '{"target": {"bucket": "b"}}', 0)""",
        "table objectjob, row a: has no source",
    ),
    "a job without a target": ("INSERT INTO objectjob VALUES ('a', 'capture', '{}', 0)", "has no target"),
    "objects nowhere": (
        f"""UPDATE dataasset SET more = '{{"objects": {{"prefix": "p"}}}}' WHERE id = '{ids.IRIS}'""",
        f"{ASSET}: more.objects.bucket: is missing",
    ),
    "an object that searches do not find": (
        f"DELETE FROM entry WHERE id = '{ids.CAPSULE}'",
        f"table entry, row {ids.CAPSULE}: is missing",
    ),
    "a number that is text": ("UPDATE entry SET created = 'x'", "created: must be a whole number"),
    "a count of renumberings that is bytes": ("UPDATE moves SET count = x'ff00'", "table moves"),
    "two counts of renumberings": ("INSERT INTO moves VALUES (3)", "table moves: stands twice"),
    "no count of renumberings": ("DELETE FROM moves", "table moves: is missing"),
    "an entry to be written that is a number": ("INSERT INTO stale VALUES (x'ff')", "table stale"),
    "a mark that cannot be raised": ("UPDATE block SET mark = 9223372036854775807", "table block, row 0: mark"),
    "ids that end": ("UPDATE world SET ids_given = 9223372036854775800", "table world, row 1: ids_given"),
    "an entry at the end of the numbers": (
        "UPDATE entry SET doc = 9223372036854775807 WHERE doc = (SELECT max(doc) FROM entry)",
        "doc",
    ),
    "a run of the year 285,428,751": (
        f"UPDATE computation SET created = 9007199254740992.0 WHERE id = '{ids.PAST_RUN}'",
        f"{RUN}: created",
    ),
    "no world": ("DELETE FROM world", "there is no world in it"),
    "another world": ("UPDATE world SET id = 2", "table world, row 2: id: "),
    "no clock": ("UPDATE world SET clock_virtual = 9e999", "table world, row 1: clock_virtual: "),
    "a clock after the last time": ("UPDATE world SET clock_virtual = 1e300", "table world, row 1: clock_virtual: "),
    "a clock that runs backwards": ("UPDATE world SET clock_scale = -1", "table world, row 1: clock_scale: "),
    "a clock of bytes": ("UPDATE world SET clock_real = x'00ff'", "table world, row 1: clock_real: "),
    "an origin that is none": ("UPDATE world SET origin = '{'", "table world, row 1: origin: is not valid JSON"),
    "an origin with another clock": (
        "UPDATE world SET origin = json_set(origin, '$.clock', json('{\"mode\": \"lunar\"}'))",
        "table world, row 1: origin.clock.mode: ",
    ),
    "custom metadata of another kind": (
        """UPDATE world SET custom_metadata = '{"fields": [{"name": "n", "type": "colour"}]}'""",
        "table world, row 1: custom_metadata.fields.0.type: ",
    ),
    "a user that is half an administrator": ("UPDATE user SET admin = 7", "admin: must be 0 or 1"),
    "groups that are no list": ("UPDATE user SET groups = '{}'", "groups: must be a list"),
    "a scope that does not exist": ("""UPDATE token SET scopes = '["all"]'""", "scopes.0: must be "),
    "a token of nobody": ("UPDATE token SET user_id = 'nobody'", "user_id is nobody, which does not exist"),
    "a role that does not exist": ('UPDATE "grant" SET role = 9', "role: must be 1, 2, 3 or 4"),
    "a role that is none": ('UPDATE "grant" SET role = 0', "role: must be 1, 2, 3 or 4"),
    "everyone an editor": (
        """UPDATE "grant" SET role = 3, subject = 'everyone' WHERE rowid = (SELECT min(rowid) FROM "grant")""",
        "everyone can be viewer or discoverable",
    ),
    "a user to whom something is discoverable": (
        f"INSERT OR REPLACE INTO \"grant\" VALUES ('{ids.IRIS}', 'user:demo-viewer@example.com', 1)",
        "a user can be owner, editor or viewer",
    ),
    "a subject that is none": ("""UPDATE "grant" SET subject = 'x' || rowid""", "subject: must match"),
    "a role on nothing": ("""UPDATE "grant" SET entity_id = '9' || rowid""", "entity_id is 9"),
    "a capsule of nobody": (
        f"UPDATE capsule SET owner = 'x' WHERE id = '{ids.CAPSULE}'",
        f"{CAPSULE}: owner is x, which does not exist",
    ),
    "tags that are no JSON": (
        f"UPDATE capsule SET tags = '[' WHERE id = '{ids.CAPSULE}'",
        f"{CAPSULE}: tags: is not valid JSON",
    ),
    "a panel with a pattern that is none": (
        """UPDATE capsule SET panel = '[{"name": "p", "type": "text", "pattern": "("}]'""",
        "panel.0.pattern: is not a regular expression",
    ),
    "something attached that does not exist": (
        f"""UPDATE capsule SET attached = '[{{"id": "x", "mount": "m"}}]' WHERE id = '{ids.CAPSULE}'""",
        f"{CAPSULE}: attached is x, which does not exist",
    ),
    "files that do not exist": (
        f"UPDATE capsule SET tree = 'x' WHERE id = '{ids.CAPSULE}'",
        f"{CAPSULE}: tree is x, which does not exist",
    ),
    "a field of a capsule that is not known": (
        f"""UPDATE capsule SET more = '{{"colour": 1}}' WHERE id = '{ids.CAPSULE}'""",
        f"{CAPSULE}: more.colour: ",
    ),
    "a run of nothing": (
        f"UPDATE computation SET capsule_id = 'x' WHERE id = '{ids.PAST_RUN}'",
        f"{RUN}: capsule_id is x, which does not exist",
    ),
    "a plan that is none": (
        f"UPDATE computation SET plan = '[]' WHERE id = '{ids.PAST_RUN}'",
        f"{RUN}: plan: ",
    ),
    "a plan with stages of something else": (
        """UPDATE computation SET plan = json_set(plan, '$.stages', json('[["draft", 1]]'))""",
        "plan: the stages are not initializing, running, finalizing, in this order",
    ),
    "a plan with an end of something else": (
        f"UPDATE computation SET plan = json_set(plan, '$.end[0]', 'ready') WHERE id = '{ids.PAST_RUN}'",
        f"{RUN}: plan: the end is not completed or failed",
    ),
    "a plan that goes backwards": (
        f"UPDATE computation SET plan = json_set(plan, '$.stages[0][1]', -5) WHERE id = '{ids.PAST_RUN}'",
        f"{RUN}: plan.stages.0.1: ",
    ),
    "a run that asked for nothing": (
        f"UPDATE computation SET asked = '{{}}' WHERE id = '{ids.PAST_RUN}'",
        f"{RUN}: asked.parameters: is missing",
    ),
    "custom metadata that no float holds": (
        f"""UPDATE dataasset SET more = '{{"custom_metadata": {{"n": {10**390}}}}}' WHERE id = '{ids.IRIS}'""",
        f"{ASSET}: more.custom_metadata.n",
    ),
    "a size below zero": (f"UPDATE dataasset SET size = -1 WHERE id = '{ids.IRIS}'", f"{ASSET}: size: "),
    "metadata that is no object": (
        f"""UPDATE dataasset SET more = '{{"custom_metadata": 5}}' WHERE id = '{ids.IRIS}'""",
        f"{ASSET}: more.custom_metadata: ",
    ),
    "a file without content": ("""UPDATE tree SET entries = '[{"path": "x"}]'""", "entries.0."),
    "a file with broken base64": (
        """UPDATE tree SET entries = '[{"path": "x", "base64": "a"}]'""",
        "entries.0: Invalid base64",
    ),
    "a scenario of another kind": (
        "INSERT INTO scenario VALUES (1, 's', 'computation', '{\"name\": \"s\", \"kind\": \"storm\"}', '', 0)",
        "table scenario, row 1: spec: ",
    ),
    "a scenario like one that does not exist": (
        "INSERT INTO scenario VALUES (1, 's', 'computation', '{\"name\": \"s\", \"like\": \"t\"}', '', 0)",
        "table scenario: refers to ",
    ),
    "a fault that does nothing": (
        """INSERT INTO fault VALUES (1, '{"name": "f", "spec": {"nth": 1}, "set_at": 0, "seen": 0, "applied": 0}')""",
        "table fault, row 1: state.spec: does nothing",
    ),
    "a fault that has counted half a request": (
        """INSERT INTO fault VALUES
            (1, '{"name": "f", "spec": {"status": 500}, "set_at": 0, "seen": 0.5, "applied": 0}')""",
        "table fault, row 1: state.seen: ",
    ),
}  # fmt: skip


@pytest.mark.slow
def test_a_world_that_no_server_has_made_is_not_imported(plane: Plane, world: World) -> None:
    world.ask("PUT", "/snapshots/good", 201)
    file = exported(plane, "good")
    for what, (statement, reason) in DOCTORED.items():
        message = plane.refused("PUT", "/snapshots/bad/file", content=operated(file, statement))
        assert message.startswith("the snapshot cannot be used: "), (what, message)
        assert reason in message, (what, message)
        assert "\n" not in message
    assert names(plane) == ["good"]


@pytest.mark.slow
def test_a_doctored_snapshot_in_the_folder_replaces_nothing(start: Callable[..., Server], tmp_path: Path) -> None:
    with Plane(start(data_dir=tmp_path).url) as plane, Client(plane.url) as client:
        world = plane.of("default")
        Doings(client, world).all()
        # What has no entry in the search index yet may lack one.
        client.ask("POST", "/data_assets/search", json={})
        world.ask("PUT", "/snapshots/good", 201)
        before, steered = dump(client), control(world)
        file = exported(plane, "good")
        for what, (statement, reason) in DOCTORED.items():
            (tmp_path / "snapshots" / "bad.snapshot").write_bytes(operated(file, statement))
            for path, body in (
                ("/worlds/default/snapshots/bad/load", None),
                ("/worlds", {"name": "w", "snapshot": "bad"}),
            ):
                assert reason in plane.refused("POST", path, json=body), what
        assert (dump(client), control(world)) == (before, steered)
        assert [listed["name"] for listed in plane.ask("GET", "/worlds")["worlds"]] == ["default"]
        assert {path.name for path in (tmp_path / "snapshots").iterdir()} == {"good.snapshot", "bad.snapshot"}


def test_whatever_a_world_has_gone_through_its_snapshot_is_taken(client: Client, plane: Plane, world: World) -> None:
    steer(world)
    Doings(client, world).all()
    world.ask("PUT", "/snapshots/s", 201)
    world.ask("POST", "/snapshots/s/load")
    assert world.ask("PUT", "/snapshots/t", 201)["world"] == "default"
    plane.ask("PUT", "/snapshots/u/file", 201, content=exported(plane, "t"))


DAMAGES = {
    "the row of the world is gone": "DELETE FROM world",
    "its origin is no JSON": "UPDATE world SET origin = '{'",
    "its origin tells no seed": "UPDATE world SET origin = '{}'",
    "a table is gone": "DROP TABLE token",
    "a token of nobody": "UPDATE token SET user_id = 'nobody'",
    "plans that are none": "UPDATE computation SET plan = 'x', settles = 1e12",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_world_that_cannot_be_read_is_listed_with_its_problem(
    start: Callable[..., Server], tmp_path: Path, damage: str
) -> None:
    with Plane(start(data_dir=tmp_path).url) as plane:
        plane.ask("POST", "/worlds", 201, json={"name": "w"})
        db = sqlite3.connect(tmp_path / "default.sqlite", isolation_level=None)
        db.execute(damage)
        db.close()
        default, other = plane.ask("GET", "/worlds")["worlds"]
        assert (default["name"], other["name"]) == ("default", "w")
        assert default["problem"].startswith("it cannot be read: ")
        assert "\n" not in default["problem"]
        assert other["problem"] is None
        assert other["counts"]["capsules"] > 0
        with Client(plane.url) as browser:
            page = browser.get(f"{plane.url}/_ui/worlds/w/worlds")
        assert page.status_code == 200
        assert "it cannot be read: " in page.text


def test_a_world_that_is_dropped_while_its_snapshot_is_read_stays_gone() -> None:
    async def dropped_meanwhile(worlds: Worlds) -> None:
        world = worlds.create("w")
        worlds.save(world, "s")
        loading = asyncio.ensure_future(worlds.load(world, "s"))
        await asyncio.sleep(0)
        assert not loading.done()
        worlds.drop("w")
        with pytest.raises(NotFoundError, match="there is no world called w"):
            await loading

    worlds = Worlds(Settings(data_dir=None, random_seed=7))
    asyncio.run(dropped_meanwhile(worlds))
    assert [world.name for world in worlds.all()] == ["default"]
    worlds.close()


def test_every_table_of_a_world_is_checked() -> None:
    """The search's own tables below `term` are FTS5's, which checks them itself."""
    assert {name for name in fresh_schema().tables if not name.startswith("term")} == set(ROWS)
