"""The suite runs from the wheel, in an empty directory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process import PATIENCE

ROOT = Path(__file__).parents[2]

KEPT = [
    path.relative_to(ROOT)
    for package in ("mock_server", "contract_tests")
    for path in sorted((ROOT / package).rglob("*"))
    if path.is_file() and path.suffix != ".pyc"
]
"""All that the packages are made of."""


@pytest.mark.slow
def test_from_the_wheel(tmp_path: Path) -> None:
    wheels, installed, empty = tmp_path / "wheels", tmp_path / "installed", tmp_path / "empty"
    empty.mkdir()
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, ROOT], check=True, timeout=120
    )
    [wheel] = wheels.iterdir()
    subprocess.run([*pip, "install", "--no-deps", "--target", installed, wheel], check=True, timeout=PATIENCE)
    env = os.environ | {"PYTHONPATH": str(installed)}
    where = "import contract_tests, mock_server; print(contract_tests.__file__, mock_server.__file__)"
    modules = subprocess.check_output([sys.executable, "-c", where], cwd=empty, env=env, text=True, timeout=PATIENCE)
    assert modules.count(str(installed)) == 2, "it is the wheel that is tried"
    missing = [path for path in KEPT if not (installed / path).exists()]
    assert missing == []
    command = [sys.executable, "-m", "mock_server", "contract", "--layer", "oracles", "--json"]
    done = subprocess.run(command, cwd=empty, env=env, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["verdict"] == "passed"
    assert list(empty.iterdir()) == [], "nothing is left behind"
