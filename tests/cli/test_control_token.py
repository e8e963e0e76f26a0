"""The control token in a file: made once, told once, read by every command."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from mock_server.cli import control_token
from mock_server.errors import StartError
from tests.cli.conftest import command
from tests.process import run, started

FILE = "CODEOCEAN_MOCK_CONTROL_TOKEN_FILE"


@pytest.mark.slow
def test_a_server_makes_it_and_tells_it_once(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "token"
    options = ("--in-memory", "--control-token-file", str(file))
    with started(*options) as server:
        first = command("wait", "--once", "--url", server.url, "--control-token", file.read_text().strip())
        code, told = server.stop()
    assert (first.code, code) == (0, 0)
    line = json.loads(told)
    assert line["control_token"] == file.read_text().strip()
    assert line["kept_in"] == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["token"]
    with started(*options) as server:
        assert command("wait", "--once", "--url", server.url, "--control-token", line["control_token"]).code == 0
        assert command("wait", "--once", "--url", server.url, "--control-token", "another-token").code == 1
        assert server.stop() == (0, "")


def test_it_is_told_in_words_too(tmp_path: Path) -> None:
    file = tmp_path / "token"
    refused = run("serve", "--in-memory", "--port", "0", "--seed", "none.yaml", "--control-token-file", str(file))
    assert refused.returncode == 1
    told, problem = refused.stderr.splitlines()
    assert told == f"codeocean-mock: made the control token {file.read_text().strip()} and keeps it in {file}"
    assert "none.yaml" in problem


def test_commands_read_it_from_the_file_that_the_environment_names(tmp_path: Path) -> None:
    file = tmp_path / "token"
    with started("--in-memory", **{FILE: str(file)}) as server:
        assert command("worlds", "list", "--url", server.url).code == 1
        assert command("worlds", "list", "--url", server.url, **{FILE: str(file)}).code == 0
        exported = command("env", "--url", server.url, **{FILE: str(file)}).out
        assert f"CODEOCEAN_MOCK_CONTROL_TOKEN={file.read_text().strip()}" in exported
        given = ("--control-token", "another-token")
        assert command("worlds", "list", "--url", server.url, *given, **{FILE: str(file)}).code == 1


@pytest.mark.slow
def test_the_login_of_the_dashboard_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with started("--in-memory", "--control-token-file", "token") as server:
        login = httpx.get(f"{server.url}/_ui/login").text
        assert f"cat {tmp_path}/token" in login
        assert (tmp_path / "token").read_text().strip() not in login
    with started("--in-memory", "--control-token-file", "token", "--control-token", "given-by-hand") as server:
        assert "--control-token" in httpx.get(f"{server.url}/_ui/login").text
    with started("--in-memory", **{FILE: str(tmp_path / "token"), "CODEOCEAN_MOCK_IN_IMAGE": "yes"}) as server:
        assert "docker exec" in httpx.get(f"{server.url}/_ui/login").text


def test_the_token_itself_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    options = ("--control-token", "given-by-hand", "--control-token-file", str(file))
    with started("--in-memory", *options) as server:
        assert command("wait", "--once", "--url", server.url, "--control-token", "given-by-hand").code == 0
        assert server.stop() == (0, "")
    assert not file.exists()


@pytest.mark.parametrize("content", [None, b"", b"\n", "pässword".encode(), b"short"])
def test_a_file_that_holds_none(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "token"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    refused = command("serve", "--in-memory", "--port", "0", "--control-token-file", str(file))
    assert refused.code == 1
    assert refused.err.count("\n") == 1
    assert "control token" in refused.err


def test_commands_say_that_the_file_is_not_there(tmp_path: Path) -> None:
    refused = command("wait", "--once", **{FILE: str(tmp_path / "none")})
    assert refused.code == 1
    assert refused.err == (
        f"codeocean-mock: the control token cannot be read from {tmp_path / 'none'}: No such file or directory\n"
    )


def test_a_place_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match=r"cannot be kept in .*: "):
        control_token.keep(tmp_path / "file" / "token")


def test_of_servers_that_start_at_once_one_makes_it(tmp_path: Path) -> None:
    for number in range(20):
        file = tmp_path / str(number)
        with ThreadPoolExecutor(8) as pool:
            kept = list(pool.map(lambda _: control_token.keep(file), range(8)))  # noqa: B023 - it is over in here
        assert {one.token for one in kept} == {file.read_text().strip()}
        assert sum(one.is_new for one in kept) == 1


def test_a_secret_that_somebody_else_keeps(tmp_path: Path) -> None:
    # Docker's and Kubernetes' secrets are files that end with a line break and belong to somebody else.
    file = tmp_path / "token"
    file.write_text("a-secret-of-docker\n")
    file.chmod(0o444)
    assert control_token.keep(file) == control_token.Kept("a-secret-of-docker", is_new=False)
