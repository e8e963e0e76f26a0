"""Edges: of parameters, of paths and of what two fields say at once."""

import math
from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.oracles.flows.fixtures import (
    temporary_data_asset,
    temporary_run,
    value_at,
    wait_for_data_asset,
    wait_for_run,
)
from contract_tests.probes.assertions import preview, require_rejected
from contract_tests.transport import sample_requests
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import OPERATIONS
from contract_tests.transport.sample_requests import QUERIES
from mock_server.input_errors.numbers import plain

RUN = ("run_capsule", "get_computation", "delete_computation")

CHECKED = ("runs.parameter_checked",)

LONGEST_PATH = 4096
"""Characters of a path."""

LONGEST_NAME = 1000
"""Characters of a name (the spec's `maxLength`)."""

LONGEST_QUERY = 10_000
"""Characters of what is searched for."""


def _run(deployment: Deployment, **fields: Any) -> Exchange:
    """Start a run of the capsule, and delete it if it has begun."""
    began = deployment.http().ask("POST", "/computations", json={"capsule_id": deployment.capsule, **fields})
    if began.ok:
        deployment.http().ask("DELETE", f"/computations/{value_at(began.json(), 'id')}", 204)
    return began


@check("get_capsule_app_panel", *RUN, full=True)
def parameter_edges(deployment: Deployment) -> None:
    """The least and the greatest value of a parameter are taken, the next ones and other forms are not, and none is
    given twice.
    """
    deployment.steered()
    panel = deployment.http().ask("GET", f"/capsules/{deployment.capsule}/app_panel").json()
    named = [entry for entry in panel.get("parameters", ()) if entry.get("param_name")]
    if not named:
        raise CheckSkipped("the app panel has no parameters with names")
    for entry in named:
        name, low, high = entry["param_name"], entry.get("minimum"), entry.get("maximum")
        inside = [plain(edge) for edge in (low, high) if edge is not None]
        # One more or less makes no difference to large floats.
        outside = [plain(min(low - 1, math.nextafter(low, -math.inf)))] if low is not None else []
        if high is not None:
            outside += [plain(max(high + 1, math.nextafter(high, math.inf))), f"{plain(high)}0"]
        if entry.get("value_type") == "integer":
            outside += ["1.5", "1e1", "one", "1 ", "0x1"]
        elif entry.get("value_type") == "number":
            outside += ["one", "1,5", "NaN", "1 "]
        for value in inside:
            status = _run(deployment, named_parameters=[{"param_name": name, "value": value}]).status
            expect(status == 200, f"the parameter {name} with the value {value} returned {status}", *CHECKED)
        for value in outside:
            refused = _run(deployment, named_parameters=[{"param_name": name, "value": value}])
            require_rejected(refused, f"the parameter {name} with the value {value!r}", 400, rules=CHECKED)
            message = str(value_at(refused.json(), "message"))
            expect(name in message, f"the refusal of the parameter {name} does not name it")
    name, value = named[0]["param_name"], str(named[0].get("default_value") or "1")
    twice = [{"param_name": name, "value": value}] * 2
    require_rejected(_run(deployment, named_parameters=twice), f"the parameter {name} twice", 400)
    both = _run(deployment, parameters=[value], named_parameters=twice[:1])
    if panel["parameters"][0].get("param_name") == name:
        require_rejected(both, f"the parameter {name} by name and in order", 400)


SAME = ("edge/inner", "/edge/inner", "edge/inner/", "edge//inner", "./edge/./inner", "//edge///inner//")
"""Ways to write the path of one folder."""

CLIMBING = ("..", "../edge", "edge/..", "edge/../edge/inner", "/..")


@check(
    *RUN,
    "list_computation_results",
    "get_result_file_urls",
    "create_data_asset",
    "get_data_asset",
    "list_data_asset_files",
    "get_data_asset_file_urls",
    "delete_data_asset",
    full=True,
)
def path_edges(deployment: Deployment) -> None:
    """A path is the same however its slashes are written, does not climb, and is of a file or of a folder; so in the
    results of a run, in a data asset, and in what is captured.
    """
    # Written in another order than that of the listing.
    wrote = [{"path": f"edge/inner/{name}", "text": name} for name in ("two.", "one")]
    scenario = deployment.scenario("edges", own_results=False, results=wrote)
    with deployment.scenarios(scenario), temporary_run(deployment) as run:
        wait_for_run(deployment, run)
        _check_paths(deployment, f"/computations/{run}/results")
        with temporary_data_asset(deployment, "edges", source={"computation": {"id": run}}) as asset:
            wait_for_data_asset(deployment, asset)
            _check_paths(deployment, f"/data_assets/{asset}/files")
        for path in (*SAME, "edge/inner/two."):
            part = {"source": {"computation": {"id": run, "path": path}}}
            with temporary_data_asset(deployment, "part", **part) as asset:
                wait_for_data_asset(deployment, asset)
                items = deployment.http().ask("POST", f"/data_assets/{asset}/files", 200, json={}).json()["items"]
                names = [item["name"] for item in items]
                expected = ["one", "two."] if path in SAME else ["two."]
                expect(names == expected, f"what was captured at {path!r} holds {names}, not {expected}")


def _check_paths(deployment: Deployment, files: str) -> None:
    caller = deployment.http()
    for path in SAME:
        items = caller.ask("POST", files, 200, json={"path": path}).json()["items"]
        paths = [item["path"] for item in items]
        expect(paths == ["edge/inner/one", "edge/inner/two."], f"the folder {path!r} lists {paths}", "files.by_name")
        caller.ask("GET", f"{files}/urls", 200, params={"path": f"{path.rstrip('/')}/one"})
    for path in CLIMBING:
        folder = caller.ask("POST", files, json={"path": path})
        require_rejected(folder, f"the folder {path!r}", 400, rules=["files.climbing"])
        file = caller.ask("GET", f"{files}/urls", params={"path": path})
        require_rejected(file, f"the file {path!r}", 400, rules=["files.climbing"])
    long = "x" * LONGEST_PATH
    for path, folder_status, file_status in (
        ("edge/inner/one", 404, 200),
        ("edge/inner", 200, 404),
        ("edge/inner/one/", 404, 200),
        ("edge/inne", 404, 404),
        ("edge/inner/two", 404, 404),
        ("inner", 404, 404),
        ("EDGE", 404, 404),
        (long, 404, 404),
        (f"{long}x", 400, 400),
        ("", 200, 400),
        ("/", 200, 400),
        (".", 200, 400),
    ):
        listed = caller.ask("POST", files, json={"path": path}).status
        expect(listed == folder_status, f"the folder {preview(path)} returned {listed}, expected {folder_status}")
        opened = caller.ask("GET", f"{files}/urls", params={"path": path}).status
        expect(opened == file_status, f"the file {preview(path)} returned {opened}, expected {file_status}")


OUTSIDE = {
    "name": ("", "x" * (LONGEST_NAME + 1), "a\0"),
    "path": ("", "x" * (LONGEST_PATH + 1), "a\0"),
    "query": ("x" * (LONGEST_QUERY + 1), "a\0"),
}
"""Texts that a request cannot have, by the parameter that they would be of."""

SEARCHES = ("search_data_assets", "search_capsules", "search_pipelines")

IN_QUERIES = {name: field for name, query in QUERIES.items() for field in query if field in OUTSIDE} | {
    "search_data_assets_legacy": "query"
}
"""The operations that take a text in their query, and its parameter."""


@check(*IN_QUERIES, *SEARCHES, full=True)
def text_edges_of_requests(deployment: Deployment) -> None:
    """A text that is empty, too long or has a NUL is refused with 400, whether the id before it is of anything or not:
    a request is well-formed before anything is looked for.
    """
    caller = deployment.http()
    known: dict[str, str | None] = {"computation_id": deployment.computation, "data_asset_id": deployment.data_asset}
    for name, field in IN_QUERIES.items():
        operation, rules = OPERATIONS[name], (f"{name}.query.{field}",)
        for ids, whose in (({}, "nothing"), (known, "an object")):
            where = sample_requests.path(operation, ids)
            for text in OUTSIDE[field]:
                sent = caller.ask(operation.method, where, params={field: text})
                require_rejected(sent, f"{name} of {whose} with the {field} {preview(text)}", 400, rules=rules)
    for name in SEARCHES:
        for text in OUTSIDE["query"]:
            sent = caller.ask("POST", sample_requests.path(OPERATIONS[name], {}), json={"query": text})
            require_rejected(sent, f"{name} with the query {preview(text)}", 400, rules=(f"{name}.body.query",))


@check("create_data_asset", "get_data_asset", "update_data_asset", "delete_data_asset", full=True)
def name_edges(deployment: Deployment) -> None:
    """A name may be as long as the spec says, and no longer; so a tag."""
    deployment.steered()
    with temporary_data_asset(deployment, "edges") as key:
        for text, status in (
            ("n" * LONGEST_NAME, 200),
            ("n" * (LONGEST_NAME + 1), 400),
            ("\N{GRINNING FACE}" * 1000, 200),
        ):
            for body in ({"name": text}, {"tags": [text]}):
                actual = deployment.http().ask("PUT", f"/data_assets/{key}", json=body).status
                what = f"a {next(iter(body))} of {len(text)} characters"
                expect(actual == status, f"{what} returned {actual}, expected {status}")


@check(
    *RUN,
    "create_data_asset",
    "get_data_asset",
    "list_data_asset_files",
    "get_data_asset_file_urls",
    "update_data_asset",
    "search_data_assets",
    "attach_capsule_data_assets",
    "delete_data_asset",
    full=True,
)
def words_of_refusals(deployment: Deployment) -> None:
    """Refusals say what clients look for: which data asset is not there, where the files of an external one are, and
    that it was the body which is invalid.
    """
    deployment.steered()
    caller, capsule = deployment.http(), deployment.capsule
    external = {"aws": {"bucket": "contract-far", "prefix": "x", "keep_on_external_storage": True}}
    with temporary_data_asset(deployment, "far", source=external) as far:
        wait_for_data_asset(deployment, far)
        for refused in (
            caller.ask("POST", f"/data_assets/{far}/files", json={}),
            caller.ask("GET", f"/data_assets/{far}/files/urls", params={"path": "x"}),
        ):
            _require_words(refused, 400, "contract-far", "files.elsewhere")
    for method, path, body in (
        ("POST", "/computations", {"capsule_id": 1}),
        ("POST", "/data_assets", {"name": "x"}),
        ("PUT", f"/data_assets/{deployment.data_asset}", {"tags": "x"}),
        ("POST", f"/capsules/{capsule}/data_assets", {"id": "x"}),
        ("POST", "/data_assets/search", {"limit": "x"}),
    ):
        refused = caller.ask(method, path, json=body)
        _require_words(refused, 400, "invalid request body", "requests.invalid_body")
        message = str(value_at(refused.json(), "message"))
        begins = message.startswith("invalid request body")
        expect(begins, f"{method} {path} is refused with {message!r}", "requests.invalid_body")
    unknown = "00000000-0000-4000-8000-00000000c0de"
    for refused in (
        _run(deployment, data_assets=[{"id": unknown}]),
        caller.ask("POST", f"/capsules/{capsule}/data_assets", json=[{"id": unknown}]),
    ):
        _require_words(refused, 400, unknown, f"{refused.name}.status.400")


def _require_words(refused: Exchange, status: int, words: str, rule: str) -> None:
    what = f"{refused.method} {refused.path}"
    require_rejected(refused, what, status, rules=[rule])
    answer = refused.json()
    expect(words in answer["message"], f"{what} is refused with {answer['message']!r}, not with {words!r}", rule)
    expect(len(answer) <= 2, f"{what} is refused with {sorted(answer)}, more than a message and a key")


CHECKS = (parameter_edges, path_edges, text_edges_of_requests, name_edges, words_of_refusals)
