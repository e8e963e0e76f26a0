"""The structure that ARCHITECTURE.md states, held by import-linter and by counting lines."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAX_LINES = 400


def test_imports_go_one_way() -> None:
    # A process of its own: import-linter switches off the loggers of the one that it runs in.
    command = str(Path(sys.executable).parent / "lint-imports")
    linted = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize(
    "path", sorted((ROOT / "mock_server").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES


def test_no_file_names_a_registry_or_this_machine() -> None:
    pins = (ROOT / "constraints.txt").read_text()
    assert "://" not in pins
    for line in pins.splitlines():
        assert line.startswith("#") or "==" in line
