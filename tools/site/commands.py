"""Arguments and options of the commands, from the commands themselves."""

from collections.abc import Iterator
from typing import Any

import typer.main

from mock_server.cli import app
from tools.site.headings import cell, with_additions


def with_options(markdown: str) -> str:
    """The page of the command line, with a table of options for each command."""
    return with_additions(markdown, lambda title: "".join(_table(_command(title))))


def _command(title: str) -> Any:
    """The command that a heading names, as in `codeocean-mock worlds show`."""
    found: Any = typer.main.get_command(app)
    for name in title.split()[1:]:
        found = found.commands[name]
    return found


def _table(command: Any) -> Iterator[str]:
    """The lines of a command's table."""
    rows = [_row(parameter) for parameter in command.params if "--help" not in parameter.opts]
    if rows:
        yield "| option | what it does | variable | default |\n|---|---|---|---|\n"
        yield from rows


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        names = f"`{parameter.name.upper()}`"
    else:
        names = ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    variable = f"`{parameter.envvar}`" if parameter.envvar else ""
    return f"| {names} | {cell(parameter.help or '')} | {variable} | {_default(parameter)} |\n"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    default = getattr(parameter.default, "value", parameter.default)
    if default in (None, False, (), []) or callable(default):
        return ""
    return f"`{cell(str(default))}`"
