"""The command line. One file for each group of commands; what needs much time to import is imported late."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from mock_server import signals
from mock_server.cli import (
    clock,
    contract,
    contract_tools,
    env,
    faults,
    importing,
    journal,
    openapi,
    runner,
    runs,
    scenarios,
    seed,
    serve,
    snapshots,
    wait,
    worlds,
)
from mock_server.cli.doctor import command
from mock_server.version import __version__

SETTINGS = {"help_option_names": ["--help", "-h"]}
"""Of every command: `-h` as many are used to it."""


class CommandLine(TyperGroup):
    """The commands, with our words for what is wrong in an argument of any of them."""

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Read the options that stand before the command."""
        with _in_words():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: Any) -> Any:
        """Read the rest, and run the command."""
        try:
            with _in_words():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            typer.echo(signals.WORD, err=True)
            raise typer.Exit(signals.INTERRUPTED) from None


@contextmanager
def _in_words() -> Iterator[None]:
    """Let a refusal of the parser name what may have been meant, without the language of what it is made with."""
    try:
        yield
    except typer.TyperException as problem:
        options = getattr(problem, "possibilities", None)
        if options:
            problem.message = f"{problem.message}. Did you mean {' or '.join(map(repr, sorted(options)))}?"
            setattr(problem, "possibilities", None)  # noqa: B010 - the parser's own class is private
        errors = getattr(problem.__cause__, "errors", None)
        if errors is not None:
            problem.message = _value(errors()[0])
        raise


def _value(error: dict[str, Any]) -> str:
    from mock_server.input_errors.words import in_words, suggestion

    words = in_words(error)
    given, *choices = re.findall(r"'([^']*)'", words) or [""]
    is_choice = error["type"] == "value_error" and "is not one of" in words
    return words.rstrip(".") + suggestion(given, choices) if is_choice else words


app = typer.Typer(
    cls=CommandLine,
    context_settings=SETTINGS,
    help="A local, stateful fake of the Code Ocean REST API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(serve.serve)
app.command("openapi")(openapi.openapi)
app.command("env")(env.env)
app.command("runner")(runner.runner)
app.command("wait")(wait.wait)
app.command("doctor")(command.doctor)
app.command("import")(importing.import_)
app.command("reset")(worlds.reset)
app.command("export")(worlds.export)
app.add_typer(worlds.group, name="worlds")
app.add_typer(clock.group, name="clock")
app.add_typer(runs.group, name="runs")
app.add_typer(scenarios.group, name="scenarios")
app.add_typer(faults.group, name="faults")
app.add_typer(journal.group, name="journal")
app.add_typer(snapshots.group, name="snapshots")
contracts = typer.Typer(rich_markup_mode=None)
contracts.callback(invoke_without_command=True)(contract.run)
contracts.command("plan")(contract_tools.plan)
contracts.command("rules")(contract_tools.rules)
contracts.command("drift")(contract_tools.drift)
contracts.command("sweep")(contract_tools.sweep)
app.add_typer(contracts, name="contract")
app.add_typer(seed.group, name="seed")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"codeocean-mock {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """A local, stateful fake of the Code Ocean REST API."""
