"""Processes that a tool has started."""

import subprocess


def end(process: "subprocess.Popen[str]", patience: float) -> None:
    """Ask a process to end, and kill it when it takes longer than `patience` seconds."""
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
