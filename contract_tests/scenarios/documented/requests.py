"""What requests may say, by whom and how it is read: one small scenario for each documented rule."""

import json
from typing import Any

from codeocean.components import Permissions, UserPermissions, UserRole

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, OWNER, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.transport.sample_requests import NOWHERE

ASSET = ("run_capsule", "get_computation", "create_data_asset", "get_data_asset", "delete_data_asset")

MOST = 1000
"""Entries of a list in a request."""

ACCESS_INTERVAL = 60
"""Seconds in which the last access of a capsule moves at most once (fidelity page)."""


def _search(deployment: Deployment, **more: Any) -> Any:
    """The answer of a search for data assets."""
    return deployment.http().ask("POST", "/data_assets/search", 200, **more).json()


@check("search_data_assets", full=True)
def ignored_parts_of_requests(deployment: Deployment) -> None:
    """Unknown keys, empty optional fields and the content type make no difference."""
    # Results, as what others make meanwhile is mostly uploaded.
    body = {"limit": 5, "type": "result"}
    plain = _search(deployment, json=body)
    unknown = _search(deployment, json=body | {"no_such_key": {"deep": [1]}})
    expect(unknown == plain, "an unknown key changes a search", "requests.unknown_keys")
    absent: tuple[dict[str, Any], ...] = (
        {"query": ""},
        {"filters": []},
        {"next_token": ""},
        {"sort_field": ""},
        {"query": None},
    )
    for empty in absent:
        same = _search(deployment, json=body | empty) == plain
        expect(same, f"{empty} changes a search", "requests.empty_is_absent", "requests.null_is_absent")
    for kind in ("text/plain", "application/xml"):
        typed = _search(deployment, data=json.dumps(body), headers={"Content-Type": kind})
        expect(typed == plain, f"the content type {kind} changes a search", "requests.content_type")


@check("get_capsule", "get_computation", "get_data_asset", "get_custom_metadata", full=True)
def compact_answers(deployment: Deployment) -> None:
    """Answers are compact JSON, with keys in alphabetical order."""
    for path in (
        f"capsules/{deployment.capsule}",
        f"computations/{deployment.computation}",
        f"data_assets/{deployment.data_asset}",
        "custom_metadata",
    ):
        answer = deployment.http().ask("GET", f"/{path}", 200)
        compact = json.dumps(answer.json(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        expect(answer.answer.strip() == compact.encode(), f"/{path} is not compact or sorted", "answers.compact")


@check(
    "get_capsule", "get_pipeline", "get_computation", "get_data_asset", "run_capsule", "delete_computation", full=True
)
def ids_in_upper_case(deployment: Deployment) -> None:
    """An id in upper case is the same id, in paths and in bodies."""
    caller, rule = deployment.http(), "requests.id_case"
    given = {"id": deployment.data_asset.upper(), "mount": deployment.tag}
    body = {"capsule_id": deployment.capsule.upper(), "data_assets": [given]}
    run = caller.ask("POST", "/computations", 200, json=body, rules=(rule,)).json()
    try:
        mounted = [entry["id"] for entry in run.get("data_assets", ()) if entry["mount"] == deployment.tag]
        expect(mounted == [deployment.data_asset], f"a run that was given {given} shows {mounted} there", rule)
        for path, key in (
            ("capsules", deployment.capsule),
            ("pipelines", deployment.pipeline),
            ("computations", run["id"]),
            ("data_assets", deployment.data_asset),
        ):
            lower = caller.ask("GET", f"/{path}/{key.lower()}", 200).json()
            upper = caller.ask("GET", f"/{path}/{key.upper()}", 200, rules=(rule,)).json()
            expect(lower["id"] == upper["id"] == key, f"/{path} has another id in upper case: {upper['id']}", rule)
    finally:
        caller.ask("DELETE", f"/computations/{run['id'].upper()}", 204, rules=(rule,))


@check("get_data_asset", full=True)
def quoted_tokens(deployment: Deployment) -> None:
    """Quotes around a token are dropped: the curl lines of older documentation send them along."""
    quoted = deployment.anybody(f"'{deployment.token(OWNER)}'")
    quoted.ask("GET", f"/data_assets/{deployment.data_asset}", 200, rules=("access.quoted_token",))


@check("search_data_assets", "update_capsule_permissions", "create_data_asset", "delete_data_asset", full=True)
def values_as_text(deployment: Deployment) -> None:
    """The flags that older examples print as text are taken so, in any case; others are not."""
    caller, rules = deployment.http(), ("requests.text_as_value",)
    shared = {"share_assets": "False"}
    caller.ask("POST", f"/capsules/{deployment.capsule}/permissions", 204, json=shared, rules=rules)
    source = {"aws": {"bucket": fixtures.BUCKET, "prefix": "text", "public": "TRUE"}}
    body = {"name": "as text", "mount": "as-text", "tags": [deployment.tag], "source": source}
    made = caller.ask("POST", "/data_assets", 200, json=body, rules=rules).json()
    caller.ask("DELETE", f"/data_assets/{made['id']}", 204)
    caller.ask("POST", "/data_assets/search", 400, json={"favorite": "true"}, rules=rules)
    caller.ask("POST", "/data_assets/search", 400, json={"limit": "5"}, rules=rules)


@check("detach_capsule_data_assets", "search_data_assets", "search_data_assets_legacy", full=True)
def longest_lists(deployment: Deployment) -> None:
    """A list in a request has at most 1000 entries, a query as many fields, and a page as many rows."""
    path, rules = f"/capsules/{deployment.capsule}/data_assets", ("requests.limits",)
    for length, status in ((MOST, 204), (MOST + 1, 400)):
        deployment.http().ask("DELETE", path, status, json=[NOWHERE] * length, rules=rules)
    for limit, status in ((MOST, 200), (MOST + 1, 400)):
        deployment.http().ask("POST", "/data_assets/search", status, json={"limit": limit}, rules=rules)
    for fields, status in ((MOST, 200), (MOST + 1, 400)):
        deployment.http().ask("GET", f"/data_assets?{'&'.join(['limit=1'] * fields)}", status, rules=rules)


@check("get_custom_metadata", full=True)
def refused_for_the_moment(deployment: Deployment) -> None:
    """What is refused for the moment is answered in JSON, as every other refusal, and served afterwards."""
    control = deployment.steered()
    for status in (429, 503):
        name = f"{deployment.tag}-{status}"
        control.set_fault(name=name, operation="get_custom_metadata", times=1, status=status)
        try:
            answer = deployment.http().ask("GET", "/custom_metadata", status, rules=(f"limits.status.{status}",))
            expect(isinstance(answer.json(), dict), f"{status} is not answered in JSON", f"limits.status.{status}")
        finally:
            control.delete_fault(name)
        deployment.http().ask("GET", "/custom_metadata", 200)


@check(*ASSET, "update_data_asset_permissions", "get_data_asset_permissions", full=True)
def unknown_users(deployment: Deployment) -> None:
    """Permissions that name a user who does not exist are refused, and nothing is set; `[]` takes all others away."""
    with fixtures.capture_asset(deployment, f"{deployment.tag} strangers") as asset:
        client = deployment.sdk().data_assets
        before = client.get_permissions(asset.id)
        stranger = UserPermissions(email="nobody@no-such-place.example", role=UserRole.Viewer)
        wrong = Permissions(users=[stranger], groups=[])
        what = "sharing with a user who does not exist"
        expect_error(400, what, client.update_permissions, asset.id, wrong, rules=("sharing.unknown_user",))
        same = client.get_permissions(asset.id) == before
        expect(same, "permissions that were refused have been set", "sharing.unknown_user")


@check("search_capsules", "attach_capsule_data_assets", "get_capsule_app_panel", full=True)
def released_capsules_are_fixed(deployment: Deployment) -> None:
    """Nothing can be attached to a released capsule, and a version that it does not have has no app panel."""
    caller = deployment.http()
    rows = caller.ask("POST", "/capsules/search", 200, json={"status": "release", "ownership": "created"}).json()
    if not rows["results"]:
        raise CheckSkipped("the owner has no released capsule")
    key = rows["results"][0]["id"]
    body = [{"id": deployment.data_asset}]
    caller.ask("POST", f"/capsules/{key}/data_assets", 403, json=body, rules=("attaching.released",))
    params = {"version": "999"}
    caller.ask("GET", f"/capsules/{key}/app_panel", 404, params=params, rules=("capsules.panel_version",))


@check("get_capsule", "run_capsule", "delete_computation", full=True)
def access_moves(deployment: Deployment) -> None:
    """A capsule was last accessed when it was run last."""
    client, key = deployment.sdk().capsules, deployment.capsule
    control = deployment.steered()
    before = client.get_capsule(key).last_accessed or 0
    deployment.pass_time(600)
    with fixtures.start_run(deployment, capsule_id=key) as run:
        after = client.get_capsule(key).last_accessed or 0
        # Others may have run it less than a minute before, or later.
        moved = max(before, run.created - ACCESS_INTERVAL) < after <= control.clock().now
        expect(moved, f"a capsule was accessed at {after}, and run at {run.created}", "capsules.last_accessed")


@check(*ASSET, "update_data_asset", full=True)
def emptied_fields(deployment: Deployment) -> None:
    """Description, tags and custom metadata of a data asset can be emptied."""
    caller = deployment.http()
    with fixtures.capture_asset(deployment, f"{deployment.tag} emptied", description="Some.") as asset:
        body: dict[str, Any]
        for body in ({"description": ""}, {"tags": []}, {"custom_metadata": {}}):
            caller.ask("PUT", f"/data_assets/{asset.id}", 200, json=body)
            [field] = body
            left = caller.ask("GET", f"/data_assets/{asset.id}", 200).json().get(field)
            expect(not left, f"{field} of a data asset was emptied, and is {left!r}", "data_assets.emptied")


@check("create_data_asset", "delete_data_asset", full=True)
def refused_sources(deployment: Deployment) -> None:
    """Sources that contradict themselves are refused, and the deployment's own bucket is for administrators."""
    bucket = {"bucket": fixtures.BUCKET, "prefix": "refused"}
    base = {"name": "refused", "mount": "refused", "tags": [deployment.tag]}
    in_bucket, target = base | {"source": {"aws": bucket}}, {"target": {"aws": bucket}}
    both = {"capsule_id": deployment.capsule, "pipeline_id": deployment.pipeline}
    own = base | {"source": {"aws": bucket | {"use_input_bucket": True}}}
    for body, status, rule in (
        (in_bucket | target, 400, "data_assets.target_misplaced"),
        (base | target | {"data_asset_ids": [deployment.data_asset] * 2}, 400, "data_assets.target_misplaced"),
        (in_bucket | {"results_info": both}, 400, "data_assets.results_info_of_one"),
        (in_bucket | {"results_info": {"commit": "9f2c1d7"}}, 400, "data_assets.results_info_of_one"),
        (own, 403, "data_assets.use_input_bucket"),
    ):
        deployment.http().ask("POST", "/data_assets", status, json=body, rules=(rule,))
    made = deployment.http(ADMIN).ask("POST", "/data_assets", 200, json=own, rules=("data_assets.use_input_bucket",))
    deployment.http(ADMIN).ask("DELETE", f"/data_assets/{made.json()['id']}", 204)
