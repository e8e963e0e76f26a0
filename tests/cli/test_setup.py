"""`env`, `wait` and `doctor`: what a setup needs, and what is wrong with it."""

import os
import re
import shutil
import socket
import subprocess
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from mock_server import MockCodeOcean
from mock_server.cli import env
from tests.cli.conftest import Done, Steering, command

NOWHERE = "http://127.0.0.1:1"


def test_env(steer: Steering) -> None:
    assert steer("env", "--json").json == {
        "CODEOCEAN_DOMAIN": steer.url,
        "CODEOCEAN_TOKEN": f"cop_demo_user@{steer.world.name}",
        "CODEOCEAN_MOCK_URL": steer.url,
        "CODEOCEAN_MOCK_WORLD": steer.world.name,
    }
    assert "names a world already" in steer("env", "--token", "t@other", code=2).err
    exported = command("env", "--url", NOWHERE, "--control-token", "top-secret", "--json").json
    assert exported["CODEOCEAN_MOCK_CONTROL_TOKEN"] == "top-secret"


@pytest.mark.parametrize("token", ["cop_demo_user", "it's", 'a "$b" `c`\\', "ü d"])
def test_a_shell_takes_what_env_prints(token: str) -> None:
    lines = command("env", "--url", NOWHERE, "--token", token).out
    script = f'{lines}printf %s "$CODEOCEAN_TOKEN"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == token


@pytest.mark.parametrize(
    ("shell", "line"),
    [("fish", r"set -gx CODEOCEAN_TOKEN 'it\'s'"), ("powershell", "$env:CODEOCEAN_TOKEN = 'it''s'")],
)
def test_other_shells(shell: str, line: str) -> None:
    assert line in command("env", "--url", NOWHERE, "--token", "it's", "--shell", shell).out.splitlines()


def test_env_says_when_another_program_has_the_port() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{other.server_port}"
        done = command("env", "--url", url)
        other.shutdown()
    assert f"export CODEOCEAN_DOMAIN={url}\n" in done.out
    [line] = [line for line in done.err.splitlines() if line.startswith("codeocean-mock: ")]
    assert line.startswith(f"codeocean-mock: {url} is not codeocean-mock: ")
    assert line.endswith("; give --url if the server listens elsewhere")


def test_env_says_when_nothing_answers_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = command("env", "--url", url)
    assert f"export CODEOCEAN_DOMAIN={url}\n" in done.out
    assert done.err.splitlines() == [
        f"codeocean-mock: {url} did not answer /_mock/worlds/default in time; what it adds, as for S3, is left out"
    ]


def test_wait(steer: Steering) -> None:
    assert steer("wait").out.startswith(f"{steer.url} is ready: codeocean-mock ")
    assert steer("wait", "--once", "--json").json["status"] == "ok"
    for options in (("--once",), ("--timeout", "0.1")):
        assert "nothing answers" in steer.refused("wait", "--url", NOWHERE, *options)
    assert "not a duration" in steer("wait", "--timeout", "soon", code=2).err


def findings(done: Done) -> dict[str, str]:
    """What was found of each thing: its status and what is said."""
    return {one["of"]: f"{one['status']}: {one['message']}" for one in done.json["findings"]}


def examined(*options: str, code: int = 0, **env: str) -> dict[str, str]:
    done = command("doctor", "--json", *options, **env)
    assert done.code == code, done
    return findings(done)


def test_a_setup_that_is_well(steer: Steering, tmp_path: Path) -> None:
    env = steer("env", "--json").json
    steer.world.set_clock("offset", offset=0)
    found = examined("--data-dir", str(tmp_path / "data"), **env)
    assert {message.partition(":")[0] for message in found.values()} == {"ok"}
    looked_at = {"python", "packages", "data", "engines", "server", "sdk", "clock", "token", "domain", "proxies"}
    assert set(found) == looked_at
    shown = command("doctor", "--data-dir", str(tmp_path), **env)
    assert [line.split()[0] for line in shown.out.splitlines()] == ["ok"] * len(looked_at)


@pytest.mark.parametrize(
    ("env", "of", "words"),
    [
        ({"CODEOCEAN_TOKEN": "cop_secret"}, "token", "problem: the token is none of the world default"),
        ({"CODEOCEAN_TOKEN": "cop_demo_user@x"}, "token", "warning: the token leads to the world x"),
        ({"CODEOCEAN_TOKEN": ""}, "token", "warning: CODEOCEAN_TOKEN is not set"),
        ({"CODEOCEAN_DOMAIN": "codeocean.example.com"}, "domain", "problem: CODEOCEAN_DOMAIN is codeocean.example"),
        ({"CODEOCEAN_DOMAIN": NOWHERE}, "domain", f"problem: clients go to {NOWHERE}"),
        ({"CODEOCEAN_DOMAIN": "http://[::1"}, "domain", "problem: CODEOCEAN_DOMAIN is"),
        ({"CODEOCEAN_MOCK_WORLD": "nowhere"}, "clock", "warning: there is no world nowhere yet"),
        ({"CODEOCEAN_MOCK_WORLD": "a b"}, "world", "problem: 'a b' is not a valid world name"),
        ({"CODEOCEAN_MOCK_URL": NOWHERE}, "server", "problem: nothing answers"),
        ({"CODEOCEAN_MOCK_URL": "nowhere"}, "server", "problem: 'nowhere' is not a valid server URL"),
        ({"http_proxy": "http://proxy.invalid:3128"}, "proxies", "problem: clients send requests for 127.0.0.1"),
        ({"http_proxy": "http://proxy.invalid:3128", "no_proxy": "127.0.0.0/8"}, "proxies", "ok"),
        ({"CODEOCEAN_MOCK_DATA_DIR": "/dev/null"}, "data", "problem: /dev/null is not a folder"),
        ({"CODEOCEAN_MOCK_DATA_DIR": "x" * 300}, "data", "problem: "),
    ],
    ids=str,
)
def test_what_is_wrong(steer: Steering, env: dict[str, str], of: str, words: str) -> None:
    done = command("doctor", "--json", **{"CODEOCEAN_MOCK_URL": steer.url} | env)
    found = findings(done)
    assert found[of].startswith(words)
    assert done.code == any(message.startswith("problem") for message in found.values())
    assert "cop_secret" not in done.out


def test_the_engines_that_code_can_be_executed_with(tmp_path: Path) -> None:
    nowhere = f"unix://{tmp_path}/none"
    found = examined("--url", NOWHERE, code=1, DOCKER_HOST=nowhere, PATH=str(tmp_path))["engines"]
    assert found.startswith("ok: no docker: ")
    assert "no Docker engine answers" in found or "pip install 'codeocean-mock[runner]'" in found
    assert "; no bubblewrap: bwrap is not installed" in found
    assert re.search(r"; process \(\d+ cores, [\d.]+ GiB\)$", found)


def test_a_clock_that_stands(steer: Steering) -> None:
    steer.world.freeze()
    found = examined("--world", steer.world.name, CODEOCEAN_MOCK_URL=steer.url)
    assert found["clock"].startswith(f"warning: the clock of {steer.world.name} stands at ")


def advice(steer: Steering, *options: str, **env: str) -> dict[str, str]:
    """What to do about each finding."""
    found = command("doctor", "--json", "--url", steer.url, *options, **env).json["findings"]
    return {one["of"]: one["advice"] for one in found if one["advice"]}


def test_advice_leads_to_the_server_and_the_world_that_were_examined(steer: Steering) -> None:
    there = f"--url {steer.url} --world {steer.world.name}"
    steer.world.freeze()
    given = advice(steer, "--world", steer.world.name)
    assert given["token"] == given["domain"] == f'eval "$(codeocean-mock env {there})"'
    assert given["clock"] == f"codeocean-mock clock advance --next {there}, or codeocean-mock clock set wall {there}"
    steer.world.advance("1h")
    assert f"codeocean-mock clock set scaled --scale 1 {there}" in advice(steer, "--world", steer.world.name)["clock"]
    assert advice(steer, "--world", "new-one")["clock"] == f"codeocean-mock worlds create new-one --url {steer.url}"
    assert advice(steer, "--world", steer.world.name, CODEOCEAN_TOKEN="unknown")["token"] == given["token"]


def test_a_folder_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bool:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "exists", refuse)
    found = examined("--data-dir", "/there/data", "--url", NOWHERE, code=1)
    assert found["data"] == "problem: /there/data cannot be used: Permission denied"


@pytest.mark.parametrize(
    ("free", "status"), [(2**40, "ok"), (100 * 2**20, "warning"), (2**20, "problem")], ids=["much", "little", "none"]
)
def test_a_disk_that_fills(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, status: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2**41, 2**41 - free, free))
    found = examined("--data-dir", str(tmp_path), "--url", NOWHERE, code=1)
    assert found["data"] == f"{status}: {tmp_path}: {free // 2**20} MiB are free"


def test_a_server_with_a_control_token() -> None:
    with MockCodeOcean(control_token="top-secret") as mock:
        found = examined("--url", mock.url, code=0, CODEOCEAN_MOCK_CONTROL_TOKEN="top-secret")
        assert found["token"].startswith("warning")
        found = examined("--url", mock.url, code=1)
        assert any("control" in message and message.startswith("problem") for message in found.values())
        assert "top-secret" not in str(found)
