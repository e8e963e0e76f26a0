"""Files beside the database: shared, removed when nothing refers to them, part of snapshots."""

import io
from pathlib import Path

import httpx
import pytest

from mock_server import MockCodeOcean
from mock_server.client import CodeOceanServer, CodeOceanWorld, ControlError
from tests import ids
from tests.control.test_driven_runs import BIG, DRIVEN
from tests.process import until


def finished(world: CodeOceanWorld, content: bytes = BIG) -> str:
    """A run that has left a large file."""
    from codeocean.computation import RunParams

    world.control.load_scenarios(DRIVEN)
    run: str = world.client.computations.run_capsule(RunParams(capsule_id=ids.CAPSULE)).id
    world.computation(run).finish(results={"deep/big": content})
    return run


def read(world: CodeOceanWorld, run: str) -> bytes:
    urls = world.client.computations.get_result_file_urls(run, "deep/big")
    return httpx.get(urls.download_url).raise_for_status().content


def stored(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and len(path.name) == 64)


@pytest.mark.parametrize("kept", [True, False], ids=["in a folder", "in memory"])
def test_a_snapshot_holds_them(tmp_path: Path, kept: bool) -> None:
    with MockCodeOcean(data_dir=tmp_path if kept else None) as server:
        world = server.default
        run = finished(world)
        world.control.save("s")
        world.control.reset()
        with pytest.raises(Exception, match="404"):
            read(world, run)
        other = server.new_world("copy", snapshot="s")
        assert read(other, run) == BIG
        world.control.load("s")
        assert read(world, run) == BIG
        other.control.delete()
        world.control.reset()
        world.control.load("s")
        server.control.delete_snapshot("s")
        assert read(world, run) == BIG


def test_a_snapshot_takes_them_to_another_server(tmp_path: Path) -> None:
    with MockCodeOcean() as one, MockCodeOcean(data_dir=tmp_path) as two:
        run = finished(one.default)
        one.default.control.save("s")
        packed = io.BytesIO()
        assert one.control.download_snapshot("s", packed) == packed.tell()
        assert packed.getvalue() == one.control.export_snapshot("s")
        two.control.import_snapshot("taken", packed.getvalue())
        two.default.control.load("taken")
        assert read(two.default, run) == BIG


def test_one_that_is_broken_on_the_way_is_refused(tmp_path: Path) -> None:
    with MockCodeOcean(data_dir=tmp_path) as server:
        finished(server.default)
        server.default.control.save("s")
        good = server.control.export_snapshot("s")
        at = good.index(BIG[:4096])
        name = stored(tmp_path)[0]
        doctored = {
            "another content": (good[: at + 9] + b"!" + good[at + 10 :], "the hash of a file does not fit"),
            "cut": (good[: at + 5000], "its files cannot be read"),
            "without files": (good[: good.rindex(name.encode(), 0, at)], r"the file [0-9a-f]{64} is missing"),
        }
        for name, (content, reason) in doctored.items():
            with pytest.raises(ControlError, match=reason) as problem:
                server.control.import_snapshot("broken", content)
            assert problem.value.status == 400, name
        assert [one.name for one in server.control.snapshots()] == ["s"]


def test_they_go_with_the_last_that_refers_to_them(tmp_path: Path) -> None:
    with MockCodeOcean(data_dir=tmp_path) as server:
        world = server.default
        first, second = finished(world), finished(world)
        assert len(stored(tmp_path)) == 1
        world.client.computations.delete_computation(first)
        assert read(world, second) == BIG
        world.client.computations.delete_computation(second)
        assert stored(tmp_path) == []
        finished(world, BIG + b"other")
        world.control.reset()
        assert stored(tmp_path) == []


def test_they_survive_a_restart_and_strangers_do_not(tmp_path: Path) -> None:
    with MockCodeOcean(data_dir=tmp_path) as server:
        run = finished(server.default)
    stranger = tmp_path / "files" / ("0" * 64)
    stranger.write_bytes(b"left behind")
    with MockCodeOcean(data_dir=tmp_path) as server:
        assert read(server.default, run) == BIG
        assert not stranger.exists()


def test_one_that_is_missing_is_named(tmp_path: Path) -> None:
    with MockCodeOcean(data_dir=tmp_path) as server:
        run = finished(server.default)
        [name] = stored(tmp_path)
        (tmp_path / "files" / name).unlink()
        urls = server.client.computations.get_result_file_urls(run, "deep/big")
        answer = httpx.get(urls.download_url)
        assert answer.status_code == 503
        assert name in answer.text


def test_nothing_is_left_of_a_server_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with MockCodeOcean() as server:
        finished(server.default)
        assert len(stored(tmp_path)) == 1
        world = server.new_world("w")
        finished(world)
        world.control.delete()
        assert len(stored(tmp_path)) == 1
    until(lambda: list(tmp_path.iterdir()) == [])


def test_what_a_killed_server_in_memory_has_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "codeocean-mock-files.999999999-0.folder"
    left.mkdir()
    (left / ("0" * 64)).write_bytes(b"x")
    with MockCodeOcean() as server:
        finished(server.default)
        assert not left.exists()
        assert isinstance(server, CodeOceanServer)
