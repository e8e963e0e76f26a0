"""Ctrl-C, and SIGTERM, while a command loads: it ends at once, with one word."""

import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.process import COMMAND, PATIENCE, environment, run, started, until

LOADING = """
import pathlib
pathlib.Path({mark!r}).touch()
try:
    while True:
        pass
except BaseException as problem:
    raise RuntimeError("a module that does not expect this") from problem
"""
"""A module that loads for ever, and changes what interrupts it into something else, as some do."""

COMBINING = """
import pathlib
import typer.main

def get_command(group):
    pathlib.Path({mark!r}).touch()
    while True:
        pass

typer.main.get_command = get_command
"""
"""Makes the commands take for ever to be put together."""

FINALIZING = """
import gc
import pathlib
import typer.main

class Endless:
    def __del__(self):
        pathlib.Path({mark!r}).touch()
        while True:
            pass

def for_ever(*_):
    Endless()
    while True:
        pass

{place} = for_ever
"""
"""Makes something that a command calls take for ever, and a finalizer before it, which lets no exception out."""

LATE = [
    # A command, and a module that it loads late.
    ("serve --in-memory --port 0", "uvicorn"),
    ("serve --in-memory --port 0", "httptools"),
    ("openapi", "fastapi"),
    ("contract --quick", "schemathesis"),
    ("contract --quick", "hypothesis"),
    ("contract plan --url http://127.0.0.1:1", "schemathesis"),
    ("contract drift --url http://127.0.0.1:1", "schemathesis"),
    ("contract sweep", "requests"),
    ("seed --capsules 1", "pydantic"),
    ("seed check demo", "yaml"),
    ("seed schema", "pydantic"),
    ("scenarios schema", "pydantic"),
    ("worlds list", "httpx"),
    ("env", "httpx"),
    ("doctor", "httpx"),
    ("wait --once", "httpx"),
]


def start(*arguments: str, interrupt: object = signal.default_int_handler, **env: str) -> "subprocess.Popen[str]":
    """Start a command that hears Ctrl-C, whatever the tests were started from."""
    return subprocess.Popen(
        [COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**env),
        preexec_fn=lambda: signal.signal(signal.SIGINT, interrupt),  # type: ignore[arg-type]
    )


def outcome(popen: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """The exit code of a command, and what it has printed."""
    try:
        out, err = popen.communicate(timeout=PATIENCE)
    finally:
        popen.kill()
    return popen.returncode, out, err


def interrupted(folder: Path, module: str, text: str, number: signal.Signals, *arguments: str) -> tuple[int, str, str]:
    """The outcome of a command that got a signal while it was in a module that stands first in its path."""
    mark = folder / "loading"
    (folder / f"{module}.py").write_text(text.format(mark=str(mark)))
    popen = start(*arguments, PYTHONPATH=str(folder), CODEOCEAN_MOCK_DATA_DIR=str(folder / "data"))
    end = time.monotonic() + PATIENCE
    while not mark.exists() and popen.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    assert mark.exists(), outcome(popen)
    popen.send_signal(number)
    return outcome(popen)


def test_ctrl_c_while_the_command_line_loads(tmp_path: Path) -> None:
    assert interrupted(tmp_path, "typer", LOADING, signal.SIGINT, "clock") == (130, "", "interrupted\n")


def test_ctrl_c_while_the_commands_are_put_together(tmp_path: Path) -> None:
    assert interrupted(tmp_path, "sitecustomize", COMBINING, signal.SIGINT, "clock") == (130, "", "interrupted\n")


@pytest.mark.parametrize(("command", "module"), LATE)
def test_ctrl_c_while_a_command_loads_what_it_needs(tmp_path: Path, command: str, module: str) -> None:
    assert interrupted(tmp_path, module, LOADING, signal.SIGINT, *command.split()) == (130, "", "interrupted\n")


@pytest.mark.parametrize("module", ["uvicorn", "httptools"])
def test_sigterm_while_the_server_loads(tmp_path: Path, module: str) -> None:
    command = ("serve", "--in-memory", "--port", "0")
    assert interrupted(tmp_path, module, LOADING, signal.SIGTERM, *command) == (0, "", "")


@pytest.mark.parametrize(
    ("place", "number", "expected"),
    [
        ("typer.main.get_command", signal.SIGINT, (130, "", "interrupted\n")),
        ("gc.freeze", signal.SIGINT, (0, "", "")),
        ("gc.freeze", signal.SIGTERM, (0, "", "")),
    ],
)
def test_a_signal_in_a_finalizer(
    tmp_path: Path, place: str, number: signal.Signals, expected: tuple[int, str, str]
) -> None:
    text = FINALIZING.replace("{place}", place)
    command = ("serve", "--in-memory", "--port", "0")
    assert interrupted(tmp_path, "sitecustomize", text, number, *command) == expected


def test_ctrl_c_while_a_command_waits_for_an_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        popen = start("wait", "--url", f"http://127.0.0.1:{silent.getsockname()[1]}")
        silent.settimeout(PATIENCE)
        with silent.accept()[0]:
            popen.send_signal(signal.SIGINT)
            assert outcome(popen) == (130, "", "interrupted\n")


def test_a_command_that_is_to_ignore_ctrl_c_does() -> None:
    """As shells have it for what they start in the background."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        popen = start("wait", "--once", "--url", url, interrupt=signal.SIG_IGN)
        silent.settimeout(PATIENCE)
        with silent.accept()[0]:
            popen.send_signal(signal.SIGINT)
        code, _, err = outcome(popen)
        assert (code, err.count("\n")) == (1, 1)


@pytest.mark.slow
def test_ctrl_c_while_records_are_added_says_that_they_stay(tmp_path: Path) -> None:
    data = tmp_path / "data"
    popen = start("seed", "--data-assets", "1000000", "--data-dir", str(data))
    until(lambda: popen.poll() is not None or sum(file.stat().st_size for file in data.glob("*")) > 30_000_000)
    popen.send_signal(signal.SIGINT)
    code, _, err = outcome(popen)
    assert code == 130
    told = re.search(rf"codeocean-mock: interrupted; (\d+) records? had been added to {data} and will stay\n$", err)
    assert told, err
    added = int(told[1])
    check = run("seed", "--capsules", "1", "--data-dir", str(data))
    assert check.returncode == 0, check.stderr
    with started("--data-dir", str(data)) as server:
        count = httpx.get(f"{server.url}/_mock/worlds", timeout=PATIENCE).json()["worlds"][0]["counts"]["data_assets"]
    assert count >= added > 0
