"""What `make run` shows of pip in a fresh checkout."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.process import PATIENCE
from tools.installing import name_of

ROOT = Path(__file__).parents[1]

OUTPUT = """\
Obtaining file:///checkout
  Preparing editable metadata (pyproject.toml): started
Collecting fastapi>=0.165 (from codeocean-mock==0.1.0)
  Downloading fastapi-0.165.0-py3-none-any.whl (159 kB)
Processing /wheels/typing_extensions-4.16.0-py3-none-any.whl (from fastapi>=0.165)
Collecting fastapi>=0.165 (from codeocean-mock==0.1.0)
Collecting uvicorn[standard]; extra == "x"
Installing collected packages: typing-extensions, fastapi
Successfully installed fastapi-0.165.0
"""


def installing(code: int) -> "subprocess.CompletedProcess[str]":
    pip = f"import sys; print({OUTPUT!r}, end=''); sys.exit({code})"
    command = [sys.executable, "-m", "tools.installing", sys.executable, "-c", pip]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_packages_are_named_once_and_the_rest_is_left_out() -> None:
    done = installing(0)
    assert done.stdout == "fastapi, typing_extensions, uvicorn; unpacking; done.\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_a_failure_shows_all_that_pip_has_printed_and_fails_too() -> None:
    done = installing(3)
    assert (done.returncode, done.stderr) == (3, OUTPUT)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Collecting a-b.c~=1.0\n", "a-b.c"),
        ("  Processing ./h11-0.16.0-py3-none-any.whl (from x)\n", "h11"),
        ("Collected 1 file\n", None),
        ("\n", None),
    ],
)
def test_the_name_in_a_line_of_pip(line: str, name: str | None) -> None:
    assert name_of(line) == name


def test_make_run_installs_so() -> None:
    run = ["make", "--dry-run", "--always-make", "run", "PORT=1"]
    lines = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    assert "this is done once" in lines
    (line,) = [line for line in lines.splitlines() if "tools.installing" in line]
    assert "--quiet" not in line
    assert lines.index(line) < lines.index("codeocean-mock serve --port 1")
