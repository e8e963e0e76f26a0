"""Runs as a list, requests as they come, and what of it is in colour."""

import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests import ids
from tests.cli.conftest import Steering
from tests.conftest import USER, Client
from tests.process import COMMAND, PATIENCE, environment, started, until
from tests.process import run as run_command

ESCAPE = "\x1b["


def test_runs_are_listed_newest_first_whoever_they_belong_to(steer: Steering, run: str) -> None:
    heading, first, *others = steer("runs", "list").rows
    assert heading == ["ID", "STATE", "CREATED", "TIME", "CAPSULE", "NAME", "SCENARIO"]
    assert first[:2] == [run, "initializing"]
    listed = steer("runs", "list", "--json").json
    assert [row["id"] for row in listed["runs"]] == [first[0], *(row[0] for row in others)]
    assert len({row["owner"] for row in listed["runs"]}) > 1
    assert listed["runs"] == sorted(listed["runs"], key=lambda row: -row["created"])


def test_runs_are_found_by_state_capsule_and_number(steer: Steering, run: str) -> None:
    def found(*options: str) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = steer("runs", "list", "--json", *options).json["runs"]
        return listed

    assert run in {row["id"] for row in found("--state", "unfinished")}
    assert {row["end_status"] for row in found("--state", "failed")} == {"failed"}
    of_capsule = found("--capsule", ids.CAPSULE)
    assert {row["capsule"] for row in of_capsule} == {ids.CAPSULE}
    name = of_capsule[0]["capsule_name"]
    assert {row["capsule_name"] for row in found("--capsule", name.upper()[2:])} == {name}
    assert found("--capsule", "no such capsule") == []
    assert [row["id"] for row in found("--limit", "1")] == [run]
    assert steer("runs", "list", "--limit", "1").err == "codeocean-mock: there are more; give a larger --limit\n"
    assert steer("runs", "list", "--capsule", "no such capsule").out == "no such runs\n"


def test_a_state_that_is_none_is_refused_with_the_one_that_was_meant(steer: Steering) -> None:
    assert "did you mean 'failed'?" in steer("runs", "list", "--state", "faild", code=2).err


@contextmanager
def following(url: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """`journal list --follow` and the lines that it has printed so far."""
    popen = subprocess.Popen(
        [COMMAND, "journal", "list", "--follow", "--url", url, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(PYTHONUNBUFFERED="1"),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    lines: list[str] = []
    assert popen.stdout is not None
    reader = Thread(target=_read, args=(popen, lines), daemon=True)
    reader.start()
    try:
        yield popen, lines
    finally:
        popen.kill()
        popen.wait(PATIENCE)
        reader.join(PATIENCE)
        popen.stdout.close()


def _read(popen: "subprocess.Popen[str]", lines: list[str]) -> None:
    for line in popen.stdout or ():
        lines.append(line.rstrip("\n"))


def paths(lines: list[str]) -> list[str]:
    return [found[0] for line in lines if (found := re.findall(r"/api/v1/\S+", line))]


def test_requests_are_followed_as_they_come(steer: Steering, api: Client) -> None:
    api.ask("GET", f"/capsules/{ids.CAPSULE}")
    with following(steer.url, "--world", steer.world.name, "--status", "4xx") as (popen, lines):
        api.ask("GET", "/capsules/none-1", 400)
        until(lambda: len(paths(lines)) == 1)
        api.ask("GET", f"/capsules/{ids.CAPSULE}")
        api.ask("GET", "/capsules/none-2", 400)
        until(lambda: len(paths(lines)) == 2)
        popen.send_signal(signal.SIGINT)
        assert popen.wait(PATIENCE) == 130
        until(lambda: lines[-1:] == ["interrupted"])
    assert paths(lines) == ["/api/v1/capsules/none-1", "/api/v1/capsules/none-2"]


def test_a_follower_goes_on_when_the_journal_is_emptied(steer: Steering, api: Client) -> None:
    for _ in range(3):
        api.ask("GET", f"/capsules/{ids.CAPSULE}")
    with following(steer.url, "--world", steer.world.name, "--json") as (_, lines):
        until(lambda: len(lines) == 3)
        steer.world.clear_journal()
        for number in range(5):
            api.ask("GET", f"/capsules/none-{number}", 400)
        until(lambda: any("none-4" in line for line in lines))
    entries = [json.loads(line)["path"] for line in lines if line.startswith("{")]
    assert entries[3:] == [f"/api/v1/capsules/none-{number}" for number in range(5)]
    assert [line for line in lines if "{" not in line] == ["codeocean-mock: the journal was emptied, and begins anew"]


@pytest.mark.slow
def test_a_follower_survives_a_restart_of_the_server_with_a_line(tmp_path: Path) -> None:
    options = ("--data-dir", str(tmp_path))
    with started(*options) as server:
        port = server.url.rpartition(":")[2]
        with Client(server.url, USER) as client:
            client.ask("GET", f"/capsules/{ids.CAPSULE}")
        with following(server.url) as (popen, lines):
            until(lambda: len(paths(lines)) == 1)
            server.stop()
            until(lambda: any("waiting for it" in line for line in lines))
            with started(*options, "--port", port), Client(server.url, USER) as client:
                client.ask("GET", "/capsules/none", 400)
                until(lambda: paths(lines)[1:] == ["/api/v1/capsules/none"])
            assert popen.poll() is None
    assert sum("waiting for it" in line for line in lines) == 1 or lines[-1].endswith("waiting for it")


def on_terminal(*arguments: str, **env: str) -> str:
    """What a command prints to a terminal, of 100 columns unless COLUMNS says otherwise."""
    ours, theirs = pty.openpty()
    variables = {"COLUMNS": "100", "TERM": "xterm", **env}
    popen = subprocess.Popen([COMMAND, *arguments], stdout=theirs, stderr=theirs, env=environment(**variables))
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 65536):
            text += part
    except OSError:  # What Linux says at the end.
        pass
    os.close(ours)
    popen.wait(PATIENCE)
    return text.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "coloured"),
    [
        ("doctor", "\x1b[32mok"),
        ("runs list", "\x1b[32msucceeded"),
        ("journal list", "\x1b[33m400"),
        ("faults list", "\x1b[32mactive"),
        ("journal verify --unique", "\x1b[31mFAILED"),
    ],
)
def test_a_terminal_shows_colours_and_a_pipe_none(steer: Steering, api: Client, words: str, coloured: str) -> None:
    api.ask("GET", "/capsules/none", 400)
    steer.world.set_fault(operation="run_capsule", status=503)
    where = {"CODEOCEAN_MOCK_URL": steer.url, "CODEOCEAN_MOCK_WORLD": steer.world.name, "NO_COLOR": ""}
    assert coloured in on_terminal(*words.split(), **where)
    for plain in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert ESCAPE not in on_terminal(*words.split(), **where | plain)
    done = run_command(*words.split(), **where)
    assert ESCAPE not in done.stdout + done.stderr


@pytest.mark.parametrize("columns", [60, 100, 150, 250])
def test_ids_can_be_copied_from_a_terminal_of_any_width(steer: Steering, api: Client, run: str, columns: int) -> None:
    api.ask("GET", f"/computations/{run}")
    where = {"CODEOCEAN_MOCK_URL": steer.url, "CODEOCEAN_MOCK_WORLD": steer.world.name, "NO_COLOR": "1"}
    printed = on_terminal("journal", "list", "--operation", "get_computation", COLUMNS=str(columns), **where)
    heading, first, *folded = printed.splitlines()
    assert re.split("  +", first)[heading.split().index("ENTITY")] == run
    # The path is folded where there is room for that, and does not fit.
    assert bool(folded) == (columns == 150)
    assert all(len(line) <= columns for line in folded)
    assert run in on_terminal("runs", "list", COLUMNS=str(columns), **where)
