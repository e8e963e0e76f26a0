"""What only containers have: images that are built once, limits, and no privileges."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mock_server.runner.capsules import CapsuleFolder
from mock_server.runner.engines.docker_images import REPOSITORY
from mock_server.runner.failures import EngineUnavailableError
from tests.runner import base_image
from tests.runner.conftest import MakeJob
from tests.runner.engines import require
from tests.runner.folders import DOCKERFILE, POST_INSTALL, write_capsule
from tests.runner.recording import Recording, work_of

if TYPE_CHECKING:
    from docker import APIClient


@pytest.fixture
def engine_name(tmp_path: Path) -> str:
    require("docker", tmp_path)
    return "docker"


@pytest.fixture
def client(engine_name: str) -> "Iterator[APIClient]":
    from mock_server.runner.engines.docker import connect

    with closing(connect()) as client:
        yield client


def tag_of(folder: Path) -> str:
    return f"{REPOSITORY}:{CapsuleFolder(str(folder)).environment_hash(base_image.REGISTRY)[:32]}"


def test_an_image_is_built_once_for_each_content_of_its_folder(
    tmp_path: Path, make_job: MakeJob, client: "APIClient"
) -> None:
    unique = f"{POST_INSTALL}echo {tmp_path.name} > /opt/installed\n"
    script = "echo $OF_IMAGE; cat /opt/installed"
    folder = write_capsule(tmp_path / "capsule", script, **{"environment/postInstall": unique})
    # An export has lost the modes.
    (folder / "environment/postInstall").chmod(0o644)
    first, second, third = Recording(), Recording(), Recording()
    for run in (first, second):
        assert make_job(work_of(folder), run).run() == "exit code 0", run.text
        assert run.text == f"yes\n{tmp_path.name}\n"
    assert b"RUN /postInstall" in (first.build_log or b"")
    assert second.build_log is None
    before = tag_of(folder)
    (folder / "environment/postInstall").write_text(f"{POST_INSTALL}echo changed > /opt/installed\n")
    assert tag_of(folder) != before
    assert make_job(work_of(folder), third).run() == "exit code 0"
    assert third.text == "yes\nchanged\n"
    for tag in (before, tag_of(folder)):
        client.remove_image(tag)


def test_an_environment_that_cannot_be_built_fails_the_run_with_its_log(tmp_path: Path, make_job: MakeJob) -> None:
    broken = {"environment/postInstall": "#!/bin/bash\necho to be seen: secret-value\nexit 7\n"}
    folder = write_capsule(tmp_path / "capsule", "echo never", **broken)
    run = Recording()
    job = make_job(work_of(folder), run, {"environment": {"KEY": "secret-value"}})
    assert job.run() == "failed"
    assert "to be seen: ***\n" in run.text
    assert "returned a non-zero code: 7" in run.text
    assert run.text.endswith("codeocean-mock: building the environment failed\n")
    assert "secret-value" not in run.text
    assert b"to be seen: ***\n" in (run.build_log or b"")
    assert run.finished == {"state": "failed", "exit_code": None, "end_status": None}


@pytest.mark.parametrize(
    ("dockerfile", "message"),
    [
        (None, "there is no environment/Dockerfile in {folder}, and no --image was given"),
        ("NONSENSE\n", "building the environment failed"),
        ("FROM codeocean-mock.invalid/none:none\n", "building the environment failed"),
    ],
)
def test_a_wrong_dockerfile_fails_the_run_and_says_so(
    tmp_path: Path, make_job: MakeJob, dockerfile: str | None, message: str
) -> None:
    folder = write_capsule(tmp_path / "capsule", "echo never", **{"environment/Dockerfile": dockerfile or ""})
    if dockerfile is None:
        (folder / "environment/Dockerfile").unlink()
    run = Recording()
    assert make_job(work_of(folder), run).run() == "failed"
    assert f"codeocean-mock: {message.format(folder=folder)}" in run.text


def test_a_dockerfile_of_buildkit_is_built_without_its_secrets(
    tmp_path: Path, make_job: MakeJob, client: "APIClient"
) -> None:
    dockerfile = DOCKERFILE.replace("git-askpass", "git-ask-pass").replace(
        "RUN /postInstall", "RUN --mount=type=secret,id=secrets . /run/secrets/secrets && /postInstall"
    )
    folder = write_capsule(tmp_path / "capsule", "cat /opt/installed", **{"environment/Dockerfile": dockerfile})
    run = Recording()
    assert make_job(work_of(folder), run).run() == "exit code 0", run.text
    assert run.text == "installed\n"


def test_an_image_for_all_needs_no_dockerfile(tmp_path: Path, make_job: MakeJob) -> None:
    folder = write_capsule(tmp_path / "capsule", "echo ${OF_IMAGE:-given}", **{"environment/Dockerfile": "NONSENSE"})
    run = Recording()
    job = make_job(work_of(folder), run, {"image": f"{base_image.NAME}:{base_image.TAG}"})
    assert job.run() == "exit code 0", run.text
    assert run.text == "given\n"
    absent = Recording()
    assert make_job(work_of(folder), absent, {"image": "codeocean-mock.invalid/none:none"}).run() == "failed"
    assert "codeocean-mock: the image codeocean-mock.invalid/none:none cannot be had" in absent.text


def test_a_script_has_no_privileges_and_makes_no_devices(tmp_path: Path, make_job: MakeJob) -> None:
    script = """
    mknod ../results/device b 7 0 || echo no device
    while read -r name value; do
        case $name in Cap[EB]*|NoNewPrivs:) echo "$name $value";; esac
    done < /proc/self/status
    ls /sys/class/net
    """
    folder = write_capsule(tmp_path / "capsule", script)
    run = Recording()
    assert make_job(work_of(folder), run, {"network": False, "cpus": 0.5}).run() == "exit code 0", run.text
    assert "no device\n" in run.text
    kept = f"{sum(1 << number for number in (0, 1, 3, 4, 5, 6, 7)):016x}"
    assert run.text.endswith(f"CapEff: {kept}\nCapBnd: {kept}\nNoNewPrivs: 1\nlo\n")


def test_an_engine_that_cannot_be_reached_is_named_with_the_systems_own_reason(
    engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mock_server.runner.engines.docker import connect

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        monkeypatch.setenv("DOCKER_HOST", host)
        with pytest.raises(EngineUnavailableError, match=f"^no Docker engine answers at {host}: Connection refused$"):
            connect()
