"""One clear line for whatever cannot be imported, and no half-written file under the final name."""

import os
import resource
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mock_server.domain.versions import parse
from mock_server.importing import session
from mock_server.importing.options import Address, ImportFailedError, Selection
from tests.cli.conftest import command
from tests.contract.stand_in import TOKEN, StandIn, run_stand_in
from tests.importing.conftest import CAPSULE, QUICKLY, importing, refused
from tests.process import COMMAND, PATIENCE, environment

NOT_THERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path: Path) -> Iterator[None]:
    yield
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("world.yaml")] == []


@contextmanager
def answering(status: int, content_type: str, body: bytes) -> Iterator[str]:
    """A server that answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the library
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(PATIENCE)


def test_a_wrong_token(real: StandIn, tmp_path: Path) -> None:
    done = importing(real.url, "--capsule", CAPSULE, "--out", tmp_path / "world.yaml", token="cop_nobody")
    assert f"{real.url} rejected the token: 401" in refused(done)


def test_no_token(real: StandIn, tmp_path: Path) -> None:
    done = command("import", "--url", real.url, "--capsule", CAPSULE, "--out", str(tmp_path / "world.yaml"))
    assert "no token: pass --token, or set CODEOCEAN_TOKEN" in refused(done)
    assert real.received == []


@pytest.mark.parametrize(
    ("status", "content_type", "body", "said"),
    [
        (200, "text/html", b"<html>Sign in</html>", "and a web page, such as a login page"),
        (200, "application/json", b'{"hits": []}', "is not a Code Ocean deployment"),
        (200, "application/json", b"[", "is not a Code Ocean deployment"),
        (404, "text/plain", b"404 page not found", "is not a Code Ocean deployment"),
        (302, "text/plain", b"", "redirects to"),
        (503, "text/plain", b"maintenance", "is down"),
    ],
)
def test_something_else_than_a_deployment(
    tmp_path: Path, status: int, content_type: str, body: bytes, said: str
) -> None:
    with answering(status, content_type, body) as url:
        assert said in refused(importing(url, "--capsules", "", "--out", tmp_path / "world.yaml"))


def test_nobody_answers(tmp_path: Path) -> None:
    with answering(200, "", b"") as url:
        pass
    done = importing(url, "--capsules", "", "--out", tmp_path / "world.yaml")
    assert f"nothing answers at {url}: connection refused" in refused(done)


@pytest.mark.parametrize("kind", ["capsule", "pipeline", "data-asset"])
def test_an_id_that_is_not_there(real: StandIn, tmp_path: Path, kind: str) -> None:
    done = importing(real.url, f"--{kind}", NOT_THERE, "--out", tmp_path / "world.yaml")
    assert f"there is no {kind.replace('-', ' ')} {NOT_THERE}, or this token may not see it" in refused(done)


def test_what_is_no_id(real: StandIn, tmp_path: Path) -> None:
    done = importing(real.url, "--capsule", "../secret", "--out", tmp_path / "world.yaml")
    assert "--capsule: not an id: '../secret'" in refused(done)


def test_a_search_that_is_no_search(real: StandIn, tmp_path: Path) -> None:
    done = importing(real.url, "--data-assets", "x" * 200_000, "--out", tmp_path / "world.yaml")
    assert "the search for data assets was refused: 400" in refused(done)


def test_a_remote_host_that_nobody_has_confirmed(tmp_path: Path) -> None:
    done = importing("https://codeocean.example.org", "--capsules", "", "--out", tmp_path / "world.yaml")
    assert "confirm it with --allow-host codeocean.example.org" in refused(done)


def test_nothing_selected(real: StandIn, tmp_path: Path) -> None:
    done = importing(real.url, "--out", tmp_path / "world.yaml")
    assert "nothing is selected: name capsules, pipelines or data assets, or pass --yes" in refused(done)
    assert real.received == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--keep", "everything"), "--keep: not one of people, buckets, secrets, all: 'everything'"),
        (("--redact", "names"), "--redact: not one of descriptions: 'names'"),
        (("--resume",), "there is nothing to resume"),
        (("--diff", "missing.yaml"), "missing.yaml"),
        (("--map", "/proc/nothing/map"), "the map cannot be written"),
    ],
)
def test_options_that_cannot_be(real: StandIn, tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    assert said in refused(importing(real.url, "--capsules", "", "--out", tmp_path / "world.yaml", *options))


def test_no_folder(real: StandIn, tmp_path: Path) -> None:
    done = importing(real.url, "--capsules", "", "--out", tmp_path / "missing" / "world.yaml")
    assert f"the folder {tmp_path / 'missing'} does not exist" in refused(done)


def test_a_file_that_is_there_stays_without_force(real: StandIn, tmp_path: Path) -> None:
    out = tmp_path / "existing.yaml"
    out.write_text("mine")
    assert f"{out} exists: pass --force" in refused(importing(real.url, "--capsules", "", "--out", out))
    assert out.read_text() == "mine"
    assert real.received == []
    done = importing(real.url, "--capsule", NOT_THERE, "--out", out, "--force")
    assert "there is no capsule" in refused(done)
    assert out.read_text() == "mine"
    done = importing(real.url, "--capsule", CAPSULE, "--out", out, "--force")
    assert done.code == 0
    assert out.read_text() != "mine"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits of processes are those of Unix")
def test_a_full_disk(real: StandIn, tmp_path: Path) -> None:
    """A limit on the size of files fails as a full disk does: in the middle of a write."""
    for blocks in (1, 20):
        out = tmp_path / f"full-{blocks}.yaml"
        line = [
            COMMAND,
            "import",
            "--url",
            real.url,
            "--capsules",
            "",
            "--data-assets",
            "",
            "--out",
            str(out),
            *QUICKLY,
        ]
        shell = ["bash", "-c", f'ulimit -f {blocks}; exec "$@"', "bash", *line]
        variables = environment(CODEOCEAN_TOKEN=TOKEN, PYTHONDONTWRITEBYTECODE="1")
        # What is measured of it could not be written either.
        variables.pop("COVERAGE_PROCESS_CONFIG", None)
        done = subprocess.run(shell, capture_output=True, text=True, env=variables, timeout=PATIENCE, check=False)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1, done.stderr
        assert "cannot be written: File too large" in done.stderr
        assert not out.exists()


class FillingDisk:
    """Progress of an import on a disk that is full once everything is read."""

    def expect(self, requests: int) -> None:
        pass

    def sent(self) -> None:
        pass

    def writing(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))


@pytest.mark.slow
def test_a_disk_that_is_full_when_the_seed_is_written(real: StandIn, tmp_path: Path) -> None:
    out = tmp_path / "late.yaml"
    budgets = {"per_second": 10_000.0}
    selection = Selection(capsule_query="", data_asset_query="")
    request = session.Request(Address(real.url, TOKEN, budgets=budgets), selection)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(ImportFailedError, match=r"late.yaml cannot be written: File too large; --resume goes on"):
            session.run(request, out, FillingDisk())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("late")] == ["late.yaml.part"]
    real.received.clear()
    done = importing(real.url, "--capsules", "", "--data-assets", "", "--out", out, "--resume")
    assert done.code == 0, done.err
    assert out.exists()
    assert len(real.received) == 1, "everything had been read"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "lacking"),
    [
        (
            "3.1",
            ["operations for pipelines", "fields of custom metadata", "app panels", "permissions that can be read"],
        ),
        ("4.0", ["operations for pipelines", "permissions that can be read"]),
        ("4.8", []),
    ],
)
def test_an_older_platform_is_imported_without_what_it_lacks(tmp_path: Path, version: str, lacking: list[str]) -> None:
    with run_stand_in(tmp_path, platform_version=parse(version)) as older:
        out = tmp_path / "older.yaml"
        done = importing(older.url, "--capsules", "", "--data-assets", "", "--files", "small", "--out", out)
    assert done.code == 0, done.err
    said = [line.partition("the platform has no ")[2].partition(":")[0] for line in done.err.splitlines()]
    assert said == lacking
    checked = command("seed", "check", str(out))
    assert checked.code == 0, checked.err


def test_an_import_that_was_begun_otherwise_is_not_resumed(real: StandIn, tmp_path: Path) -> None:
    out = tmp_path / "begun.yaml"
    assert importing(real.url, "--capsules", "", "--out", out, "--max-requests", "20").code == 2
    done = importing(real.url, "--data-assets", "", "--out", out, "--resume")
    assert "was begun with another deployment or selection" in refused(done)
    again = importing(real.url, "--capsules", "", "--out", out)
    assert "was interrupted: --resume goes on with it, --force begins anew" in refused(again)
    part = tmp_path / "begun.yaml.part"
    assert part.stat().st_mode & 0o777 == 0o600
    part.write_text("something else\n")
    assert "is not what an interrupted import leaves" in refused(
        importing(real.url, "--capsules", "", "--out", out, "--resume")
    )
