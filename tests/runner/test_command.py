"""`codeocean-mock runner`: what it is told, and what it says of it."""

import signal
import socket
import subprocess
from pathlib import Path

import pytest

from mock_server import MockCodeOcean
from tests.process import COMMAND, PATIENCE, environment, run

NOWHERE = "http://127.0.0.1:1"


def runner(tmp_path: Path, *options: str, **env: str) -> "subprocess.CompletedProcess[str]":
    work = ("--work-dir", str(tmp_path / "work"))
    return run("runner", "--url", NOWHERE, "--engine", "process", *work, *options, **env)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--memory", "5x"), 2, 'not a size: "5x"; write bytes or text such as 512m, 4g'),
        (("--memory", "0"), 2, "no run can do without memory"),
        (("--image", "x"), 1, "the engine process has no images: leave out --image"),
        (("--lease", "soon"), 2, 'not a duration: "soon"'),
        (("--lease", "0.5"), 2, "from 1 second to 1 hour"),
        (("--engine", "none"), 2, "'none' is not one of"),
        (("--no-network",), 1, "the engine process cannot keep a script from the network: leave out --no-network"),
        (("--env-file", "none"), 1, "the variables in none cannot be read: No such file or directory"),
        (("--work-dir", "/dev/null/x"), 1, "the runner cannot work in /dev/null/x: Not a directory"),
        (("--control-token-file", "none"), 1, "the control token cannot be read from none"),
        (("--url", "nowhere"), 2, "'nowhere' is not a valid server URL"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_one_line(
    tmp_path: Path, options: tuple[str, ...], code: int, message: str
) -> None:
    done = runner(tmp_path, *options)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    if code == 1:
        assert len(done.stderr.splitlines()) == 1


def test_an_engine_that_is_not_there_is_refused(tmp_path: Path) -> None:
    empty = {"PATH": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/none"}
    done = runner(tmp_path, "--engine", "bubblewrap", **empty)
    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        ["codeocean-mock: bwrap is not installed; Debian and Ubuntu have it as the package bubblewrap"],
    )
    done = runner(tmp_path, "--engine", "docker", **empty)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "no Docker engine answers" in line or line.endswith("pip install 'codeocean-mock[runner]'")
    assert list((tmp_path / "work").iterdir()) == []


def test_a_wrong_variable_is_refused_without_its_value(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("# comment\n\nGOOD=x\nBAD NAME=secret-value\n")
    done = runner(tmp_path, "--env-file", str(tmp_path / "env"))
    assert done.returncode == 1
    assert done.stderr == f"codeocean-mock: {tmp_path}/env: line 4: not a variable; write NAME=value\n"


def test_a_server_that_asks_for_another_token_ends_it(tmp_path: Path) -> None:
    with MockCodeOcean(control_token="the-right-one") as server:
        for token in ((), ("--control-token", "a-wrong-one")):
            done = runner(tmp_path, "--url", server.url, *token)
            assert (done.returncode, done.stdout) == (1, "")
            assert "token" in done.stderr.splitlines()[-1]
            assert "Traceback" not in done.stderr


def test_a_server_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("ONE=1\nHOME\nNOT_THERE\nEMPTY=\n")
    # Taken, and nobody listens there yet.
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    options = ["--url", url, "--engine", "process", "--env-file", str(tmp_path / "env"), "--name", "mine"]
    command = [COMMAND, "runner", *options, "--work-dir", str(tmp_path / "work")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(3)]
        assert "scripts run as you" in said[0]
        assert said[1] == "codeocean-mock runner: the value of ONE is too short to be masked in logs\n"
        assert said[2].endswith("trying again\n")
        listener.listen()
        with MockCodeOcean(listener=listener):
            line = f"codeocean-mock runner mine is ready: {url}, engine process, slots 1\n"
            assert process.stdout.readline() == line
            assert process.stderr.readline() == f"codeocean-mock runner: {url} answers again\n"
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""
    assert list((tmp_path / "work").iterdir()) == []
