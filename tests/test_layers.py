"""The structure that ARCHITECTURE.md states, held by import-linter and by counting lines."""

from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
MAX_LINES = 400


def test_imports_go_one_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out


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
