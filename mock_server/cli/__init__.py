"""The command line. One file for each group of commands; what needs much time to import is imported late."""

from typing import Annotated

import typer

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

app = typer.Typer(
    help="A local, stateful fake of the Code Ocean REST API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
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
