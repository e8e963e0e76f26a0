"""Capsules of a seed file that have a folder."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mock_server.documents import seed_file as seed_documents
from mock_server.documents.document_error import DocumentError
from mock_server.documents.seed_model import json_schema
from tests.capsule_folders.folders import ASSET, OTHER, PANEL, id_of, new_form, seed_file, set_panel, write
from tests.conftest import Client, HandClock, Server
from tests.control.conftest import Plane
from tests.process import run

Start = Callable[..., Server]

ALL_OF_THE_FOLDER = "capsules:\n  - folder: cells\n"


@pytest.fixture
def served(start: Start, tmp_path: Path) -> Callable[[str], Client]:
    """A client of a server whose seed has the folder `cells` beside it, and more."""

    def served(more: str) -> Client:
        return Client(start(seed=str(seed_file(tmp_path, more))).url, "cop_ann")

    return served


def test_a_folder_beside_the_seed_file_is_enough(served: Callable[[str], Client], folder: Path) -> None:
    with served(ALL_OF_THE_FOLDER) as client, Plane(client.url) as plane:
        capsule = client.ask("GET", f"/capsules/{id_of(folder)}")
        assert (capsule["name"], capsule["owner_email"]) == ("Count cells", "ann@example.com")
        run_ = client.ask("POST", "/computations", json={"capsule_id": id_of(folder)})
        assert run_["data_assets"] == [{"id": ASSET, "mount": "sections"}]
        work = plane.ask("POST", "/work/claim", json={"runner": "r", "folders": True})["work"]
        assert (work["id"], work["folder"]) == (run_["id"], str(folder))


def test_what_the_seed_says_wins_now_and_when_the_folder_changes(
    served: Callable[[str], Client], folder: Path, clock: HandClock
) -> None:
    own = """capsules:
  - folder: ./cells
    id: mine
    slug: "7654321"
    name: Of the seed
    owner: admin@example.com
    created: 7
    scenario: succeeds
    tags: [seeded]
    data_assets: []
    parameters: [{name: N, param_name: n}]
    permissions: [{everyone: true, role: viewer}]
"""
    with served(own) as client:

        def look() -> None:
            capsule = client.ask("GET", "/capsules/mine")
            assert (capsule["name"], capsule["slug"], capsule["created"]) == ("Of the seed", "7654321", 7)
            assert (capsule["owner_email"], capsule["tags"]) == ("admin@example.com", ["seeded"])
            panel = client.ask("GET", "/capsules/mine/app_panel")
            assert [parameter["name"] for parameter in panel["parameters"]] == ["N"]

        look()
        assert client.ask("GET", "/capsules/mine")["description"] == "Counts the cells\nof a section."
        set_panel(folder, general={"title": "Another"})
        write(folder, "metadata/metadata.yml", "name: Another\ndescription: Another\ntags: [x]\n")
        started = client.ask("POST", "/computations", json={"capsule_id": "mine"})
        assert "data_assets" not in started
        look()
        assert client.ask("GET", "/capsules/mine")["description"] == "Another"
        assert client.ask("GET", "/capsules/mine/app_panel")["general"] == {"title": "Another"}
        clock.advance(100)
        assert client.ask("GET", f"/computations/{started['id']}")["end_status"] == "succeeded"


def test_a_reset_sees_what_has_changed(served: Callable[[str], Client], folder: Path) -> None:
    with served(ALL_OF_THE_FOLDER) as client, Plane(client.url) as plane:
        for number in range(3):
            write(folder, "metadata/metadata.yml", f"name: Name {number}\n")
            plane.ask("POST", "/worlds/default/reset")
            assert client.ask("GET", f"/capsules/{id_of(folder)}")["name"] == f"Name {number}"


def problems(tmp_path: Path, more: str) -> list[str]:
    """What is wrong with a seed file."""
    with pytest.raises(DocumentError) as refused:
        seed_documents.read(str(seed_file(tmp_path, more)))
    return [str(problem) for problem in refused.value.problems]


def warnings(tmp_path: Path, more: str) -> list[str]:
    """What somebody should know of a seed file that is fine."""
    return seed_documents.read_whole(str(seed_file(tmp_path, more))).warnings


def test_a_seed_is_fine_with_a_folder_and_tells_what_is_missing(tmp_path: Path, folder: Path) -> None:
    assert warnings(tmp_path, ALL_OF_THE_FOLDER) == []
    new_form(folder, datasets={"version": 1, "attached_datasets": [{"id": OTHER, "mount": "m"}]})
    missing = (
        f"capsule folder {folder}: the data asset {OTHER}, attached at /data/m, is not in this world; "
        "runs go without it (a seed file can have it)"
    )
    assert warnings(tmp_path, ALL_OF_THE_FOLDER) == [missing]
    assert warnings(tmp_path, ALL_OF_THE_FOLDER + "    data_assets: []\n") == []
    done = run("seed", "check", str(tmp_path / "seed.yaml"))
    assert (done.returncode, done.stderr) == (0, "")
    seed_file(tmp_path, ALL_OF_THE_FOLDER)
    done = run("seed", "check", str(tmp_path / "seed.yaml"))
    assert (done.returncode, done.stderr) == (0, f"{tmp_path}/seed.yaml: warning: {missing}\n")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            "capsules:\n  - folder: nowhere\n",
            "line 9: capsules.0.folder: capsule folder {0}/nowhere: cannot be read: No such file or directory",
        ),
        (
            "capsules:\n  - name: a\n    folder: broken\n",
            "line 10: capsules.0.folder: app panel {0}/broken/.codeocean/app-panel.json: line 1: is not a "
            "mapping of keys to values",
        ),
        ("capsules:\n  - folder: 3\n", "line 9: capsules.0.folder: must be text"),
        ("capsules:\n  - folder: ''\n", "line 9: capsules.0.folder: must not be empty"),
        (
            "capsules:\n  - folder: cells\n  - folder: cells\n",
            "line 10: capsules.1.id: {1} is already used by capsules.0",
        ),
        ("capsules:\n  - folder: cells\n    slug: x\n", "line 10: capsules.0.slug: must be 7 digits"),
        ("capsules:\n  - folder: cells\n    owner: b@c\n", "line 10: capsules.0.owner: no user has the address b@c"),
        ("pipelines:\n  - folder: cells\n", "line 9: pipelines.0.folder: a pipeline is played, and has no folder"),
        ("capsules: 3\n", "line 8: capsules: must be a list"),
        ("capsules: [3]\n", "line 8: capsules.0: must be"),
    ],
)
def test_problems_have_a_line(tmp_path: Path, folder: Path, more: str, problem: str) -> None:
    new_form(tmp_path / "broken", panel=[])
    expected = problem.format(tmp_path, id_of(folder))
    assert any(found.startswith(expected) for found in problems(tmp_path, more))


def test_a_default_that_its_panel_refuses_is_no_problem_of_the_seed(tmp_path: Path, folder: Path) -> None:
    wrong = {**PANEL["parameters"][1], "default_value": "gone"}
    set_panel(folder, parameters=[wrong])
    (warning,) = warnings(tmp_path, ALL_OF_THE_FOLDER)
    assert "the default value is not taken" in warning
    own = "    parameters: [{name: N, value_type: integer, default_value: x}]\n"
    (problem,) = problems(tmp_path, ALL_OF_THE_FOLDER + own)
    assert problem.startswith("line 10: capsules.0.parameters.0.default_value: ")


@pytest.mark.parametrize("capsule", [{"folder": "x"}, {"folder": "x", "name": "n"}])
def test_the_schema_takes_a_folder_in_place_of_the_rest(capsule: dict[str, str]) -> None:
    schema = Draft202012Validator(json_schema())
    seed = {"version": 1, "users": [], "tokens": []}
    assert schema.is_valid(seed | {"capsules": [capsule]})
    assert not schema.is_valid(seed | {"capsules": [{"name": "n"}]})
    assert not schema.is_valid(seed | {"pipelines": [capsule]})
    assert json.loads((Path(__file__).parents[2] / "docs/seed.schema.json").read_text()) == json.loads(
        json.dumps(json_schema())
    )


# Seeds that the control plane names


@pytest.fixture
def allowed(start: Start, tmp_path: Path) -> Iterator[Plane]:
    """The control plane of a server that may read files of one folder."""
    (tmp_path / "allowed").mkdir()
    with Plane(start(seed_dirs=(tmp_path / "allowed",)).url) as plane:
        yield plane


def test_a_seed_names_only_folders_that_may_be_read(allowed: Plane, tmp_path: Path) -> None:
    outside, inside = new_form(tmp_path / "cells"), new_form(tmp_path / "allowed" / "cells")
    (tmp_path / "allowed" / "link").symlink_to(outside)
    for name in ("../cells", str(outside), "link"):
        seed = seed_file(tmp_path / "allowed", f"capsules:\n  - folder: {name}\n")
        message = allowed.refused("POST", "/worlds", json={"name": "w", "seed": str(seed)})
        assert message.endswith("cannot be read: not in a folder that --seed-dir allows")
    seed = seed_file(tmp_path / "allowed", ALL_OF_THE_FOLDER)
    allowed.ask("POST", "/worlds", 201, json={"name": "w", "seed": str(seed)})
    with Client(allowed.url, "cop_ann@w") as client:
        client.ask("POST", "/computations", json={"capsule_id": id_of(inside)})
    assert allowed.ask("POST", "/work/claim", json={"runner": "r", "folders": True})["work"]["folder"] == str(inside)
