"""Commands of the pages in a shell."""

import os
import subprocess
import sys
from pathlib import Path

from tests.process import PATIENCE, environment


def run_in_shell(
    commands: str, folder: Path, flags: str = "-ec", **variables: str
) -> "subprocess.CompletedProcess[str]":
    """What a shell makes of commands in a folder, with the installed ones on its path. By default it ends at the first
    command that fails.
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = environment(PATH=path, **variables)
    return subprocess.run(
        ["sh", flags, commands],
        cwd=folder,
        # A pytest among the commands is no worker of the one that runs this.
        env={name: value for name, value in env.items() if not name.startswith("PYTEST_XDIST")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
