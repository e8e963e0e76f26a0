"""Writes what the command prints for `--help`, `mock_server/cli/help.txt`: `make cli-help`."""

import os
from unittest.mock import patch

import typer

from mock_server import quick_help
from mock_server.cli import app


def text() -> str:
    """The help as the commands put it together."""
    command = typer.main.get_command(app)
    with patch.dict(os.environ, COLUMNS=str(quick_help.WIDTH)):
        return command.make_context("codeocean-mock", [], resilient_parsing=True).get_help() + "\n"


if __name__ == "__main__":
    quick_help.TEXT.write_text(text(), "utf-8")
