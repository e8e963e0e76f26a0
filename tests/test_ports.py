"""No test needs a port that somebody else may have: not even 8000, where `make run` serves."""

import ast
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import USUAL_PORT

ROOT = Path(__file__).parent.parent
MODULES = {
    str(path.relative_to(ROOT)): path
    for folder in ("tests", "tools", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
    # A container has ports of its own.
    if not path.is_relative_to(ROOT / "tests/docker")
}


def without_port(path: Path) -> list[int]:
    """The lines of a module that start a server on the usual port, or on another that others may have."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call | ast.List | ast.Tuple):
            parts = node.args if isinstance(node, ast.Call) else node.elts
            words = [part.value if isinstance(part, ast.Constant) else None for part in parts]
            if "serve" in words and "--help" not in words and not _is_free(words):
                found.append(node.lineno)
    return sorted(found)


def _is_free(words: list[Any]) -> bool:
    """Whether a command has a port that the system chooses, or that a test has found out."""
    return "--port" in words[:-1] and words[words.index("--port") + 1] in ("0", None)


def test_whoever_starts_a_server_names_a_port() -> None:
    found = {name: without_port(path) for name, path in MODULES.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_server_on_the_usual_port_is_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        'run("serve")\n'
        'run("serve", "--port", "0")\n'
        'start([COMMAND, "serve", *options])\n'
        'run("wait")\n'
        'run("serve", "--port", "8001")\n'
        'run("serve", "--port", port)\n'
    )
    assert without_port(module) == [1, 3, 5]


def test_the_usual_port_is_taken_while_the_tests_run() -> None:
    with pytest.raises(OSError, match="in use"):
        socket.create_server(("127.0.0.1", USUAL_PORT)).close()
