"""The line by which an editor finds the schema of a seed file, and what it says of the files that come along."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from mock_server import MockCodeOcean
from mock_server.documents.scenario_model import json_schema as schema_of_scenarios
from mock_server.documents.schema_address import address, editor_line
from mock_server.documents.seed_model import json_schema
from mock_server.version import __version__

ROOT = Path(__file__).parents[2]

FILES = [ROOT / "mock_server/seeds/demo.yaml", ROOT / "mock_server/seeds/empty.yaml"]
FILES += [ROOT / "tests/search/world.yaml", ROOT / "tools/clients/world.yaml"]

LINE = "# yaml-language-server: $schema="


def problems(content: Any) -> list[str]:
    return [problem.json_path for problem in Draft202012Validator(json_schema()).iter_errors(content)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: "-".join(file.parts[-2:]))
def test_an_editor_finds_the_schema_of_a_file_of_the_checkout_and_nothing_wrong(file: Path) -> None:
    text = file.read_text()
    line = text.splitlines()[0]
    assert line.startswith(LINE)
    assert json.loads((file.parent / line.removeprefix(LINE)).read_text()) == json_schema()
    assert problems(yaml.safe_load(text)) == []


def test_an_export_begins_with_the_line_and_fits_the_schema() -> None:
    with MockCodeOcean() as mock:
        text = mock.world("default").control.export_seed()
    assert text.startswith(f"# {editor_line()}\n")
    assert problems(yaml.safe_load(text)) == []


def test_the_schema_still_finds_what_is_wrong() -> None:
    seed: dict[str, Any] = {"version": 1, "users": [], "tokens": []}
    files = [{"path": "a", "text": "", "size": 1, "nothing": 2}]
    assert problems(seed | {"capsules": [{"name": "n", "results": files}]})[-1:] == ["$.capsules[0].results[0]"]
    assert not Draft202012Validator(schema_of_scenarios()).is_valid({"version": 1, "scenarios": [{"kind": "x"}]})


@pytest.mark.parametrize(
    ("repository", "expected"),
    [
        ("https://github.com/OWNER/codeocean-mock", "seed.schema.json"),
        (None, "seed.schema.json"),
        (
            "https://git.example.org/lab/codeocean-mock",
            f"https://git.example.org/lab/codeocean-mock/raw/v{__version__}/docs/seed.schema.json",
        ),
    ],
)
def test_the_address_is_that_of_the_repository_where_it_is_known(repository: str | None, expected: str) -> None:
    urls = [f"Repository, {repository}"] if repository else []
    assert address(["Issues, https://example.org/issues", *urls]) == expected
