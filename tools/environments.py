"""Environments of their own for programs that are held against the fake, with packages of pinned versions."""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = Path(sys.prefix)
INSTALL_SECONDS = 600


def prepared(name: str, constraints: Path, *packages: str) -> str:
    """The Python of the environment `name` below `.venv`, which has `packages`; made anew when the pins have changed.

    Raises `subprocess.SubprocessError`, after pip has said why.
    """
    home = ENVIRONMENTS / name
    python, stamp = home / "bin" / "python", home / "made-from"
    pins = constraints.read_text()
    if not stamp.exists() or stamp.read_text() != pins:
        venv.create(home, clear=True, symlinks=True)
        pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "--quiet"]
        install = [*pip, "install", "--constraint", str(constraints), *packages]
        subprocess.run(install, timeout=INSTALL_SECONDS, check=True)
        stamp.write_text(pins)
    return str(python)
