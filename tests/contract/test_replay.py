"""The line that says how to run a check again."""

import shlex
from typing import Any

import pytest
import typer

from contract_tests.options import LAYERS, Options
from contract_tests.transport.profiles import Profile
from mock_server.cli import app
from mock_server.cli.contract_options import options_of

SAMPLES = {
    "--url": "http://127.0.0.1:8000",
    "--profile": "sandboxed",
    "--layer": "probes",
    "--seed": "7",
    "--max-requests": "70",
    "--max-created": "3",
    "--max-runs": "2",
    "--max-seconds": "90.5",
    "--rate": "2.5",
    "--patience": "40.0",
    "--timeout": "12.5",
    "--allow-operation": "transfer_data_asset",
}
"""A value for options that do not take just any text."""

SECRETS = ("--token", "--other-token", "--admin-token", "--reader-token", "--control-token")

OF_THE_OUTPUT = {"--report", "--json", "--quiet"}
"""They change nothing of what is sent or judged."""


def options_of_the_command() -> dict[str, Any]:
    group = typer.main.get_command(app).commands["contract"]  # type: ignore[attr-defined]
    return {max(parameter.opts, key=len): parameter for parameter in group.params}


def replayed(words: list[str]) -> list[str]:
    """What the command with `words` says how to run a check of probes again."""
    context = typer.main.get_command(app).commands["contract"].make_context("contract", words)  # type: ignore[attr-defined]
    given = context.params
    users = {"owner": "token", "other": "other_token", "admin": "admin_token", "reader": "reader_token"}
    budgets = {"requests": "max_requests", "created": "max_created", "runs": "max_runs", "seconds": "max_seconds"}
    names = ("capsule", "pipeline", "computation", "data_asset")
    same = ("allow_host", "quick", "seed", "spec", "ledger", "control_token", "patience", "timeout", "baseline")
    options = options_of(
        given["url"] or "http://127.0.0.1:1",
        {user: given[name] for user, name in users.items()},
        given["profile"],
        {name: given[name] for name in names},
        is_own=given["url"] is None,
        layers=given["layer"],
        allow_operations=given["allow_operation"],
        budgets={name: given[option] for name, option in budgets.items()} | {"per_second": given["rate"]},
        **{name: given[name] for name in same},
    )
    line = options.replay("oracles", "pages")
    assert line.endswith("  # pages")
    return shlex.split(line, comments=True)[2:]


@pytest.mark.parametrize("option", sorted(set(options_of_the_command()) - OF_THE_OUTPUT - {"--help"}))
def test_every_option_is_kept(option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEOCEAN_TOKEN", raising=False)
    value = [] if options_of_the_command()[option].is_flag else [SAMPLES.get(option, "a b")]
    kept = replayed([option, *value])
    place = kept.index(option)
    if option in SECRETS:
        assert kept[place + 1].startswith("$")
        assert "a b" not in kept
    else:
        assert kept[place + 1 : place + 1 + len(value)] == value
    # A variable stands in quotes that the shell looks into.
    again = replayed([word if not word.startswith("$") else "a b" for word in kept])
    assert again == kept


def test_the_deployment_and_the_layer_of_the_check_are_named() -> None:
    options = Options("http://127.0.0.1:8000", profile=Profile.OBSERVE, seed=7, quick=True)
    same = "--url http://127.0.0.1:8000 --profile observe --seed 7 --layer spec --quick"
    assert options.replay("spec", "not_a_server_error") == f"codeocean-mock contract {same}  # not_a_server_error"


def test_a_fake_of_the_runs_own_is_not_named() -> None:
    own = Options("http://127.0.0.1:8000", is_own=True, seed=7, tokens={"owner": "hunter2"})
    assert own.replay("oracles", "pages") == 'codeocean-mock contract --token "$CODEOCEAN_TOKEN" --seed 7  # pages'


@pytest.mark.parametrize("layers", [LAYERS[:1], LAYERS[1:3]])
def test_what_oracles_found_needs_the_same_layers(layers: tuple[str, ...]) -> None:
    line = Options("http://x", is_own=True, layers=layers).replay("oracles", "pages")
    assert [word for word in line.split() if word in LAYERS] == list(layers)
