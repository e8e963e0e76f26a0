"""What comes along with what is selected, and what stands for the rest."""

from pathlib import Path

import httpx

from mock_server.documents.seed_file import read
from mock_server.documents.seed_model import SeedFileModel
from tests.contract.stand_in import TOKEN, StandIn
from tests.importing.conftest import CAPSULE, importing


def imported(real: StandIn, tmp_path: Path, *options: str) -> SeedFileModel:
    out = tmp_path / "world.yaml"
    done = importing(real.url, *options, "--out", out)
    assert done.code == 0, done.err
    return read(str(out))


def a_pipeline(real: StandIn) -> str:
    """One that runs capsules, and has data assets attached."""
    with httpx.Client(base_url=f"{real.url}/api/v1", auth=(TOKEN, "")) as client:
        for found in client.post("/pipelines/search", json={}).json()["results"]:
            id_ = found["id"]
            panel = client.get(f"/pipelines/{id_}/app_panel").json()
            runs = client.get(f"/pipelines/{id_}/computations").json()
            if panel.get("data_assets") and any(run.get("processes") for run in runs):
                return str(id_)
    raise AssertionError("no such pipeline")


def test_a_pipeline_alone_names_what_it_runs_and_has_attached(real: StandIn, tmp_path: Path) -> None:
    seed = imported(real, tmp_path, "--pipeline", a_pipeline(real))
    [pipeline] = seed.pipelines
    assert {process.capsule_id for process in pipeline.processes} == {one.id for one in seed.capsules}
    assert {one.created for one in seed.capsules} == {0}
    assert {one.id for one in pipeline.data_assets} <= {one.id for one in seed.data_assets}
    assert {one.created for one in seed.data_assets} == {0}


def test_follow_takes_along_what_is_run_and_attached(real: StandIn, tmp_path: Path) -> None:
    seed = imported(real, tmp_path, "--pipeline", a_pipeline(real), "--follow")
    [pipeline] = seed.pipelines
    assert {process.capsule_id for process in pipeline.processes} <= {one.id for one in seed.capsules}
    assert 0 not in {one.created for one in (*seed.capsules,)}
    assert 0 not in {one.created for one in seed.data_assets}
    assert {one.id for one in pipeline.data_assets} <= {one.id for one in seed.data_assets}


def test_a_limit_holds_for_each_search(real: StandIn, tmp_path: Path) -> None:
    seed = imported(real, tmp_path, "--capsules", "", "--data-assets", "", "--limit", "2", "--permissions", "none")
    assert (len(seed.pipelines), sum(one.created != 0 for one in seed.capsules)) == (2, 2)
    assert sum(one.created != 0 for one in seed.data_assets) == 2


def test_all_that_the_user_owns_and_no_more(real: StandIn, tmp_path: Path) -> None:
    seed = imported(real, tmp_path, "--yes")
    owners = {one.owner for one in seed.capsules if one.created} | {
        one.owner for one in seed.data_assets if one.created
    }
    assert owners == {next(token.user for token in seed.tokens if token.token == "cop_demo_user")}
    assert CAPSULE in {one.id for one in seed.capsules}


def test_runs_that_were_not_taken_along_are_counted(real: StandIn, tmp_path: Path) -> None:
    seed = imported(real, tmp_path, "--capsule", CAPSULE, "--computations", "0")
    assert seed.computations == []
    assert [one.name for one in seed.scenarios][-1] == seed.capsules[0].scenario
    assert seed.capsules[0].scenario.startswith("runs-of-")


def test_a_search_selects(real: StandIn, tmp_path: Path) -> None:
    seed = imported(real, tmp_path, "--capsules", "tag:genomics", "--permissions", "none")
    assert seed.capsules
    assert all("genomics" in one.tags for one in seed.capsules if one.created)


def test_large_trees_are_generated_ones_of_the_same_size(real: StandIn, tmp_path: Path) -> None:
    whole = imported(real, tmp_path, "--data-assets", "")
    (tmp_path / "world.yaml").unlink()
    small = imported(real, tmp_path, "--data-assets", "", "--max-listing", "1")
    listed = {one.id: len(one.files) for one in whole.data_assets}
    assert max(listed.values()) > 1
    for one in small.data_assets:
        if listed[one.id] > 1:
            assert one.simulated is not None
            assert one.simulated.files == listed[one.id]
