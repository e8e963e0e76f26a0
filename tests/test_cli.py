"""The command line as users meet it: what it says, where, and with which exit code."""

import json
import signal
import socket
import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from mock_server.version import __version__
from tests.conftest import Client
from tests.process import COMMAND, PATIENCE, environment, run, started


def assert_one_line(result: object, *words: str) -> None:
    code, out, err = result.returncode, result.stdout, result.stderr  # type: ignore[attr-defined]
    assert code not in (0, None)
    assert out == ""
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    for word in words:
        assert word in err


def test_ready_tells_everything_one_needs() -> None:
    command = [COMMAND, "serve", "--in-memory", "--port", "0"]
    popen = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    assert popen.stdout is not None
    lines = [popen.stdout.readline().strip() for _ in range(12)]
    url = lines[0].rpartition(" ")[2]
    paste = next(line for line in lines if line.startswith("try")).removeprefix("try").strip()
    pasted = subprocess.run(paste, shell=True, capture_output=True, text=True, timeout=PATIENCE, check=True)
    popen.send_signal(signal.SIGINT)
    out, err = popen.communicate(timeout=PATIENCE)
    assert popen.returncode == 0
    assert err == ""
    assert "^C" not in out
    assert lines[0].startswith(f"codeocean-mock {__version__} is ready: http://127.0.0.1:")
    for token in ("cop_demo_admin", "cop_demo_user", "cop_demo_viewer", "cop_demo_readonly", "cop_demo_noscope"):
        assert any(line.startswith(token) for line in lines)
    assert f"look    {url}/_ui" in lines
    assert url in paste
    assert f'env     eval "$(codeocean-mock env --url {url})"' in lines
    assert json.loads(pasted.stdout)["results"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_clean(number: signal.Signals, tmp_path: Path) -> None:
    with started("--data-dir", str(tmp_path)) as server:
        assert server.stop(number) == (0, "")
    # The write-ahead log has been folded back.
    assert [path.name for path in tmp_path.iterdir()] == ["default.sqlite"]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_stream_that_is_closed(closed: str) -> None:
    line = ["sh", "-c", f'exec "$0" env --url http://127.0.0.1:1 {closed}', COMMAND]
    done = subprocess.run(line, capture_output=True, text=True, env=environment(), timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("CODEOCEAN_DOMAIN" in done.stdout) == (closed != ">&-")


def test_port_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_one_line(run("serve", "--in-memory", "--port", port), port, "already in use", "--port")


def test_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with started("--in-memory", "--host", "::1") as server, Client(server.url) as client:
        assert server.url.startswith("http://[::1]:")
        client.ask("POST", "/capsules/search", json={})


def test_data_directory_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert_one_line(run("serve", "--port", "0", "--data-dir", str(tmp_path / "file" / "data")), "file/data")
    assert_one_line(run("serve", "--port", "0", "--data-dir", "/proc/nowhere"), "/proc/nowhere")


def test_a_database_that_is_not_ours(tmp_path: Path) -> None:
    database = tmp_path / "default.sqlite"
    database.write_text("this is not a database, it is a long text about something else" * 20)
    assert_one_line(run("serve", "--port", "0", "--data-dir", str(tmp_path)), "default.sqlite")
    database.unlink()
    with sqlite3.connect(database) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    assert_one_line(run("serve", "--port", "0", "--data-dir", str(tmp_path)), "another program's data")
    with sqlite3.connect(database) as other:
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
    other.close()


def test_a_damaged_database(tmp_path: Path) -> None:
    with started("--data-dir", str(tmp_path)) as server:
        server.stop()
    database = tmp_path / "default.sqlite"
    content = database.read_bytes()
    database.write_bytes(content[:8192] + b"\xa5" * (len(content) - 8192))
    assert_one_line(run("serve", "--port", "0", "--data-dir", str(tmp_path)), "default.sqlite", "malformed")


def test_a_stop_in_the_middle_of_a_download(tmp_path: Path) -> None:
    with started("--in-memory") as server, Client(server.url) as client:
        body = {"path": ""}
        path = ""
        while True:
            items = client.ask("POST", "/data_assets/27b4d7ec-a2f8-4c8d-9be5-361d33e50bf0/files", json=body)["items"]
            path = items[0]["path"]
            if items[0]["type"] == "file":
                break
            body = {"path": path}
        where = "/data_assets/27b4d7ec-a2f8-4c8d-9be5-361d33e50bf0/files/urls"
        url = client.ask("GET", where, params={"path": path})["download_url"]
        with client.stream("GET", url) as answer:
            next(answer.iter_raw())
            assert server.stop() == (0, "")


def test_every_option_has_its_variable(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        "version: 1\n"
        "users: [{id: u1, email: a@b.c, name: A}]\n"
        "tokens: [{token: my-token, user: a@b.c}]\n"
        "capsules: [{id: c1, slug: '1234567', name: One, owner: a@b.c, created: 5}]\n"
    )
    variables = {
        "CODEOCEAN_MOCK_HOST": "localhost",
        "CODEOCEAN_MOCK_DATA_DIR": str(tmp_path / "data"),
        "CODEOCEAN_MOCK_SEED": str(seed),
        "CODEOCEAN_MOCK_TIME_SCALE": "1000",
        "CODEOCEAN_MOCK_RANDOM_SEED": "5",
        "CODEOCEAN_MOCK_UNKNOWN_BUCKETS": "fail",
    }
    with started(**variables) as server, Client(server.url, "my-token") as client:
        assert server.ready["tokens"] == {"my-token": "a@b.c; all scopes"}
        assert server.ready["data"] == str(tmp_path / "data")
        client.ask("POST", "/computations", json={"capsule_id": "c1"})
        body = {"name": "n", "tags": [], "mount": "m", "source": {"aws": {"bucket": "b"}}}
        key = client.ask("POST", "/data_assets", json=body)["id"]
        for _ in range(200):
            if client.ask("GET", f"/data_assets/{key}")["state"] == "failed":
                break
        else:
            pytest.fail("the data asset did not fail")
    with started(CODEOCEAN_MOCK_IN_MEMORY="1") as server:
        assert server.ready["data"] == "in memory"
    assert "CODEOCEAN_MOCK_PORT" in run("serve", "--help", COLUMNS="200", TERMINAL_WIDTH="200").stdout
    assert "CODEOCEAN_MOCK_LOG_FORMAT" in run("serve", "--help", COLUMNS="200", TERMINAL_WIDTH="200").stdout


def test_seed_check_of_the_packaged_ones() -> None:
    for name in ("demo", "empty"):
        checked = run("seed", "check", name)
        assert checked.returncode == 0
        assert checked.stdout.startswith(f"{name}: fine:")


def test_version_and_help() -> None:
    assert run("--version").stdout == f"codeocean-mock {__version__}\n"
    assert "serve" in run("--help").stdout
    assert run("nonsense").returncode == 2


def test_a_stop_is_heard_while_the_server_starts(tmp_path: Path) -> None:
    seed, data = tmp_path / "seed.yaml", tmp_path / "data"
    assets = "".join(f"  - {{id: d{at}, name: D, mount: d, owner: a@b, created: 1}}\n" for at in range(40_000))
    seed.write_text(f"version: 1\nusers: [{{id: u, email: a@b, name: A}}]\ntokens: []\ndata_assets:\n{assets}")
    command = [COMMAND, "serve", "--data-dir", str(data), "--port", "0", "--seed", str(seed)]
    popen = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    # The database is made first; to fill it takes seconds.
    while not (data / "default.sqlite").exists():
        assert popen.poll() is None
    popen.send_signal(signal.SIGTERM)
    assert popen.communicate(timeout=PATIENCE) == ("", "")
    assert popen.returncode == 0


def connected(url: str) -> socket.socket:
    place = urlsplit(url)
    return socket.create_connection((place.hostname, place.port))


def test_a_stop_does_not_wait_for_those_who_wait(tmp_path: Path) -> None:
    with started("--data-dir", str(tmp_path)) as server, connected(server.url) as waiting:
        body = b'{"match": {}, "count": 99, "timeout": "10m"}'
        head = b"POST /_mock/worlds/default/journal/wait HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n"
        waiting.sendall(head % len(body) + body)
        httpx.get(f"{server.url}/_mock/health", timeout=PATIENCE).raise_for_status()
        assert server.stop(signal.SIGTERM) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["default.sqlite"]
