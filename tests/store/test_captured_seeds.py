"""Data assets of a seed file that are captured from its runs are what the API makes of these runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Client, HandClock, Server
from tests.store.test_seed_file import ASSET, CAPSULE, HEAD, Write, only, problems_of, write  # noqa: F401

WORLD = (
    f"{HEAD}capsules:\n"
    + """\
  - id: counts
    slug: "1234567"
    name: Count
    owner: ann@example.com
    created: 1
    parameters: [{name: Rows, param_name: rows, default_value: "2"}]
    results:
      - {for_each: data_assets, path: "{{ item.name }}.csv", template: "{{ rows(parameters.rows) | csv }}"}
    log_template: "{{ data_assets | length }} inputs"
pipelines:
  - {id: line, slug: "1234568", name: Line, owner: ann@example.com, created: 1, results: [{path: all.txt, text: all}]}
data_assets:
  - {id: third, name: Third, mount: third, owner: ann@example.com, created: 400, type: result, captured_from: again}
  - {id: second, name: Second, mount: second, owner: ann@example.com, created: 200, type: result, captured_from: first}
  - {id: raw, name: Raw, mount: raw, owner: ann@example.com, created: 1, files: [{path: a, text: a}]}
  - {id: lined, name: Lined, mount: lined, owner: ann@example.com, created: 500, type: result, captured_from: piped}
computations:
  - id: again
    capsule: counts
    owner: ann@example.com
    created: 300
    run_time: 5
    parameters: [{name: Rows, param_name: rows, value: "4"}]
    data_assets: [{id: second, mount: second}]
  - id: first
    capsule: counts
    owner: ann@example.com
    created: 100
    run_time: 5
    data_assets: [{id: raw, mount: raw}]
  - {id: piped, capsule: line, owner: ann@example.com, created: 450, run_time: 5, nextflow_profile: p}
"""
)

CAPTURES = [("first", "second"), ("again", "third"), ("piped", "lined")]


@pytest.fixture
def client(tmp_path: Path, start: Any) -> Iterator[Client]:
    (tmp_path / "world.yaml").write_text(WORLD)
    server: Server = start(seed=str(tmp_path / "world.yaml"))
    with Client(server.url, "secret") as client:
        yield client


def tree(client: Client, of: str) -> dict[str, str]:
    """The text of each file, by its path."""
    kind = "results" if of.startswith("/computations") else "files"
    found, folders = {}, [""]
    while folders:
        for item in client.ask("POST", f"{of}/{kind}", json={"path": folders.pop()})["items"]:
            if item["type"] == "folder":
                folders.append(item["path"])
            else:
                url = client.ask("GET", f"{of}/{kind}/urls", params={"path": item["path"]})["download_url"]
                found[item["path"]] = httpx.get(url).text
    return found


@pytest.mark.parametrize(("run", "asset"), CAPTURES)
def test_it_is_what_a_capture_over_the_api_makes(client: Client, clock: HandClock, run: str, asset: str) -> None:
    source = {"computation": {"id": run}}
    made = client.ask("POST", "/data_assets", json={"name": "n", "tags": [], "mount": "m", "source": source})["id"]
    clock.advance(3600)
    expected, shown = (client.ask("GET", f"/data_assets/{key}") for key in (made, asset))
    for name in ("type", "state", "provenance", "app_parameters", "nextflow_profile", "files", "size"):
        assert shown.get(name) == expected.get(name), name
    assert tree(client, f"/data_assets/{asset}") == tree(client, f"/computations/{run}")


def test_what_was_captured_is_the_input_of_later_runs(client: Client) -> None:
    left = tree(client, "/data_assets/third")
    assert left["Second.csv"].splitlines() == ["row", "1", "2", "3", "4"]
    assert "/data/second\n1 inputs\n" in left["output"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("captured_from: r", "captured_from goes with the type result"),
        ("type: result, captured_from: r, files: [], provenance: {}", "captured_from gives files and provenance"),
    ],
)
def test_what_the_run_gives_is_not_said_twice(write: Write, more: str, message: str) -> None:  # noqa: F811
    problem = only(problems_of(write(f"{HEAD}data_assets:\n  - {ASSET[:-1]}, {more}}}\n")))
    assert message in problem.message
