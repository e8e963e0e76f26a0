"""Which scenario something gets: tags, conditions in their order, what the seed says, and counting."""

from typing import Any

import pytest

from tests import ids
from tests.conftest import Client
from tests.control.conftest import World, asset_of, ended, started

TAG = "mock:scenario="


def scenario(world: World, run: str) -> str:
    """The name of the scenario that a run goes by."""
    name: str = world.ask("GET", f"/computations/{run}")["scenario"]
    return name


def chosen(world: World, client: Client, count: int = 1, **params: object) -> list[str]:
    """The scenarios of runs that are started one after the other."""
    return [scenario(world, started(client, **params)) for _ in range(count)]


def only_when(world: World, when: str, kind: str = "computation") -> Any:
    """Load one scenario with conditions."""
    failure = "exit_code: 5" if kind == "computation" else "failure_reason: on purpose"
    return world.load(f"version: 1\nscenarios: [{{name: own, kind: {kind}, when: {when}, {failure}}}]")


def by_name(*values: str) -> dict[str, Any]:
    return {"named_parameters": [{"param_name": "rows", "value": value} for value in values]}


@pytest.mark.parametrize(
    ("when", "params", "fits"),
    [
        (f"{{capsule: {ids.CAPSULE}}}", {}, True),
        (f"{{capsule: {ids.FASTQC}}}", {}, False),
        (f"{{pipeline: {ids.PIPELINE}}}", {"capsule_id": None, "pipeline_id": ids.PIPELINE}, True),
        (f"{{pipeline: {ids.PIPELINE}}}", {"capsule_id": None, "pipeline_id": ids.RNA_PIPELINE}, False),
        (f"{{capsule: {ids.PIPELINE}}}", {"capsule_id": None, "pipeline_id": ids.PIPELINE}, False),
        (f"{{pipeline: {ids.CAPSULE}}}", {}, False),
        ("{tag: example}", {}, True),
        ("{tag: exam}", {}, False),
        ("{tag: genomics}", {"capsule_id": ids.FASTQC}, True),
        ("{name: FastQC}", {"capsule_id": ids.FASTQC}, True),
        ("{name: fastqc}", {"capsule_id": ids.FASTQC}, False),
        ("{name: 'Fast*'}", {"capsule_id": ids.FASTQC}, True),
        ("{name: 'Fast?C'}", {"capsule_id": ids.FASTQC}, True),
        ("{name: 'Fast?'}", {"capsule_id": ids.FASTQC}, False),
        ("{name: '*'}", {"capsule_id": None, "pipeline_id": ids.PIPELINE}, True),
        ("{parameter: {rows: 5}}", by_name("5"), True),
        ("{parameter: {rows: '5'}}", by_name("5"), True),
        ("{parameter: {rows: 5}}", by_name("6"), False),
        ("{parameter: {rows: 3}}", {}, False),
        ("{parameter: {rows: '> 4'}}", by_name("5"), True),
        ("{parameter: {rows: '> 5'}}", by_name("5"), False),
        ("{parameter: {Number of rows: 5}}", by_name("5"), True),
        ("{parameter: {'1': 5}}", by_name("5"), True),
        ("{parameter: {'2': demo}}", by_name("5"), True),
        ("{parameter: {'2': 5}}", by_name("5"), False),
        ("{parameter: {'3': 5}}", by_name("5"), False),
        ("{parameter: {'0': 5}}", by_name("5"), False),
        ("{parameter: {rows: 5, label: demo}}", by_name("5"), True),
        ("{parameter: {rows: 5, label: x}}", by_name("5"), False),
        ("{parameter: {read_length: 80}}", {"capsule_id": ids.ORDERED, "parameters": ["80"]}, True),
        ("{parameter: {'1': 80}}", {"capsule_id": ids.ORDERED, "parameters": ["80"]}, True),
        ("{parameter: {'2': b}}", {"capsule_id": ids.FAILS, "parameters": ["a", "b"]}, True),
        (f"{{capsule: {ids.CAPSULE}, tag: example, name: 'Ex*', parameter: {{rows: 5}}}}", by_name("5"), True),
        (f"{{capsule: {ids.CAPSULE}, tag: other}}", {}, False),
    ],
    ids=str,
)
def test_conditions_on_runs(own: World, user: Client, when: str, params: dict[str, Any], fits: bool) -> None:
    only_when(own, when)
    assert (chosen(own, user, **params) == ["own"]) == fits


@pytest.mark.parametrize(
    ("count", "numbers"),
    [
        ("nth: 1", [1]), ("nth: 3", [3]), ("first: 2", [1, 2]), ("first: 1", [1]), ("every: 1", [1, 2, 3, 4, 5, 6, 7]),
        ("every: 3", [3, 6]), ("nth: 100", []),
    ],
)  # fmt: skip
def test_counting(own: World, user: Client, count: str, numbers: list[int]) -> None:
    only_when(own, f"{{name: 'Example*', {count}}}")
    chosen(own, user, 3, capsule_id=ids.FASTQC)
    names = chosen(own, user, 7)
    assert [number for number, name in enumerate(names, 1) if name == "own"] == numbers
    assert own.ask("GET", "/scenarios")["scenarios"][0]["matched"] == 7


def test_only_what_fits_the_rest_is_counted(own: World, user: Client) -> None:
    only_when(own, "{parameter: {rows: 5}, nth: 2}")
    names = [chosen(own, user, **by_name(value))[0] for value in ("5", "6", "6", "5", "5")]
    assert names == ["succeeds", "succeeds", "succeeds", "own", "succeeds"]


def test_a_run_that_is_refused_is_not_counted(own: World, user: Client) -> None:
    only_when(own, "{name: '*', nth: 2}")
    names = chosen(own, user)
    user.ask("POST", "/computations", 400, json={"capsule_id": ids.CAPSULE, **by_name("many")})
    assert names + chosen(own, user) == ["succeeds", "own"]


def test_counting_begins_anew_when_it_is_loaded_anew(own: World, user: Client) -> None:
    for _ in range(2):
        only_when(own, "{name: '*', first: 1}")
        assert chosen(own, user, 2) == ["own", "succeeds"]


def test_the_first_that_fits_is_chosen(own: World, user: Client) -> None:
    own.load(
        "version: 1\nscenarios:\n"
        "  - {name: a, when: {name: '*', nth: 1}}\n"
        "  - {name: b, when: {name: '*', first: 2}}\n"
        "  - {name: not-asked}\n"
        "  - {name: c, when: {name: 'Example*'}}\n"
        "  - {name: d, when: {name: '*'}}\n"
    )
    assert chosen(own, user, 4) == ["a", "b", "c", "c"]
    assert chosen(own, user, capsule_id=ids.FASTQC) == ["d"]


def test_without_a_wish_the_seed_decides(own: World, user: Client) -> None:
    only_when(own, f"{{capsule: {ids.CAPSULE}, nth: 1}}")
    assert chosen(own, user, 2) == ["own", "succeeds"]
    assert chosen(own, user, capsule_id=ids.FAILS) == ["fails"]
    own.ask("DELETE", "/scenarios", status=204)
    assert chosen(own, user, capsule_id=ids.SLOW) == ["slow"]


def test_a_tag_comes_before_all_conditions(own: World, user: Client) -> None:
    user.ask("PUT", f"/data_assets/{ids.IRIS}", json={"name": "Iris", "tags": ["x", TAG + "stopped"]})
    only_when(own, "{name: '*'}")
    assert chosen(own, user, data_assets=[{"id": ids.IRIS}]) == ["stopped"]
    assert chosen(own, user) == ["own"]
    user.ask("PUT", f"/data_assets/{ids.IRIS}", json={"name": "Iris", "tags": ["x"]})
    assert chosen(own, user, data_assets=[{"id": ids.IRIS}]) == ["own"]


def test_a_tag_names_a_loaded_scenario(own: World, user: Client) -> None:
    own.load("version: 1\nscenarios: [{name: odd, exit_code: 5}, {name: odd, kind: data_asset, failure_reason: odd}]")
    asset = asset_of(user, tags=[TAG + "odd"])
    own.advance(by="1m")
    assert user.ask("GET", f"/data_assets/{asset}")["failure_reason"] == "odd"
    user.ask("PUT", f"/data_assets/{ids.IRIS}", json={"name": "Iris", "tags": [TAG + "odd"]})
    run = started(user, data_assets=[{"id": ids.IRIS}])
    assert ended(user, own, run)["exit_code"] == 5


def test_a_tag_on_a_capsule(own: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    seed = tmp_path_factory.mktemp("seed") / "own.yaml"
    seed.write_text(
        "version: 1\nusers: [{id: u1, email: a@b, name: A}]\ntokens: [{token: cop_mine, user: a@b}]\n"
        "capsules:\n  - {id: c1, slug: '1234567', name: C, owner: a@b, created: 1, tags: [a, 'mock:scenario=odd']}\n"
        "scenarios: [{name: odd, exit_code: 5}, {name: all, when: {name: '*'}}]\n"
    )
    own.plane.ask("POST", "/worlds", 201, json={"name": "own", "seed": str(seed), "replace": True})
    with Client(own.plane.url, "cop_mine@own") as client:
        assert chosen(own, client, capsule_id="c1") == ["odd"]


@pytest.mark.parametrize("name", ["none", "", "Succeeds", "odd "])
def test_a_tag_that_names_no_scenario_is_refused(own: World, user: Client, name: str) -> None:
    own.load("version: 1\nscenarios: [{name: odd}]")
    body = {"name": "n", "mount": "m", "tags": [TAG + name], "source": {"aws": {"bucket": "b"}}}
    refused = user.ask("POST", "/data_assets", 400, json=body)["message"]
    assert refused.startswith(
        f"the tag mock:scenario={name} names no scenario; there are driven, failed-exit-0, fails, flaky, odd, "
    )
    assert user.ask("PUT", f"/data_assets/{ids.IRIS}", 400, json={"name": "I", "tags": [TAG + name]})
    assert user.ask("GET", f"/data_assets/{ids.IRIS}")["tags"] == ["flowers", "668759"]


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ("{name: 'import *'}", True),
        ("{name: 'export *'}", False),
        ("{tag: private}", True),
        ("{tag: public}", False),
        (f"{{capsule: {ids.CAPSULE}}}", False),
        ("{name: '*', nth: 2}", False),
    ],
)
def test_conditions_on_data_assets(own: World, user: Client, when: str, fits: bool) -> None:
    only_when(own, when, "data_asset")
    asset = asset_of(user, name="import of today", tags=["private"])
    own.advance(by="1m")
    assert (user.ask("GET", f"/data_assets/{asset}").get("failure_reason") == "on purpose") == fits


@pytest.mark.parametrize("of", [ids.CAPSULE, ids.PIPELINE])
def test_a_captured_result_is_of_the_capsule_that_ran(own: World, user: Client, of: str) -> None:
    kind = "capsule" if of == ids.CAPSULE else "pipeline"
    only_when(own, f"{{{kind}: {of}}}", "data_asset")
    runs = {key: started(user, capsule_id=key) for key in (ids.CAPSULE, ids.PIPELINE)}
    own.advance(by="1h")
    assets = {key: asset_of(user, source={"computation": {"id": run}}) for key, run in runs.items()}
    own.advance(by="1h")
    states = {key: user.ask("GET", f"/data_assets/{asset}")["state"] for key, asset in assets.items()}
    assert [key for key, state in states.items() if state == "failed"] == [of]


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        (f"{{capsule: {ids.CAPSULE}}}", True),
        (f"{{capsule: {ids.FASTQC}}}", False),
        ("{name: 'Iris*', tag: flowers}", True),
        ("{name: 'Example*'}", False),
        ("{tag: example}", False),
    ],
)
def test_conditions_on_attachments(own: World, user: Client, when: str, fits: bool) -> None:
    only_when(own, when, "attachment")
    [made] = user.ask("POST", f"/capsules/{ids.CAPSULE}/data_assets", json=[{"id": ids.IRIS}])
    assert made["mount_state"] == ("error" if fits else "mounted")


def test_an_attachment_to_a_pipeline(own: World, user: Client) -> None:
    only_when(own, f"{{pipeline: {ids.PIPELINE}}}", "attachment")
    places = (f"/pipelines/{ids.PIPELINE}", f"/capsules/{ids.CAPSULE}")
    made = [user.ask("POST", f"{place}/data_assets", json=[{"id": ids.IRIS}])[0] for place in places]
    assert [result["mount_state"] for result in made] == ["error", "mounted"]


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        (f"{{capsule: {ids.CAPSULE}}}", True),
        (f"{{capsule: {ids.RELEASE}}}", False),
        ("{tag: example, name: 'Example*'}", True),
        ("{tag: other}", False),
    ],
)
def test_conditions_on_releases(own: World, user: Client, when: str, fits: bool) -> None:
    own.load(f"version: 1\nscenarios: [{{name: own, kind: release, when: {when}, error: on purpose}}]")
    ended(user, own, started(user))
    job = user.ask("POST", f"/capsules/{ids.CAPSULE}/release")["job_id"]
    own.advance(by="1m")
    shown = user.ask("GET", f"/capsules/{ids.CAPSULE}/release/{job}")
    assert (shown.get("error") == "on purpose") == fits


def test_a_scenario_is_for_its_kind_alone(own: World, user: Client) -> None:
    only_when(own, "{name: '*'}", "attachment")
    assert chosen(own, user) == ["succeeds"]
    asset = asset_of(user)
    own.advance(by="1m")
    assert user.ask("GET", f"/data_assets/{asset}")["state"] == "ready"
