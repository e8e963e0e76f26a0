"""The options of `codeocean-mock serve`: what they do, and what is said of those that cannot be."""

import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mock_server import MockCodeOcean
from mock_server.client import Control, ControlError
from tests.cli.conftest import command
from tests.conftest import Client
from tests.process import started


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """The command takes over the log of its process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)


def refused(*options: str, words: tuple[str, ...], code: int = 1) -> None:
    """The server does not start, and one line says why."""
    done = command("serve", "--in-memory", "--port", "0", *options)
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1), done
    for word in words:
        assert word in done.err


@pytest.mark.parametrize("host", ["256.1.1.1", "no-such-host.invalid", "203.0.113.7", "a..b", "a" * 70])
def test_a_host_that_is_not_here(host: str) -> None:
    refused("--host", host, words=(host,))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version: 1\nusers: []\ntokens:\n  - token: t\n    user: a@b.c\n", ("line 5", "tokens.0.user", "a@b.c")),
        ("version: 1\nusers: [\n", ("line 3", "not YAML")),
        ("- 1\n", ("line 1",)),
        ("", ("line 1", "empty")),
        ("version: 2\nusers: []\ntokens: []\n", ("line 1", "version")),
    ],
)
def test_a_broken_seed_file(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(text)
    refused("--seed", str(seed), words=("seed.yaml", *words))
    checked = command("seed", "check", str(seed))
    assert checked.code == 1
    for word in words:
        assert word in checked.err
    # A start that failed leaves no half-made world behind.
    data = tmp_path / "data"
    assert command("serve", "--port", "0", "--data-dir", str(data), "--seed", str(seed)).code == 1
    with MockCodeOcean(data_dir=data, seed="empty") as mock:
        assert mock.default.control.info().counts.capsules == 0


def test_a_seed_file_that_is_not_there() -> None:
    refused("--seed", "nowhere.yaml", words=("nowhere.yaml",))


@pytest.mark.parametrize(
    "options",
    [
        ("--time-scale", "0"),
        ("--time-scale", "-1"),
        ("--time-scale", "nan"),
        ("--time-scale", "1e9"),
        ("--random-seed", "-1"),
        ("--journal-size", "-1"),
        ("--journal-size", "1000001"),
        ("--max-worlds", "-1"),
    ],
)
def test_numbers_out_of_range(options: tuple[str, str]) -> None:
    refused(*options, words=("out of range",))


@pytest.mark.parametrize("options", [("--port", "70000"), ("--log-format", "xml"), ("--unknown-buckets", "maybe")])
def test_options_that_cannot_be(options: tuple[str, str]) -> None:
    done = command("serve", "--in-memory", "--port", "0", *options)
    assert done.code == 2
    assert options[0] in done.err


@pytest.mark.parametrize("idle", ["soon", "-1", "1e99", "inf", "nan"])
def test_a_time_that_is_none(idle: str) -> None:
    refused("--world-idle", idle, words=("--world-idle", "not a duration"), code=2)


@pytest.mark.parametrize("token", ["short", "with a blank", "x" * 201])
def test_a_control_token_that_is_none(token: str) -> None:
    refused("--control-token", token, words=("8 to 200",))


def test_scenarios_that_cannot_be_read(tmp_path: Path) -> None:
    refused("--scenarios", "nowhere.yaml", words=("nowhere.yaml",))
    (tmp_path / "own.yaml").write_text("scenarios:\n  - {name: mine, like: nothing}\n")
    refused("--scenarios", str(tmp_path / "own.yaml"), words=("own.yaml", "line 2", "like"))


def test_others_may_not_steer() -> None:
    for host in ("0.0.0.0", "::"):
        if host == "::" and not socket.has_ipv6:
            continue
        refused("--host", host, words=(host, "--control-token"))
    with started("--in-memory", "--host", "0.0.0.0", CODEOCEAN_MOCK_CONTROL_TOKEN="open-sesame") as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        assert server.ready["control"] == f"{server.url}/_mock"
        assert httpx.get(f"{url}/_mock/health").status_code == 401
        assert httpx.get(f"{url}/_mock/health", headers={"Authorization": "Bearer open-sesame"}).status_code == 200


@pytest.mark.slow
def test_settings_of_worlds(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("scenarios: [{name: mine, like: fails}]\n")
    variables = {
        "CODEOCEAN_MOCK_SCENARIOS": str(tmp_path / "own.yaml"),
        "CODEOCEAN_MOCK_JOURNAL_SIZE": "1",
        "CODEOCEAN_MOCK_MAX_WORLDS": "1",
        "CODEOCEAN_MOCK_WORLD_IDLE": "1ms",
    }
    with started("--in-memory", **variables) as server, Control(server.url) as control:
        assert [one.name for one in control.world().scenarios().scenarios] == ["mine"]
        control.create_world("a")
        time.sleep(0.01)
        assert [world.name for world in control.worlds()] == ["default"], "it was not dropped"
        with Client(server.url) as client:
            for _ in range(2):
                client.ask("POST", "/capsules/search", json={})
        journal = control.world().journal()
        assert (len(journal.requests), journal.dropped) == (1, 1)
    with started("--in-memory", "--max-worlds", "1") as server, Control(server.url) as control:
        control.create_world("a")
        with pytest.raises(ControlError, match="--max-worlds"):
            control.create_world("b")
