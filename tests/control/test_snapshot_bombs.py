"""Snapshots that unfold to far more than they are: refused early, with little memory, and nothing stays behind."""

import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.store.snapshot import snapshots
from mock_server.store.snapshot.snapshots import MAGIC, MAX_CONTENT, MAX_RATIO, RATIO_FROM
from tests.conftest import Client, Server
from tests.control.conftest import Plane, started
from tests.control.test_bodies_that_are_too_large import Raw
from tests.control.test_snapshots import exported, names
from tests.process import Process
from tests.process import started as server_started

MEGABYTE = 1024**2


def headed(length: int, body: bytes, hash_: str = "0" * 64) -> bytes:
    """A snapshot's file that says that it unfolds to `length` bytes."""
    head = {"format": 1, "schema_version": 7, "release": "0.1.0", "world": "default", "saved": 1.0}
    return MAGIC + json.dumps(head | {"length": length, "hash": hash_}).encode() + b"\n" + body


def zeros(megabytes: int, *, said: int | None = None) -> bytes:
    """A snapshot of nothing but zeros; `said` are the bytes that its head tells of."""
    squeeze, digest = zlib.compressobj(9), hashlib.sha256()
    parts = []
    for _ in range(megabytes):
        digest.update(bytes(MEGABYTE))
        parts.append(squeeze.compress(bytes(MEGABYTE)))
    body = b"".join([*parts, squeeze.flush()])
    return headed(megabytes * MEGABYTE if said is None else said, body, digest.hexdigest())


def peak_of(server: Process) -> int:
    """The most memory that a server ever had, in MB."""
    status = Path(f"/proc/{server.popen.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) // 1024


def leftovers(folder: Path) -> list[str]:
    here = f".{os.getpid()}-"
    return [path.name for path in folder.glob("*.new") if here in path.name]


RATIO = f"the snapshot unfolds to more than {MAX_RATIO} times its size"
LENGTH = "the snapshot is damaged: it is too short or too long"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_bomb_costs_neither_memory_nor_disk(tmp_path: Path) -> None:
    honest = zeros(512)
    assert len(honest) < MEGABYTE
    with server_started("--data-dir", str(tmp_path)) as server, Plane(server.url) as plane:
        plane.ask("PUT", "/worlds/default/snapshots/good", 201)
        before = peak_of(server)
        assert plane.refused("PUT", "/snapshots/bomb/file", 413, content=honest) == RATIO
        lying = zeros(512, said=MEGABYTE)
        assert plane.refused("PUT", "/snapshots/bomb/file", content=lying) == LENGTH
        (tmp_path / "snapshots" / "planted.snapshot").write_bytes(honest)
        assert plane.refused("POST", "/worlds/default/snapshots/planted/load", 413) == RATIO
        assert plane.refused("POST", "/worlds", 413, json={"name": "w", "snapshot": "planted"}) == RATIO
        assert peak_of(server) - before < 100
        assert {path.name for path in (tmp_path / "snapshots").iterdir()} == {"good.snapshot", "planted.snapshot"}


@pytest.mark.parametrize("folder", [True, False], ids=["on disk", "in memory"])
def test_a_bomb_is_refused_as_soon_as_its_head_is_there(
    start: Callable[..., Server], tmp_path: Path, folder: bool
) -> None:
    cases = (
        (headed(MAX_CONTENT + 1, b""), 413, f"the snapshot unfolds to more than {MAX_CONTENT} bytes"),
        (b"no snapshot at all\n", 400, "the file is not a snapshot of codeocean-mock"),
        (MAGIC + b"x" * 5000, 400, "the snapshot is damaged: its head cannot be read"),
    )
    with Plane(start(data_dir=tmp_path / "data" if folder else None).url) as plane:
        for head, expected, message in cases:
            connection = Raw(plane.url)
            connection.head("PUT", "/_mock/snapshots/s/file", "Transfer-Encoding: chunked")
            connection.socket.sendall(b"%x\r\n%s\r\n" % (len(head), head))
            assert connection.send_until_answered(bytes(65536), 200 * MEGABYTE) < 100 * MEGABYTE
            status, answer = connection.answer()
            assert (status, message in answer) == (expected, True)
            connection.socket.close()
        bomb = Raw(plane.url)
        bomb.head("PUT", "/_mock/snapshots/s/file", "Content-Length: 5000")
        bomb.socket.sendall(headed(RATIO_FROM + 1, b""))
        status, answer = bomb.answer()
        assert (status, RATIO in answer) == (413, True)
        bomb.socket.close()
        assert names(plane) == []
    assert leftovers(tmp_path / "data" / "snapshots") == leftovers(Path(tempfile.gettempdir())) == []


def test_a_world_of_zeros_can_be_saved_and_loaded(
    monkeypatch: pytest.MonkeyPatch, client: Client, plane: Plane
) -> None:
    """Whatever is saved is within the limits of what is loaded."""
    monkeypatch.setattr(snapshots, "RATIO_FROM", 10_000)
    monkeypatch.setattr(snapshots, "MAX_RATIO", 2)
    run = started(client)
    plane.ask("PUT", "/worlds/default/snapshots/s", 201)
    client.ask("DELETE", f"/computations/{run}", 204)
    plane.ask("POST", "/worlds/default/snapshots/s/load")
    client.ask("GET", f"/computations/{run}")
    plane.ask("PUT", "/snapshots/t/file", 201, content=exported(plane, "s"))


def test_a_server_in_memory_leaves_no_file_behind(client: Client, plane: Plane) -> None:
    started(client)
    plane.ask("PUT", "/worlds/default/snapshots/s", 201)
    plane.ask("POST", "/worlds/default/snapshots/s/load")
    plane.ask("POST", "/worlds", 201, json={"name": "w", "snapshot": "s"})
    plane.ask("PUT", "/snapshots/t/file", 201, content=exported(plane, "s"))
    assert leftovers(Path(tempfile.gettempdir())) == []
