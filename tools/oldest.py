"""Run tests with the oldest versions that `pyproject.toml` allows: `python -m tools.oldest`, or `make test-oldest`.

Whoever installs codeocean-mock beside other packages may get any version from there on.
"""

import subprocess
import sys
from pathlib import Path

from tools.environments import ENVIRONMENTS, ROOT

UV = str(Path(sys.executable).with_name("uv"))
EXTRAS = ".[test,runner]"
INSTALL_SECONDS = 600


def main(arguments: list[str]) -> int:
    """Run pytest with `arguments` in an environment made anew; its exit code."""
    home = ENVIRONMENTS / "oldest"
    python = home / "bin" / "python"
    for command in (
        ["venv", "--quiet", "--clear", "--python", sys.executable, str(home)],
        ["pip", "install", "--quiet", "--python", str(python), "--resolution", "lowest-direct", "--editable", EXTRAS],
    ):
        done = subprocess.run([UV, *command], cwd=ROOT, timeout=INSTALL_SECONDS, check=False)
        if done.returncode:
            return done.returncode
    return subprocess.run([str(python), "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
