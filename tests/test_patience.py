"""Tests wait for conditions. A time after which they give up says that something is broken, never that the machine is
busy: it is `PATIENCE`, and no guess of some seconds.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest

from mock_server.domain import durations
from tests.process import PATIENCE

TESTS = Path(__file__).parent
MODULES = {str(path.relative_to(TESTS)): path for path in sorted(TESTS.rglob("*.py"))}

WAITING = {
    "communicate",
    "join",
    "result",
    "set_default_timeout",
    "settimeout",
    "wait",
    "wait_for",
    "wait_until_ready",
}
"""Methods whose last positional argument, where it is a number, is how long they wait."""

DELIBERATE = {
    "contract/test_wrong_targets.py": {"1"},  # The pause between two bytes.
    "services/test_journal.py": {"0.05"},  # Waits that end in vain.
    "steering/load.py": {"0.02"},  # The pause between two requests.
    "steering/test_faults_sdk.py": {"0.1"},  # A client that gives up.
    # Waits for a server that never answers, or is never ready; and a count.
    "test_client.py": {"0.1", "0.3", "0.35", "1"},
}
"""Short times that are what is tested, by module."""


def numbers(path: Path) -> dict[str, ast.expr]:
    """What stands at the top of a module under a name."""
    return {
        node.targets[0].id: node.value
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


@cache
def named() -> dict[str, ast.expr]:
    """What a module may have imported from another one."""
    return {name: value for path in MODULES.values() for name, value in numbers(path).items()}


def time_outs(module: ast.Module) -> Iterator[ast.expr]:
    """Everything that a module says of how long something is to wait."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            given = [keyword.value for keyword in node.keywords if keyword.arg == "timeout"]
            yield from (part for value in given for part in choices(value))
            if isinstance(node.func, ast.Attribute) and node.func.attr in WAITING:
                yield from node.args[-1:]
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "timeout":
                    yield value
        elif isinstance(node, ast.BinOp) and "monotonic()" in ast.unparse(node.left):
            yield node.right


def choices(value: ast.expr) -> list[ast.expr]:
    """What an expression may be."""
    return [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]


def seconds(value: ast.expr, known: dict[str, ast.expr]) -> float | None:
    """How long a time-out is, or None where that is not written down in the module."""
    if isinstance(value, ast.Name) and value.id in known:
        return seconds(known[value.id], known)
    written = value.value if isinstance(value, ast.Constant) else None
    if not isinstance(written, int | float | str):
        return None
    try:
        return durations.seconds(written)
    except ValueError:
        return None


def short(path: Path, deliberate: set[str]) -> list[str]:
    """The time-outs of a module that a busy machine can exceed."""
    module = ast.parse(path.read_text())
    known = named() | numbers(path)
    found = []
    for value in sorted(time_outs(module), key=lambda value: value.lineno):
        text = ast.unparse(value)
        length = seconds(value, known)
        if length is not None and 0 < length < PATIENCE and text not in deliberate:
            found.append(f"line {value.lineno}: {text}")
    return found


def test_no_time_out_is_one_that_a_busy_machine_can_exceed() -> None:
    found = {name: short(path, DELIBERATE.get(name, set())) for name, path in MODULES.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}, "wait for a condition, with PATIENCE"


@pytest.mark.parametrize("name", DELIBERATE)
def test_no_exception_outlives_what_it_was_made_for(name: str) -> None:
    found = {line.partition(": ")[2] for line in short(MODULES[name], set())}
    assert found == DELIBERATE[name]


def test_short_time_outs_are_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "SECONDS = 20\n"
        "get(url, timeout=5)\n"
        "event.wait(SECONDS)\n"
        "end = time.monotonic() + 60\n"
        "post(url, json={'timeout': '90s'})\n"
        "get(url, timeout=0.1)\n"
        "event.wait()\n"
        "event.wait(PATIENCE)\n"
        "get(url, timeout=600)\n"
        "get(url, timeout=PATIENCE if slow else 3)\n"
        "', '.join(names)\n"
    )
    assert short(module, {"0.1"}) == ["line 2: 5", "line 3: SECONDS", "line 4: 60", "line 5: '90s'", "line 10: 3"]


def test_a_request_without_a_time_out_of_its_own_has_patience() -> None:
    with httpx.Client() as client:
        assert client.timeout == httpx.Timeout(PATIENCE)
