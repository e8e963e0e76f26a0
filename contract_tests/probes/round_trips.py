"""Values that differ only in ways that are easily lost, in every field that takes them: read back byte for byte.

Values are compared as JSON text, in which 1 is not 1.0 and a composed letter is not a decomposed one.
"""

import json
from typing import Any
from urllib.parse import quote

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.oracles.flows.fixtures import (
    get_data_asset,
    get_run,
    temporary_data_asset,
    temporary_run,
    value_at,
    wait_for_data_asset,
    wait_for_run,
)
from contract_tests.probes.assertions import preview, require_rejected

ASSET = ("create_data_asset", "get_data_asset", "update_data_asset", "delete_data_asset")
RUN = ("run_capsule", "get_computation", "delete_computation")

ACUTE = "\N{COMBINING ACUTE ACCENT}"

NEAR = (
    "caf\N{LATIN SMALL LETTER E WITH ACUTE}",
    f"cafe{ACUTE}",
    f"CAFE{ACUTE}",
    "\N{KELVIN SIGN}\N{LATIN SMALL LIGATURE FI}",
    "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}stanbul \N{LATIN SMALL LETTER DOTLESS I}",
    " before",
    "after ",
    "two  spaces",
    "no\N{NO-BREAK SPACE}break",
    "\N{GRINNING FACE}",
    "under_score-dash.dot",
    "Upper lower",
)
"""Texts that are another one when they are composed, decomposed, trimmed, collapsed or folded."""

EMPTIED, KEPT, CHECKED = "data_assets.emptied", "data_assets.metadata_kept", ("data_assets.metadata_checked",)

LONGEST_VALUE = 4096
"""Characters of a parameter's value (docs and clients)."""

NUMBERS: tuple[Any, ...] = (
    0,
    -0.0,
    1.0,
    -1,
    0.1,
    1e-7,
    5e-324,
    1.7976931348623157e308,
    2**53,
    2**53 + 1,
    -(2**53) - 1,
    2**63 - 1,
    -(2**63),
)
"""Numbers at the edges of what 64 bits hold, as integers and as floats."""


def _require_same(what: str, actual: Any, written: Any, *rules: str) -> None:
    """Raise `CheckFailed` unless a value reads as it was written; `rules` are those that this judges."""
    same = json.dumps(actual, sort_keys=True) == json.dumps(written, sort_keys=True)
    expect(same, f"{what} {preview(written)} reads {preview(actual)}", *rules)


@check(*ASSET, full=True)
def created_texts(deployment: Deployment) -> None:
    """Name, description, tags and mount of a new data asset are what was sent, and so they are after each change."""
    deployment.steered()
    long = "\N{LATIN SMALL LETTER E WITH ACUTE}" * 1000
    for text in (*NEAR, long):
        mount = text[:200].strip()
        about = f"{text}\n{text} "
        fields: dict[str, Any] = {"name": text, "description": about, "tags": [deployment.tag, text], "mount": mount}
        with temporary_data_asset(deployment, **fields) as key:
            read = get_data_asset(deployment, key)
            for field, written in fields.items():
                _require_same(f"the {field}", read.get(field), written, f"get_data_asset.answer.{field}")
    with temporary_data_asset(deployment, "plain") as key:
        for text in NEAR:
            changed = {"name": text, "description": f"{text} ", "tags": [deployment.tag, text], "mount": text.strip()}
            answer = deployment.http().ask("PUT", f"/data_assets/{key}", 200, json=changed).json()
            read = get_data_asset(deployment, key)
            for field, written in changed.items():
                changes = f"update_data_asset.body.{field}"
                _require_same(f"the {field} in the response", answer.get(field), written, changes)
                _require_same(f"the {field}", read.get(field), written, changes)


@check(*ASSET, full=True)
def nothing_and_empty(deployment: Deployment) -> None:
    """Null keeps a field, and so does an empty name or mount; an empty description and empty tags empty it."""
    deployment.steered()
    fields: dict[str, Any] = {"name": "kept", "description": "kept", "tags": [deployment.tag, "kept"], "mount": "kept"}
    with temporary_data_asset(deployment, **fields) as key:
        caller, path = deployment.http(), f"/data_assets/{key}"
        for body in ({}, dict.fromkeys(fields), {"name": ""}, {"mount": ""}):
            caller.ask("PUT", path, 200, json=body)
            read = get_data_asset(deployment, key)
            for field, written in fields.items():
                what = f"after an update with {body} the {field}"
                _require_same(what, read.get(field), written, "data_assets.update")
        for field, empty in (("description", ""), ("tags", [])):
            for sent, shown in ((empty, None), (fields[field], fields[field]), (empty, None)):
                answer = caller.ask("PUT", path, 200, json={field: sent}).json()
                _require_same(f"the {field} in the response", answer.get(field), shown, EMPTIED)
                _require_same(f"the {field}", get_data_asset(deployment, key).get(field), shown, EMPTIED)
    absent = {"description": None, "custom_metadata": None, "target": None, "results_info": None}
    with temporary_data_asset(deployment, "nothing", **absent) as key:
        found = sorted(absent.keys() & get_data_asset(deployment, key).keys())
        expect(not found, f"a data asset that was made without them has {found}", "requests.null_is_absent")


@check("get_custom_metadata", *ASSET, full=True)
def metadata_round_trips(deployment: Deployment) -> None:
    """Custom metadata keeps its values: numbers as they were written, texts, lists in their order, and what is empty;
    what is null is left out, and what an update does not name is gone.
    """
    deployment.steered()
    fields = value_at(deployment.http().ask("GET", "/custom_metadata", 200).json(), "fields")
    if any(field.get("required") for field in fields):
        raise CheckSkipped("a field of custom metadata is required")
    free = [field for field in fields if not field.get("allowed_values")]
    texts = [field["name"] for field in free if field["type"] == "string" and not field.get("multiple")]
    lists = [field["name"] for field in free if field["type"] == "string" and field.get("multiple")]
    numbers = [field["name"] for field in free if field["type"] != "string" and not field.get("range")]
    written: list[dict[str, Any]] = [{name: text} for name in texts for text in (*NEAR, "")]
    written += [{name: list(items)} for name in lists for items in (NEAR, NEAR[::-1], ("b", "a", "b"))]
    written += [{name: number} for name in numbers for number in NUMBERS]
    if not written:
        raise CheckSkipped("no field of custom metadata takes any value")
    with temporary_data_asset(deployment, "described", custom_metadata=written[0]) as key:
        _require_same("custom metadata", get_data_asset(deployment, key).get("custom_metadata"), written[0])
        for values in written:
            answer = deployment.http().ask("PUT", f"/data_assets/{key}", 200, json={"custom_metadata": values}).json()
            _require_same("custom metadata in the response", answer.get("custom_metadata"), values, KEPT)
            _require_same("custom metadata", get_data_asset(deployment, key).get("custom_metadata"), values, KEPT)
        for name in next(iter(written[-1])), next(iter(written[0])):
            answer = deployment.http().ask("PUT", f"/data_assets/{key}", 200, json={"custom_metadata": {name: None}})
            expect(not answer.json().get("custom_metadata"), f"a value of {name} that is null is shown")
    for values in (written[0], written[-1]):
        with temporary_data_asset(deployment, "described", custom_metadata=values) as key:
            _require_same("custom metadata", get_data_asset(deployment, key).get("custom_metadata"), values)


@check("get_custom_metadata", *ASSET, full=True)
def metadata_limits(deployment: Deployment) -> None:
    """The ends of a range are inside it, and the numbers next to them are not; true is no number."""
    deployment.steered()
    fields = value_at(deployment.http().ask("GET", "/custom_metadata", 200).json(), "fields")
    with temporary_data_asset(deployment, "limited") as key:
        for field in fields:
            limits, name = field.get("range") or {}, field["name"]
            inside = [limits[end] for end in ("min", "max") if limits.get(end) is not None]
            wrong = [limits["max"] + 0.5] if limits.get("max") is not None else []
            wrong += [limits["min"] - 0.5] if limits.get("min") is not None else []
            for near in (f" {name}", f"{name} ", name.upper()):
                refused = deployment.http().ask(
                    "PUT", f"/data_assets/{key}", json={"custom_metadata": {near: _fitting(field)}}
                )
                what = f"the field {near!r}, which is nearly called {name!r},"
                require_rejected(refused, what, 400, rules=CHECKED)
            wrong += [True, "1", {}] if field["type"] != "string" else [True, 1, {}]
            for value in inside:
                body = {"custom_metadata": {name: value}}
                answer = deployment.http().ask("PUT", f"/data_assets/{key}", 200, json=body).json()
                _require_same(f"the value of {name}", value_at(answer, "custom_metadata", name), value, KEPT)
            for value in wrong:
                body = {"custom_metadata": {name: value}}
                refused = deployment.http().ask("PUT", f"/data_assets/{key}", json=body)
                require_rejected(refused, f"the value {value!r} of {name}", 400, rules=CHECKED)


def _fitting(field: dict[str, Any]) -> Any:
    """A value that a field takes."""
    options, limits = field.get("allowed_values"), field.get("range") or {}
    return options[0] if options else "text" if field["type"] == "string" else limits.get("min") or 0


def _free_parameter(deployment: Deployment) -> str:
    """A parameter of the capsule that takes any text. Raises `CheckSkipped`."""
    panel = deployment.http().ask("GET", f"/capsules/{deployment.capsule}/app_panel").json()
    bound = ("pattern", "value_type", "minimum", "maximum", "value_options", "required")
    for entry in panel.get("parameters") or () if isinstance(panel, dict) else ():
        if entry.get("type") == "text" and entry.get("param_name") and not any(entry.get(name) for name in bound):
            return str(entry["param_name"])
    raise CheckSkipped("the capsule has no parameter that takes any text")


@check("get_capsule_app_panel", *RUN, full=True)
def parameter_texts(deployment: Deployment) -> None:
    """The value of a parameter is shown as it was given, an empty one too; one that is too long is refused."""
    deployment.steered()
    name = _free_parameter(deployment)
    for text in (*NEAR, "", "1.0", "x" * LONGEST_VALUE):
        with temporary_run(deployment, named_parameters=[{"param_name": name, "value": text}]) as key:
            shown = {entry.get("param_name"): entry.get("value") for entry in get_run(deployment, key)["parameters"]}
            _require_same(f"the parameter {name}", shown.get(name), text, "run_capsule.body.named_parameters.value")
    body = {
        "capsule_id": deployment.capsule,
        "named_parameters": [{"param_name": name, "value": "x" * (LONGEST_VALUE + 1)}],
    }
    long = deployment.http().ask("POST", "/computations", json=body)
    require_rejected(long, f"a parameter of {LONGEST_VALUE + 1} characters", 400)


@check(*ASSET, *RUN, full=True)
def run_mounts(deployment: Deployment) -> None:
    """A data asset is mounted in a run under the name that was given, letter for letter; slashes around it are gone."""
    deployment.steered()
    with temporary_data_asset(deployment, "mounted") as asset:
        wait_for_data_asset(deployment, asset)
        for text in NEAR:
            mount = f"{text.strip()}/inner {text.strip()}"
            for sent in (mount, f"/{mount.replace('/', '//./')}/"):
                with temporary_run(deployment, data_assets=[{"id": asset, "mount": sent}]) as run:
                    mounts = [one.get("mount") for one in get_run(deployment, run)["data_assets"] if one["id"] == asset]
                    _require_same("the mount of a run", mounts, [mount], "run_capsule.body.data_assets.mount")


@check(
    *RUN,
    *ASSET,
    "list_computation_results",
    "get_result_file_urls",
    "list_data_asset_files",
    "get_data_asset_file_urls",
    full=True,
)
def file_names(deployment: Deployment) -> None:
    """Files whose names differ in case, spaces or form alone are different files, with their own content, in a run's
    results and in what is captured from them.
    """
    plain = [text for text in NEAR if all(ord(letter) < 0x10000 for letter in text)]
    names = (*plain, *(f"deep {text}/{text}" for text in plain[:3]), "upper lower", "Before", "file.txt", "file.TXT")
    wrote = [{"path": f"names/{name}", "text": f"{number} {name}"} for number, name in enumerate(names)]
    scenario = deployment.scenario("names", own_results=False, results=wrote)
    with deployment.scenarios(scenario), temporary_run(deployment) as run:
        wait_for_run(deployment, run)
        _check_names(deployment, f"/computations/{run}/results", wrote)
        with temporary_data_asset(deployment, "names", source={"computation": {"id": run}}) as asset:
            wait_for_data_asset(deployment, asset)
            _check_names(deployment, f"/data_assets/{asset}/files", wrote)


def _check_names(deployment: Deployment, files: str, wrote: list[dict[str, str]]) -> None:
    caller = deployment.http()
    folders = {path.rpartition("/")[0] for path in (file["path"] for file in wrote)}
    listed: dict[str, int] = {}
    for folder in folders:
        items = value_at(caller.ask("POST", files, 200, json={"path": folder}).json(), "items")
        listed |= {item["path"]: item["size"] for item in items if item["type"] == "file"}
    _require_same("a listing", listed, {file["path"]: len(file["text"].encode()) for file in wrote})
    for file in wrote:
        path = quote(file["path"], safe="/")
        url = value_at(caller.ask("GET", f"{files}/urls?path={path}", 200).json(), "download_url")
        opened = deployment.anybody().ask("GET", url, raw=True)
        # A clock that moves by itself may have ended the URL already.
        if opened.status != 403:
            _require_same(f"the file {file['path']}", opened.answer.decode(), file["text"])
    for missing in ("names/FILE.txt", "names/file.txt ", "names/cafe", "names/file.txt/x"):
        status = caller.ask("GET", f"{files}/urls", params={"path": missing}).status
        expect(status == 404, f"the file {missing!r}, which there is not, returned {status}", "files.missing")


CHECKS = (
    created_texts,
    nothing_and_empty,
    metadata_round_trips,
    metadata_limits,
    parameter_texts,
    run_mounts,
    file_names,
)
