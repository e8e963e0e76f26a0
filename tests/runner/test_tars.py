"""What is packed for a container: folders, and what an image is built of."""

import os
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from mock_server.runner.capsules import CapsuleFolder, Machine
from mock_server.runner.engines import docker_images
from mock_server.runner.engines.tars import folder_tar, places_tar, stream_of
from mock_server.runner.failures import CannotRunError
from mock_server.runner.options import GIB, EngineOptions
from tests.runner.folders import DOCKERFILE, POST_INSTALL, write_capsule


def unpacked(pieces: Iterable[bytes]) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(fileobj=stream_of(pieces), mode="r|") as tar:
        return {entry.name: (entry, tar.extractfile(entry).read() if entry.isreg() else b"") for entry in tar}  # type: ignore[union-attr]


def test_a_folder_is_packed_with_modes_and_links_and_without_what_is_special(tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "deep/er/file").write_bytes(b"x" * 3000)
    (tmp_path / "run").write_text("echo")
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "link").symlink_to("/nowhere")
    (tmp_path / "skipped").write_text("no")
    os.mkfifo(tmp_path / "pipe")
    found = unpacked(folder_tar(tmp_path, {"skipped"}))
    assert set(found) == {"deep", "deep/er", "deep/er/file", "run", "link"}
    assert found["deep/er/file"][1] == b"x" * 3000
    assert (found["run"][0].mode, found["run"][0].uid) == (0o755, 0)
    assert found["link"][0].linkname == "/nowhere"


def test_the_places_of_a_run_are_at_the_root_and_in_the_capsule() -> None:
    found = unpacked(places_tar(["code", "data"]))
    assert list(found) == ["code", "data", "root/capsule", "root/capsule/code", "root/capsule/data"]
    assert found["root/capsule/data"][0].linkname == "/data"


def test_an_image_is_built_of_what_the_platform_would_build_it_of(tmp_path: Path) -> None:
    dockerfile = DOCKERFILE + "RUN --mount=type=secret,id=secrets . /run/secrets/secrets && /more\n"
    folder = CapsuleFolder(str(write_capsule(tmp_path, "echo", **{"environment/git-askpass": "own"})))
    found = unpacked(docker_images._context(folder, dockerfile.encode()))
    assert set(found) == {"Dockerfile", "postInstall", "git-askpass", "git-ask-pass"}
    assert found["postInstall"][0].mode == 0o755
    assert found["postInstall"][1] == POST_INSTALL.encode()
    assert found["git-askpass"][1] == b"own"
    assert b"GIT_ACCESS_TOKEN" in found["git-ask-pass"][1]
    assert found["Dockerfile"][1] == (DOCKERFILE + "RUN /more\n").encode()


def test_an_image_holds_nothing_from_outside_the_capsules_folder(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("private")
    folder = CapsuleFolder(str(write_capsule(tmp_path / "capsule", "echo")))
    (folder.environment / "requirements.txt").symlink_to("../code/run")
    assert "requirements.txt" in unpacked(docker_images._context(folder, b""))
    (folder.environment / "key").symlink_to("../../key")
    reason = f"environment/key is a link that leads out of {folder.path}"
    with pytest.raises(CannotRunError, match=reason):
        unpacked(docker_images._context(folder, b""))
    with pytest.raises(CannotRunError, match=reason):
        folder.environment_hash()


@pytest.mark.parametrize("part", ["code", "data", "environment"])
def test_no_part_of_a_capsule_is_elsewhere(tmp_path: Path, part: str) -> None:
    path = write_capsule(tmp_path / "capsule", "echo")
    if (path / part).exists():
        (path / part).rename(tmp_path / part)
    (path / part).symlink_to(tmp_path)
    with pytest.raises(CannotRunError, match=f"^{part} is a link that leads out of {path}$"):
        CapsuleFolder(str(path))


def test_an_image_is_known_by_all_that_it_is_built_of(tmp_path: Path) -> None:
    folder = CapsuleFolder(str(write_capsule(tmp_path, "echo")))
    seen = {folder.environment_hash("registry"), folder.environment_hash("other")}
    folder.environment.joinpath("more").write_text("1")
    seen.add(folder.environment_hash("registry"))
    folder.environment.joinpath("more").chmod(0o755)
    seen.add(folder.environment_hash("registry"))
    folder.environment.joinpath("more").rename(folder.environment / "less")
    seen.add(folder.environment_hash("registry"))
    assert len(seen) == 5


def test_a_build_log_is_what_the_build_says() -> None:
    events: list[dict[str, Any]] = [{"stream": "Step 1"}, {"stream": "\n"}, {"status": "Pulling"}, {"aux": {}}]
    events += [{"status": "Downloading", "progressDetail": {}}, {"error": "failed"}]
    assert b"".join(docker_images._text(event) for event in events) == b"Step 1\nPulling\nfailed\n"


def test_resources_are_those_of_the_options_else_of_the_folder_and_never_more_than_there_are(tmp_path: Path) -> None:
    machine = Machine(3, 20 * GIB)
    folder = CapsuleFolder(str(write_capsule(tmp_path, "echo")))
    work = EngineOptions(work_dir=tmp_path)
    assert folder.resources(work, machine) == (3, 20 * GIB)
    for text, expected in (
        ('{"version": 1, "resource_class": "small"}', (2, 16 * GIB)),
        ('{"version": 1, "resource_class": "large"}', (3, 20 * GIB)),
        ('{"resource_class": "dedicated", "machine_config": {"instance_type": "x"}}', (3, 20 * GIB)),
        ('{"resource_class": 7}', (3, 20 * GIB)),
        ("[]", (3, 20 * GIB)),
        ("nonsense", (3, 20 * GIB)),
    ):
        write_capsule(tmp_path, "echo", **{".codeocean/resources.json": text})
        assert folder.resources(work, machine) == expected
    chosen = EngineOptions(work_dir=tmp_path, cpus=0.5, memory=GIB)
    assert folder.resources(chosen, machine) == (0.5, GIB)


def test_a_stream_is_read_in_any_pieces() -> None:
    stream = stream_of([b"abc", b"", b"d", b"efg"])
    assert [stream.read(size) for size in (2, 3, 10, 1)] == [b"ab", b"cde", b"fg", b""]
