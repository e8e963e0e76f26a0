"""Everything that exists is described, and nothing is described that does not exist."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest
import typer.main

from contract_tests.options import LAYERS
from contract_tests.suite import check_names
from contract_tests.transport.profiles import Profile
from mock_server import MockCodeOcean, pytest_plugin
from mock_server.cli import app
from mock_server.client import CodeOceanWorld
from mock_server.control import endpoints, spec
from mock_server.documents import scenario_model
from mock_server.documents.scenario_model import ScenarioWhen
from mock_server.domain.scenarios import BUILT_IN
from mock_server.embedded import SettingsFields
from mock_server.wire.control import ClockMode
from tests.docs.pages import ROOT, entries, headings, rows, section, text
from tools.mutants import MUTANTS


def commands(group: typer.core.TyperGroup, before: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from commands(command, f"{before} {name}")
        if not isinstance(command, typer.core.TyperGroup) or command.invoke_without_command:
            yield f"{before} {name}"


def test_every_command() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    assert sorted(headings("cli.md", 2)) == sorted(commands(group, "codeocean-mock"))


def test_every_route_of_the_control_plane() -> None:
    paths = spec.document()["paths"]
    routes = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    assert sorted(headings("control-plane.md", 2)) == sorted(routes)


def test_every_mode_of_the_clock() -> None:
    assert rows("worlds.md", "The clock") == list(get_args(ClockMode))


def test_every_built_in_scenario() -> None:
    for built_in in BUILT_IN.values():
        assert rows("scenarios.md", "Built-in scenarios") == list(built_in)


@pytest.mark.parametrize("kind", ["Computation", "DataAsset", "Attachment", "Release"])
def test_every_field_of_a_scenario(kind: str) -> None:
    described = set(re.findall(r"`(\w+)`", text("scenarios.md")))
    fields = set(getattr(scenario_model, f"{kind}Scenario").model_fields)
    assert len(fields) >= 8
    assert fields <= described


def test_every_condition_of_a_scenario() -> None:
    assert entries("scenarios.md", "Conditions") == set(ScenarioWhen.model_fields)


def test_every_fixture_of_the_plugin() -> None:
    fixtures = {name for name in vars(pytest_plugin) if name.startswith("codeocean_")}
    assert len(fixtures) == 3
    assert set(headings("pytest.md", 3)) == fixtures


def test_every_field_of_the_marker() -> None:
    assert rows("pytest.md", "The marker `codeocean`") == list(pytest_plugin.FIELDS)


def test_every_option_of_the_plugin(pytestconfig: pytest.Config) -> None:
    options = [name.replace("-", "_").lstrip("_") for name in rows("pytest.md", "Options")]
    assert all(hasattr(pytestconfig.option, name) for name in options)
    assert set(options) == {name for name in vars(pytestconfig.option) if name.startswith("codeocean_")}


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def test_what_a_world_and_a_server_have() -> None:
    world = public(CodeOceanWorld) | {"url", "control"}
    assert entries("pytest.md", "`codeocean_world`") == world - {"close"}
    assert set(re.findall(r"`(\w+)", section("embedding.md", "What it offers"))) >= world
    assert entries("embedding.md", "What it offers") == public(MockCodeOcean) | {"control"}


def test_every_setting_of_an_embedded_server() -> None:
    assert sorted(rows("embedding.md", "Settings")) == sorted(SettingsFields.__annotations__)
    settings = set(headings("settings.md", 2))
    named = set(re.findall(r"`(--[a-z0-9-]+)`", section("embedding.md", "Settings")))
    assert named <= settings
    assert settings - named == {"--host", "--port", "--in-memory", "--log-format", "--control-token-file", "--runner"}


def test_the_control_plane_has_no_route_outside_its_spec() -> None:
    hidden = [route.path for route in endpoints.routes() if not route.options.get("include_in_schema", True)]
    assert hidden == ["/openapi.json"]


def test_every_option_of_a_contract_run() -> None:
    """`docs/contract.md` speaks of each."""
    group = typer.main.get_command(app).commands["contract"]  # type: ignore[attr-defined]
    options = {parameter.opts[0] for parameter in group.params} - {"--help", "--control-token", "--url", "--token"}
    described = text("contract.md")
    assert [option for option in sorted(options) if option not in described] == []


def test_every_profile_and_layer_of_the_contract_suite() -> None:
    described = text("contract.md")
    assert rows("contract.md", "Profiles") == list(Profile)
    assert set(re.findall(r"^- `(\w+)`:", described, re.MULTILINE)) == set(LAYERS)


def test_every_mutant_has_its_row() -> None:
    """The page is made by `make mutants-table`; what is red stands there as it was seen."""
    described = text("mutants.md")
    for mutant in MUTANTS:
        assert f"| `{mutant.name}` | {mutant.summary} | `{mutant.caught_by}` |" in described
    assert described.count("\n| `") == len(MUTANTS) >= 40
    assert f"{len(MUTANTS)} seeded faults" in (ROOT / "README.md").read_text()
    assert {mutant.caught_by for mutant in MUTANTS} <= check_names()
