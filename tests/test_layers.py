"""The structure that ARCHITECTURE.md states, held by import-linter and by counting lines."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.process import PATIENCE

ROOT = Path(__file__).parent.parent
MAX_LINES = 400


def test_imports_go_one_way() -> None:
    # A process of its own: import-linter switches off the loggers of the one that it runs in.
    command = str(Path(sys.executable).parent / "lint-imports")
    linted = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert linted.returncode == 0, linted.stdout


PACKAGES = ("mock_server", "contract_tests", "tools")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MAX_MODULES = 25

# Words of a private dialect: the field has its own (docs/glossary.md).
DIALECT = re.compile(r"told|wish|stretch|soundness|wellformed|unread$|sites$", re.IGNORECASE)


def defined_in(path: Path) -> Iterator[str]:
    """The names of a file's classes and functions, and its own."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def test_files_stay_small() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_folders_stay_small() -> None:
    modules = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {str(folder.relative_to(ROOT)): many for folder, many in modules.items() if many > MAX_MODULES} == {}


def test_names_are_the_fields_words() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}" for path in MODULES for name in defined_in(path) if DIALECT.search(name)
    }
    assert found == set()


def test_the_public_api_is_imported_by_the_composition_root_alone() -> None:
    importing = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if re.search(r"^ *(from|import) mock_server\.api\b", path.read_text(), re.MULTILINE)
        and not path.is_relative_to(ROOT / "mock_server/api")
    }
    assert importing == {"mock_server/app.py"}


def test_the_index_of_decisions_has_each() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text()
    for path in (ROOT / "docs/decisions").glob("[0-9]*.md"):
        number, _, title = path.read_text().splitlines()[0].removeprefix("# ").partition(". ")
        assert f"| {number} | [{title}]({path.name}) |" in index


def test_no_file_names_a_registry_or_this_machine() -> None:
    pins = (ROOT / "constraints.txt").read_text()
    assert "://" not in pins
    for line in pins.splitlines():
        assert line.startswith("#") or "==" in line
