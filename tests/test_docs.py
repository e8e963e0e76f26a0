"""The documentation is true: what it shows runs, what exists is described, its links lead somewhere."""

import fnmatch
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
import yaml

from mock_server.cli import app
from mock_server.documents.seed_file import read
from mock_server.documents.seed_model import SeedFileModel
from mock_server.domain.scenarios import NAMES
from tests.process import PATIENCE, started

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def headings(page: str) -> set[str]:
    return set(re.findall(r"^## (.+)$", (ROOT / page).read_text(), re.MULTILINE))


def test_the_curl_lines_of_the_readme() -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl here")
    lines = [line for line in blocks(README, "sh")[2].splitlines() if line.startswith("curl")]
    assert len(lines) == 3
    with started("--in-memory") as server:
        for line in lines:
            command = shlex.split(line.replace("http://127.0.0.1:8000", server.url))
            answer = subprocess.check_output([*command, "--silent", "--fail"], text=True, timeout=PATIENCE)
            assert answer.startswith("{")


def test_the_python_of_the_readme() -> None:
    [_, code] = blocks(README, "python")
    with started("--in-memory", "--time-scale", "20") as server:
        code = code.replace("http://127.0.0.1:8000", server.url)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert done.returncode == 0, done.stderr
    assert "completed 0 ['figures', 'output', 'table.csv']" in done.stdout
    assert "row,value" in done.stdout


def test_the_readme_opens_with_the_two_commands() -> None:
    assert [line.split("#")[0].strip() for line in blocks(README, "sh")[0].splitlines()] == ["make run", "make test"]


def test_every_option_is_described() -> None:
    serve = typer.main.get_command(app).commands["serve"]  # type: ignore[attr-defined]
    described = (ROOT / "docs/settings.md").read_text()
    options = {parameter.opts[0] for parameter in serve.params} - {"--help"}
    assert {heading.strip("`") for heading in headings("docs/settings.md")} == options
    for parameter in serve.params:
        if parameter.opts[0] in options:
            assert parameter.envvar in described


def test_every_part_of_a_seed_file_is_described() -> None:
    described = {heading.strip("`") for heading in headings("docs/seed-files.md")}
    assert set(SeedFileModel.model_fields) - {"version"} <= described
    for scenario in NAMES:
        assert f"`{scenario}`" in (ROOT / "docs/seed-files.md").read_text()


def test_the_example_of_a_seed_file_is_one(tmp_path: Path) -> None:
    example = tmp_path / "seed.yaml"
    example.write_text(blocks((ROOT / "docs/seed-files.md").read_text(), "yaml")[0])
    assert read(str(example)).capsules[0].name == "Count words"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_fidelity_page_is_not_stale() -> None:
    made = subprocess.check_output([sys.executable, "-m", "tools.fidelity"], text=True, timeout=PATIENCE)
    assert made == (ROOT / "docs/fidelity.md").read_text(), "run `make fidelity`"


def test_every_entry_of_the_fidelity_page_is_about_operations_that_exist() -> None:
    told = yaml.safe_load((ROOT / "docs/fidelity.yaml").read_text())
    for part in ("disagreements", "observed", "assumptions"):
        for entry in told[part]:
            for pattern in entry["operations"]:
                assert fnmatch.filter(told["operations"], pattern), (entry, pattern)


def test_make_help_names_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE).group(1).split())  # type: ignore[union-attr]
    described = set(re.findall(r"^([a-z0-9-]+):.*##", makefile, re.MULTILINE))
    assert targets == described
