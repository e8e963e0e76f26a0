"""Snapshots over HTTP: a world is as it was saved, on this server or another, and broken files are refused."""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.store.database import APPLICATION_ID, SCHEMA_VERSION
from tests import ids
from tests.conftest import START, USER, Client, HandClock, Server
from tests.control.changing import Doings, steer
from tests.control.conftest import Plane, World, asset_of, bytes_of, ended, started
from tests.control.dumping import control, dump

MAGIC = b"codeocean-mock snapshot\n"


def parts_of(file: bytes) -> tuple[dict[str, Any], bytes]:
    """What a snapshot's file says of itself, and its database."""
    assert file.startswith(MAGIC)
    head, _, body = file[len(MAGIC) :].partition(b"\n")
    return json.loads(head), zlib.decompress(body)


def file_of(head: dict[str, Any], image: bytes) -> bytes:
    """A whole file, its length and hash as they have to be."""
    told = head | {"length": len(image), "hash": hashlib.sha256(image).hexdigest()}
    return MAGIC + json.dumps(told).encode() + b"\n" + zlib.compress(image)


def exported(plane: Plane, name: str) -> bytes:
    answer = plane.get(f"/snapshots/{name}/file")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    return answer.content


def names(plane: Plane) -> list[str]:
    return [snapshot["name"] for snapshot in plane.ask("GET", "/snapshots")["snapshots"]]


@pytest.mark.slow
def test_loading_puts_back_everything(client: Client, plane: Plane, world: World, clock: HandClock) -> None:
    steer(world)
    doings = Doings(client, world)
    doings.all()
    before, steered = dump(client), control(world)
    world.ask("PUT", "/snapshots/s", 201)
    assert (dump(client), control(world)) == (before, steered)
    clock.advance(1000)
    doings.all()
    world.load("version: 1\nscenarios: []")
    world.ask("DELETE", "/faults", 204)
    world.advance(by="100d")
    assert dump(client) != before
    shown = world.ask("POST", "/snapshots/s/load")
    assert shown["clock"]["now"] == steered["info"]["clock"]["now"]
    after = control(world)
    after["info"]["clock"]["ahead"] = steered["info"]["clock"]["ahead"]
    assert after == steered
    assert dump(client) == before


def test_what_comes_after_a_load_is_what_came_after_the_save(client: Client, world: World) -> None:
    """Ids, draws and counts go on from where they were."""
    steer(world)
    started(client)
    world.ask("PUT", "/snapshots/s", 201)
    first, again = Doings(client, world), Doings(client, world)
    first.all()
    world.ask("POST", "/snapshots/s/load")
    again.all()
    assert first.answers == again.answers


def test_the_journal_starts_anew(client: Client, world: World) -> None:
    run = started(client)
    world.ask("PUT", "/snapshots/s", 201)
    assert world.ask("GET", "/journal")["last"] == 1
    world.ask("POST", "/snapshots/s/load")
    assert world.ask("GET", "/journal") == {"requests": [], "dropped": 0, "last": 0}
    client.ask("GET", f"/computations/{run}")
    assert world.ask("GET", "/journal")["last"] == 1


@pytest.mark.parametrize(
    ("wish", "later"),
    [
        ({"mode": "wall"}, START + 5),
        ({"mode": "frozen"}, START),
        ({"mode": "scaled", "scale": 10}, START + 50),
        ({"mode": "skipping"}, START),
        ({"mode": "offset", "offset": 100}, START + 105),
    ],
    ids=str,
)
def test_a_clock_goes_on_from_where_it_stood(
    client: Client, world: World, clock: HandClock, wish: dict[str, Any], later: float
) -> None:
    world.ask("PUT", "/clock", json=wish)
    clock.advance(5)
    saved = world.ask("PUT", "/snapshots/s", 201)
    assert saved["saved"] == later
    clock.advance(10**6)
    world.ask("POST", "/snapshots/s/load")
    shown = world.ask("GET", "/clock")
    assert shown["now"] == later
    assert shown["scale"] == {"wall": 1, "offset": 1}.get(wish["mode"], wish.get("scale", 0))
    clock.advance(2)
    assert world.ask("GET", "/clock")["now"] == later + 2 * shown["scale"]


def test_faults_and_scenarios_keep_what_they_had_counted(client: Client, world: World) -> None:
    world.ask("POST", "/faults", 201, json={"name": "f", "operation": "get_capsule", "status": 500, "nth": 2})
    world.load("version: 1\nscenarios: [{name: second, when: {name: '*', nth: 2}}]")
    client.ask("GET", f"/capsules/{ids.CAPSULE}")
    started(client)
    world.ask("PUT", "/snapshots/s", 201)
    for _ in range(2):
        client.ask("GET", f"/capsules/{ids.CAPSULE}", 500)
        client.ask("GET", f"/capsules/{ids.CAPSULE}")
        assert world.ask("GET", f"/computations/{started(client)}")["scenario"] == "second"
        world.ask("POST", "/snapshots/s/load")


def test_what_a_snapshot_says_of_itself(client: Client, plane: Plane, world: World) -> None:
    world.ask("PUT", "/clock", json={"mode": "frozen", "at": START + 7})
    saved = world.ask("PUT", "/snapshots/b", 201)
    plane.ask("POST", "/worlds", 201, json={"name": "w"})
    other = plane.ask("PUT", "/worlds/w/snapshots/a", 201)
    assert plane.ask("GET", "/snapshots") == {"snapshots": [other, saved]}
    assert (saved["name"], saved["world"], saved["saved"]) == ("b", "default", START + 7)
    file = exported(plane, "b")
    head, image = parts_of(file)
    assert (saved["size"], saved["hash"]) == (len(file), hashlib.sha256(image).hexdigest())
    assert head["schema_version"] == SCHEMA_VERSION
    assert saved["release"] == head["release"] == plane.ask("GET", "/health")["version"]


def test_saving_anew_and_deleting(client: Client, plane: Plane, world: World) -> None:
    world.ask("PUT", "/snapshots/s", 201)
    run = started(client)
    world.ask("PUT", "/snapshots/s", 201)
    client.ask("DELETE", f"/computations/{run}", 204)
    world.ask("POST", "/snapshots/s/load")
    client.ask("GET", f"/computations/{run}")
    assert names(plane) == ["s"]
    plane.ask("DELETE", "/snapshots/s", 204)
    assert names(plane) == []
    assert world.refused("POST", "/snapshots/s/load", 404) == "there is no snapshot called s"
    assert plane.refused("POST", "/worlds", 404, json={"name": "w", "snapshot": "s"}) == "there is no snapshot called s"
    client.ask("GET", f"/computations/{run}")


@pytest.mark.slow
def test_a_world_from_a_snapshot(client: Client, plane: Plane, world: World, clock: HandClock) -> None:
    steer(world)
    Doings(client, world).all()
    world.ask("PUT", "/snapshots/s", 201)
    clock.advance(100)
    plane.ask("POST", "/worlds", 201, json={"name": "w", "snapshot": "s"})
    there = client.speaking_as(f"{USER}@w")
    assert dump(there) == dump(client)
    run = started(there)
    client.ask("GET", f"/computations/{run}", 404)
    wish = {"name": "v", "snapshot": "s", "clock": {"mode": "scaled", "scale": 2, "at": "2040-01-01"}}
    made = plane.ask("POST", "/worlds", 201, json=wish)["clock"]
    assert (made["mode"], made["iso"]) == ("scaled", "2040-01-01T00:00:00.000Z")


@pytest.mark.slow
def test_a_reset_after_a_load_puts_back_the_seed(client: Client, plane: Plane, world: World) -> None:
    before, steered = dump(client), control(world)
    steer(world)
    Doings(client, world).all()
    world.ask("PUT", "/snapshots/s", 201)
    world.ask("POST", "/snapshots/s/load")
    world.ask("POST", "/reset")
    assert (dump(client), control(world)) == (before, steered)
    assert names(plane) == ["s"]


@pytest.mark.slow
def test_another_server_takes_it_in(
    client: Client, plane: Plane, world: World, start: Callable[..., Server], tmp_path: Path
) -> None:
    steer(world)
    Doings(client, world).all()
    asset = asset_of(client)
    saved = world.ask("PUT", "/snapshots/s", 201)
    # The first address is the one of `server`, and takes the place of it.
    file, before, steered = exported(plane, "s"), dump(client), control(world)
    url = start(seed="empty", random_seed=99, data_dir=tmp_path / "data").url
    with Plane(url) as other, Client(url) as there:
        assert other.ask("PUT", "/snapshots/taken/file", 201, content=file) == saved | {"name": "taken"}
        assert exported(other, "taken") == file
        other.ask("POST", "/worlds/default/snapshots/taken/load")
        assert dump(there) == before
        assert control(other.of("default")) == steered
        other.of("default").advance(by="1m")
        assert there.ask("GET", f"/data_assets/{asset}")["state"] == "ready"


def test_snapshots_are_there_after_a_restart(start: Callable[..., Server], tmp_path: Path) -> None:
    settings = {"data_dir": tmp_path / "data"}
    server = start(**settings)
    with Plane(server.url) as plane, Client(server.url) as client:
        run = started(client)
        ended(client, plane.of("default"), run)
        content = bytes_of(client, run, "table.csv")
        saved = plane.ask("PUT", "/worlds/default/snapshots/s", 201)
        client.ask("DELETE", f"/computations/{run}", 204)
    server.app.worlds.close()
    again = start(**settings).url
    with Plane(again) as plane, Client(again) as client:
        assert plane.ask("GET", "/snapshots")["snapshots"] == [saved]
        client.ask("GET", f"/computations/{run}", 404)
        plane.ask("POST", "/worlds/default/snapshots/s/load")
        assert bytes_of(client, run, "table.csv") == content
    last = start(**settings).url
    with Client(last) as client:
        assert bytes_of(client, run, "table.csv") == content


def another_database(owner: int, version: int) -> bytes:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("CREATE TABLE notes (text)")
    db.execute(f"PRAGMA application_id = {owner}")
    db.execute(f"PRAGMA user_version = {version}")
    image = db.serialize()
    db.close()
    return image


def without_a_world(image: bytes) -> bytes:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.deserialize(image)
    db.execute("DELETE FROM world")
    emptied = db.serialize()
    db.close()
    return emptied


def broken(file: bytes) -> dict[str, tuple[bytes, str]]:
    """Files that are none, and what is said of each."""
    head, image = parts_of(file)
    damaged = bytearray(file)
    damaged[len(file) // 2] ^= 1
    page = bytearray(image)
    page[4096:8192] = bytes(4096)

    def headed(**changes: object) -> bytes:
        told = {key: value for key, value in (head | changes).items() if value is not None}
        return MAGIC + json.dumps(told).encode() + b"\n" + zlib.compress(image)

    unreadable = "the snapshot is damaged: its head cannot be read"
    newer = "the snapshot was made by release 9.9, which is newer than this one"
    size = "the snapshot is damaged: it is too short or too long"
    return {
        "nothing": (b"", "the file is not a snapshot of codeocean-mock"),
        "text": (b"just some text\n" * 50, "the file is not a snapshot of codeocean-mock"),
        "a database": (image, "the file is not a snapshot of codeocean-mock"),
        "the first line": (MAGIC, unreadable),
        "no end of the head": (MAGIC + b"{" * 10_000, unreadable),
        "a deep head": (MAGIC + b"[" * 4000 + b"\n", unreadable),
        "a head that is a list": (MAGIC + b"[]\n", unreadable),
        "no name": (headed(world=None), unreadable),
        "a length below 0": (headed(length=-1), unreadable),
        "an endless length": (headed(length=float("inf")), unreadable),
        "a time that is none": (headed(saved=float("nan")), unreadable),
        "a hash that is a number": (headed(hash=7), unreadable),
        "a half": (file[: len(file) // 2], size),
        "all but a byte": (file[:-1], size),
        "a byte more": (file + b"x", size),
        "twice": (file + file, size),
        "a shorter length": (headed(length=5), size),
        "a longer length": (headed(length=len(image) + 1), size),
        "another hash": (headed(hash="0" * 64), "the snapshot is damaged: its hash does not fit its content"),
        "a changed byte": (bytes(damaged), "the snapshot is damaged: "),
        "no zlib": (file.partition(b"}\n")[0] + b"}\nno", "the snapshot is damaged: its content cannot be unfolded"),
        "a newer form": (headed(format=3, release="9.9"), newer),
        "a newer schema": (headed(schema_version=SCHEMA_VERSION + 1, release="9.9"), newer),
        "a newer database": (
            file_of(head, another_database(APPLICATION_ID, SCHEMA_VERSION + 1)),
            "the snapshot cannot be used: the image holds schema version",
        ),
        "no world": (file_of(head, without_a_world(image)), "the snapshot cannot be used: there is no world in it"),
        "another program's": (file_of(head, another_database(7, 1)), "the snapshot cannot be used: the image holds"),
        "no database": (file_of(head, b"just some text" * 500), "the snapshot cannot be used: the database in it"),
        "an empty database": (file_of(head, b""), unreadable),
        "a damaged page": (file_of(head, bytes(page)), "the snapshot cannot be used: the database in it"),
    }  # fmt: skip


def test_broken_files_are_refused_with_a_reason(client: Client, plane: Plane, world: World) -> None:
    started(client)
    saved = world.ask("PUT", "/snapshots/good", 201)
    file = exported(plane, "good")
    assert plane.ask("PUT", "/snapshots/again/file", 201, content=file)["hash"] == saved["hash"]
    for what, (content, message) in broken(file).items():
        for name in ("new", "good"):
            told = plane.refused("PUT", f"/snapshots/{name}/file", content=content)
            assert told.startswith(message), (what, told)
    assert names(plane) == ["again", "good"]
    assert exported(plane, "good") == file


def test_broken_files_in_the_folder_are_not_listed_and_not_loaded(start: Callable[..., Server], tmp_path: Path) -> None:
    url = start(data_dir=tmp_path).url
    with Plane(url) as plane, Client(url) as client:
        run = started(client)
        plane.ask("PUT", "/worlds/default/snapshots/good", 201)
        folder = tmp_path / "snapshots"
        file = (folder / "good.snapshot").read_bytes()
        (folder / "cut.snapshot").write_bytes(file[:-100])
        (folder / "text.snapshot").write_text("text")
        (folder / "ü b.snapshot").write_bytes(file)
        (folder / "good.123.new").write_bytes(file[:500])
        (folder / "folder.snapshot").mkdir()
        assert [name for name in names(plane) if name != "cut"] == ["good"]
        for name in ("cut", "text"):
            assert plane.refused("POST", f"/worlds/default/snapshots/{name}/load").startswith("the ")
            assert plane.refused("POST", "/worlds", json={"name": "w", "snapshot": name}).startswith("the ")
        plane.refused("POST", "/worlds/default/snapshots/folder/load", 404)
        client.ask("GET", f"/computations/{run}")
        assert [shown["name"] for shown in plane.ask("GET", "/worlds")["worlds"]] == ["default"]


def test_a_folder_that_cannot_be_written(start: Callable[..., Server], tmp_path: Path) -> None:
    url = start(data_dir=tmp_path).url
    (tmp_path / "snapshots").write_text("in the way")
    with Plane(url) as plane:
        message = plane.refused("PUT", "/worlds/default/snapshots/s", 503)
        assert message.startswith("the snapshot cannot be written: ")
        assert names(plane) == []
