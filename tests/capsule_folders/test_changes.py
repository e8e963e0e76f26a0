"""A change in a folder is seen by the next run, and one that breaks it is known and does no harm."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mock_server import capsule_folders
from mock_server.documents import capsule_folder
from mock_server.settings import NamedFolder
from tests import ids
from tests.capsule_folders.folders import METADATA, RUN, app_json, id_of, new_form, set_panel, write
from tests.conftest import USER, Client, Server
from tests.control.conftest import Plane


class Capsule(NamedTuple):
    """A capsule with a folder on a server: a client, the control plane, and the id."""

    client: Client
    plane: Plane
    id: str

    def run(self, status: int = 200, **more: Any) -> Any:
        return self.client.ask("POST", "/computations", status, json={"capsule_id": self.id, **more})

    def shown(self) -> Any:
        return self.client.ask("GET", f"/capsules/{self.id}")

    def panel(self, status: int = 200) -> Any:
        return self.client.ask("GET", f"/capsules/{self.id}/app_panel", status)

    def problems(self) -> list[str]:
        problems: list[str] = self.plane.ask("GET", "/health")["problems"]
        return problems


@pytest.fixture
def capsule(start: Callable[..., Server], folder: Path) -> Iterator[Capsule]:
    server = start(capsules=(NamedFolder(folder),))
    with Client(server.url) as client, Plane(server.url) as plane:
        yield Capsule(client, plane, id_of(folder))


def label(default: str) -> dict[str, Any]:
    return {"name": "Label", "param_name": "label", "type": "text", "default_value": default}


def test_the_next_run_goes_by_the_new_panel(capsule: Capsule, folder: Path) -> None:
    set_panel(folder, parameters=[label("new")])
    work = capsule.run()
    assert (
        "unknown parameter"
        in capsule.run(400, named_parameters=[{"param_name": "filter", "value": "median"}])["message"]
    )
    claimed = capsule.plane.ask("POST", "/work/claim", json={"runner": "r"})["work"]
    assert (claimed["id"], claimed["arguments"]) == (work["id"], ["--label=new"])


def test_changes_of_the_same_size_right_after_each_other_are_seen(capsule: Capsule, folder: Path) -> None:
    """A file system's clock ticks a few hundred times a second: a stamp alone would miss some."""
    for number in range(30):
        set_panel(folder, parameters=[label(f"{number:03}")])
        capsule.run()
        assert capsule.panel()["parameters"][0]["default_value"] == f"{number:03}"


def test_whoever_asks_for_the_panel_sees_it_before_any_run(capsule: Capsule, folder: Path) -> None:
    set_panel(folder, general={"title": "Another"}, parameters=[])
    assert capsule.panel()["general"] == {"title": "Another"}
    (folder / ".codeocean/app-panel.json").unlink()
    capsule.panel(404)


def test_name_description_tags_and_authors_follow_and_are_found(capsule: Capsule, folder: Path) -> None:
    write(folder, "metadata/metadata.yml", "name: Weigh cells\ntags: [mass]\nauthors: [{name: Marie Curie}]\n")
    assert capsule.shown()["name"] == "Count cells"
    capsule.run()
    shown = capsule.shown()
    assert (shown["name"], shown["tags"]) == ("Weigh cells", ["mass"])
    assert "description" not in shown
    for query, found in (("Curie", 1), ("tag:mass", 1), ("Lovelace", 0), ("tag:imaging", 0)):
        assert len(capsule.client.ask("POST", "/capsules/search", json={"query": query})["results"]) == found


def test_what_the_folder_does_not_say_stays(capsule: Capsule, folder: Path) -> None:
    before = capsule.shown()
    capsule.client.ask("PATCH", f"/capsules/{capsule.id}/archive", 204, params={"archive": "true"})
    write(folder, "metadata/metadata.yml", METADATA.replace("Count", "Weigh"))
    first = capsule.run()["id"]
    after = capsule.shown()
    assert {key for key in before | after if before.get(key) != after.get(key)} <= {
        "name",
        "description",
        "last_accessed",
    }
    assert [run["id"] for run in capsule.client.ask("GET", f"/capsules/{capsule.id}/computations")] == [first]
    assert capsule.client.ask("POST", "/capsules/search", json={"query": "Weigh"})["results"] == []


def attach(folder: Path, **mounts: str) -> None:
    attached = [{"id": id_, "mount": mount} for mount, id_ in mounts.items()]
    write(folder, ".codeocean/datasets.json", app_json({"version": 1, "attached_datasets": attached}))


def mounts(run: Any) -> dict[str, str]:
    return {asset["mount"]: asset["id"] for asset in run.get("data_assets", [])}


def test_attached_data_assets_follow_and_those_of_clients_stay(capsule: Capsule, folder: Path) -> None:
    attach(folder, iris=ids.IRIS)
    assert mounts(capsule.run()) == {"iris": ids.IRIS}
    capsule.client.ask("POST", f"/capsules/{capsule.id}/data_assets", json=[{"id": ids.MY_DATASET, "mount": "by-hand"}])
    set_panel(folder, parameters=[])
    assert mounts(capsule.run()) == {"iris": ids.IRIS, "by-hand": ids.MY_DATASET}
    attach(folder, flowers=ids.IRIS)
    assert mounts(capsule.run()) == {"flowers": ids.IRIS, "by-hand": ids.MY_DATASET}
    capsule.client.ask("DELETE", f"/capsules/{capsule.id}/data_assets", 204, json=[ids.IRIS])
    set_panel(folder, general={"title": "x"})
    assert mounts(capsule.run()) == {"by-hand": ids.MY_DATASET}
    attach(folder, **{"by-hand": ids.IRIS})
    assert mounts(capsule.run()) == {"by-hand": ids.IRIS}


def test_other_worlds_follow_on_their_own(capsule: Capsule, folder: Path) -> None:
    capsule.plane.ask("POST", "/worlds", 201, json={"name": "other"})
    other = capsule.client.speaking_as(f"{USER}@other")
    write(folder, "metadata/metadata.yml", "name: Weigh cells\n")
    capsule.run()
    assert other.ask("GET", f"/capsules/{capsule.id}")["name"] == "Count cells"
    other.ask("POST", "/computations", json={"capsule_id": capsule.id})
    assert other.ask("GET", f"/capsules/{capsule.id}")["name"] == "Weigh cells"


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (
            lambda folder: write(folder, ".codeocean/app-panel.json", '{"version": 1, "parameters": 3}'),
            "app panel {0}/.codeocean/app-panel.json: line 1: parameters: must be a list",
        ),
        (
            lambda folder: write(folder, ".codeocean/app-panel.json", '{"version": 1'),
            "app panel {0}/.codeocean/app-panel.json: line 2: is not JSON: ",
        ),
        (lambda folder: (folder / "code/run").unlink(), "capsule folder {0}: it has no code/run"),
        (shutil.rmtree, "capsule folder {0}: cannot be read: No such file or directory"),
    ],
)
def test_a_folder_that_has_broken_goes_on_as_it_was_and_the_health_tells(
    capsule: Capsule, folder: Path, break_it: Callable[[Path], object], reason: str, caplog: Any
) -> None:
    before, panel = capsule.shown(), capsule.panel()
    assert capsule.problems() == []
    break_it(folder)
    for _ in range(3):
        run = capsule.run()["id"]
        assert capsule.panel() == panel
    assert capsule.shown()["name"] == before["name"]
    (problem,) = capsule.problems()
    assert problem.startswith(reason.format(folder))
    log = capsule.plane.get(f"/worlds/default/computations/{run}/log").text
    assert log == f"codeocean-mock: {problem}; the last version read remains in use\n"
    assert [record.getMessage() for record in caplog.records].count(problem) == 1
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
    new_form(folder)
    set_panel(folder, general={"title": "Mended"})
    assert capsule.problems() == []
    assert capsule.panel()["general"] == {"title": "Mended"}
    run = capsule.run()["id"]
    assert capsule.plane.get(f"/worlds/default/computations/{run}/log").text == ""


def test_a_world_that_is_made_while_a_folder_is_broken_has_what_was_there(capsule: Capsule, folder: Path) -> None:
    write(folder, ".codeocean/app-panel.json", "[]")
    capsule.plane.ask("POST", "/worlds", 201, json={"name": "other"})
    other = capsule.client.speaking_as(f"{USER}@other")
    assert other.ask("GET", f"/capsules/{capsule.id}/app_panel") == capsule.panel()


def test_a_settled_folder_is_read_once(capsule: Capsule, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capsule_folders, "SETTLED", 0.0)
    capsule.run()
    read = capsule_folder.read
    reads: list[Path] = []

    def counted(path: Path, *more: Any) -> Any:
        reads.append(path)
        return read(path, *more)

    monkeypatch.setattr(capsule_folder, "read", counted)
    for _ in range(5):
        capsule.run()
        capsule.panel()
    assert reads == []
    write(folder, "code/run", RUN + "\n")
    for _ in range(5):
        capsule.run()
    assert reads == [folder]


def test_a_run_of_what_has_no_folder_looks_into_none(capsule: Capsule, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("a folder was looked into")

    monkeypatch.setattr(capsule_folder, "stamp", never)
    monkeypatch.setattr(capsule_folders.CapsuleFolders, "seen", never)
    capsule.client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    capsule.client.ask("GET", f"/capsules/{ids.CAPSULE}/app_panel")
    capsule.client.ask("GET", f"/capsules/{ids.CAPSULE}")
    capsule.client.ask("GET", f"/capsules/{capsule.id}")
