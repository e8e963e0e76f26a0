"""What a start imports. Times differ from machine to machine; what they come from is counted."""

import re
from pathlib import Path

import httpx
import pytest

from tests import ids
from tests.process import run, started

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

SERVER = "mock_server"

PROFILED = {"PYTHONPROFILEIMPORTTIME": "1", "COVERAGE_PROCESS_CONFIG": "", "COVERAGE_PROCESS_START": ""}
"""The environment of a process that writes down what it imports, and that coverage has no part in."""

MOST_OF_OURS, MOST, MOST_OF_HELP = 173, 545, 220
"""How many modules may be imported: our own by a first answer, all of them, and all of them by `--help`."""


def imported(log: str) -> set[str]:
    """The modules in what Python writes with `PYTHONPROFILEIMPORTTIME`."""
    return set(re.findall(r"^import time:.*\| +(\S+)$", log, re.MULTILINE))


def of_server(tmp_path: Path, *options: str, path: str = "/api/v1/computations/" + ids.PAST_RUN) -> set[str]:
    """What a server has imported when it has given its first answer."""
    log = tmp_path / "imports"
    shell = f'exec "$@" 2>"{log}"'
    with started("--data-dir", str(tmp_path / "data"), *options, shell=shell, **PROFILED) as server:
        assert httpx.get(server.url + path, auth=("cop_demo_user", "")).status_code == 200
        server.stop()
    return imported(log.read_text())


@pytest.mark.parametrize("options", [(), ("--seed", "demo", "--platform-version", "3.0")], ids=str)
def test_a_first_answer_needs_few_modules(tmp_path: Path, options: tuple[str, ...]) -> None:
    modules = of_server(tmp_path, *options)
    assert f"{SERVER}.api.dispatch" in modules
    assert not PACKAGES & modules
    assert [name for name in modules if LATE.match(name)] == []
    assert len([name for name in modules if name.startswith(SERVER)]) <= MOST_OF_OURS
    assert len(modules) <= MOST


def test_the_help_needs_no_server(tmp_path: Path) -> None:
    done = run("--help", **PROFILED)
    modules = imported(done.stderr)
    assert "Usage:" in done.stdout
    assert not (PACKAGES | {"pydantic", "uvicorn", "sqlite3", "asyncio"}) & modules
    assert len(modules) <= MOST_OF_HELP


def test_what_is_left_out_of_a_start_is_there_when_it_is_asked_for(tmp_path: Path) -> None:
    assert {"fastapi", f"{SERVER}.control.endpoints"} <= of_server(tmp_path, path="/_mock/health")
