"""What a start imports. Times differ from machine to machine; what they come from is counted."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import ids
from tests.process import PATIENCE, run, started, until

PACKAGES = frozenset(
    (
        "_pytest", "codeocean", "fastapi", "httpcore", "httpx", "jinja2", "jsonschema", "multipart", "requests", "rich",
        "schemathesis", "sqlalchemy", "sqlmodel", "starlette", "yaml",
    )
)  # fmt: skip
"""What takes long to import, and is needed by parts that nobody has asked for yet."""

LATE = re.compile(
    r"mock_server\.(documents|control\.(?!plane|guard)|ui\.(?!paths)|client|store\.declared|wire\.(control|journal))"
)
"""Our own modules that have no part in a first answer."""

OF_S3 = re.compile(r"(boto3|botocore|s3transfer|moto|flask|mock_server\.(s3|services\.objects))(\.|$)")
"""What only a server that has S3 needs."""

OF_TLS = re.compile(r"(trustme|cryptography|mock_server\.serving\.(certificates|handshakes|tls))(\.|$)")
"""What only a server that speaks HTTPS needs."""

SERVER = "mock_server"

PROFILED = {"PYTHONPROFILEIMPORTTIME": "1", "COVERAGE_PROCESS_CONFIG": "", "COVERAGE_PROCESS_START": ""}
"""The environment of a process that writes down what it imports, and that coverage has no part in."""

MOST_OF_OURS, MOST, MOST_OF_COMMANDS, MOST_OF_HELP = 180, 547, 224, 60
"""How many modules may be imported: our own by a first answer, all of them; all by the commands, and by help."""


def imported(log: str) -> set[str]:
    """The modules in what Python writes with `PYTHONPROFILEIMPORTTIME`."""
    return set(re.findall(r"^import time:.*\| +(\S+)$", log, re.MULTILINE))


def of_server(tmp_path: Path, *options: str, path: str = "/api/v1/computations/" + ids.PAST_RUN) -> set[str]:
    """What a server has imported when it has given its first answer."""

    def request(url: str) -> None:
        assert httpx.get(url + path, auth=("cop_demo_user", "")).status_code == 200

    return of_use(tmp_path, request, *options)


def of_use(tmp_path: Path, use: Callable[[str], None], *options: str) -> set[str]:
    """What a server has imported when it was used, by its URL."""
    log = tmp_path / "imports"
    shell = f'exec "$@" 2>"{log}"'
    with started("--data-dir", str(tmp_path / "data"), *options, shell=shell, **PROFILED) as server:
        use(server.url)
        server.stop()
    return imported(log.read_text())


def data_assets_used(url: str) -> None:
    """Create data assets in every way that has to do with S3, look for their files, and move and remove them."""
    with httpx.Client(base_url=f"{url}/api/v1", auth=("cop_demo_admin", ""), timeout=PATIENCE) as client:

        def asset(name: str, source: dict[str, Any], **more: Any) -> str:
            body = {"name": name, "mount": name, "tags": [name], "source": source, **more}
            made = client.post("/data_assets", json=body).raise_for_status().json()["id"]
            until(lambda: client.get(f"/data_assets/{made}").json()["state"] == "ready")
            return str(made)

        bucket = {"bucket": "MY_BUCKET", "prefix": "PREFIX"}
        target = {"aws": {"bucket": "results", "prefix": "here"}}
        run = {"computation": {"id": ids.PAST_RUN}}
        external = asset("external", {"aws": bucket | {"keep_on_external_storage": True}})
        internal = asset("internal", {"aws": bucket})
        asset("captured", run)
        asset("captured-outside", run, target=target)
        urls = client.get(f"/data_assets/{internal}/files/urls?path=measurements.csv").raise_for_status().json()
        httpx.get(urls["download_url"]).raise_for_status()
        client.post(f"/data_assets/{internal}/transfer", json={"target": target}).raise_for_status()
        until(lambda: "last_transferred" in client.get(f"/data_assets/{internal}").json())
        for made in (external, internal):
            client.patch(f"/data_assets/{made}/archive?archive=true").raise_for_status()
            client.delete(f"/data_assets/{made}").raise_for_status()
        client.post("/data_assets/search", json={}, auth=("cop_demo_user@other", "")).raise_for_status()
    httpx.post(f"{url}/_mock/worlds/other/reset", timeout=PATIENCE).raise_for_status()


@pytest.mark.parametrize("options", [(), ("--seed", "demo", "--platform-version", "3.0")], ids=str)
def test_a_first_answer_needs_few_modules(tmp_path: Path, options: tuple[str, ...]) -> None:
    modules = of_server(tmp_path, *options)
    assert f"{SERVER}.api.dispatch" in modules
    assert not PACKAGES & modules
    assert [name for name in modules if LATE.match(name) or OF_TLS.match(name)] == []
    assert len([name for name in modules if name.startswith(SERVER)]) <= MOST_OF_OURS
    assert len(modules) <= MOST


BEFORE_CTRL_C_IS_HEARD = {
    "signal",
    "mock_server",
    *(f"mock_server.{name}" for name in ("version", "signals", "__main__")),
}


def test_the_command_hears_ctrl_c_before_it_imports_what_takes_time() -> None:
    """Beside `re`, which the script that pip writes imports itself."""
    script = "import re, sys; before = {*sys.modules}; import mock_server.__main__; print(*{*sys.modules} - before)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "mock_server.__main__" in done.stdout.split()
    assert set(done.stdout.split()) <= BEFORE_CTRL_C_IS_HEARD


@pytest.mark.parametrize(
    ("option", "columns", "most"),
    [("--help", "80", MOST_OF_HELP), ("--version", "80", MOST_OF_HELP), ("--help", "60", MOST_OF_COMMANDS)],
)
def test_what_needs_no_server_imports_nothing_of_it(option: str, columns: str, most: int) -> None:
    """Help for a narrow terminal is put together by the commands."""
    done = run(option, **PROFILED, COLUMNS=columns)
    modules = imported(done.stderr)
    assert done.stdout
    assert not (PACKAGES | {"pydantic", "uvicorn", "sqlite3", "asyncio"}) & modules
    assert len(modules) <= most


def test_without_s3_nothing_of_it_is_imported_whatever_is_done_with_data_assets(tmp_path: Path) -> None:
    modules = of_use(tmp_path, data_assets_used, "--time-scale", "1000")
    assert f"{SERVER}.services.data_asset_creation" in modules
    assert sorted(name for name in modules if OF_S3.match(name)) == []


def test_what_s3_needs_is_imported_with_it(tmp_path: Path) -> None:
    modules = {name for name in of_server(tmp_path, "--s3", "embedded") if OF_S3.match(name)}
    assert {"boto3", "botocore.client", f"{SERVER}.s3.storage", f"{SERVER}.services.objects.worker"} <= modules
    assert [name for name in modules if name.startswith(("moto", "flask"))] == []


def test_what_is_left_out_of_a_start_is_there_when_it_is_asked_for(tmp_path: Path) -> None:
    of_control = of_server(tmp_path, path="/_mock/health")
    assert f"{SERVER}.control.endpoints" in of_control
    assert not PACKAGES & of_control
    assert "fastapi" in of_server(tmp_path, path="/_mock/openapi.json")
