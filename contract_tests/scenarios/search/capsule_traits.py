"""Capsules and pipelines by what they are, who sees them and what is attached to them; their order and their tokens."""

from functools import partial
from itertools import combinations
from typing import Any

from codeocean.data_asset import DataAssetAttachParams

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, OTHER, OWNER, Deployment
from contract_tests.findings import expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.search.collection import Collection, judge_each
from contract_tests.scenarios.search.cursors import OF_ITS_SEARCH

ATTACHED = "search.field.attached"

SORTED_BY = ("name", "created", "last_accessed")


@check(
    "search_capsules",
    "search_pipelines",
    "get_capsule",
    "get_pipeline",
    "get_capsule_permissions",
    "get_pipeline_permissions",
    "create_data_asset",
    "delete_data_asset",
    full=True,
)
def traits_of_capsules(deployment: Deployment) -> None:
    """Status, ownership and favorites of capsules and pipelines find the same together as one after the other; all
    users find what they may see; each order is total, and a token belongs to its search.
    """
    judge_each(deployment, _check_kind, _check_traits, _check_users, _check_orders, _check_tokens)


@check(
    "search_capsules",
    "search_pipelines",
    "create_data_asset",
    "get_data_asset",
    "delete_data_asset",
    "attach_capsule_data_assets",
    "detach_capsule_data_assets",
    full=True,
)
def attached_is_found(deployment: Deployment) -> None:
    """The id of a data asset finds the capsule that it is attached to, alone and among words, until it is detached."""
    deployment.steered()
    capsules, client = Collection(deployment, "capsule"), deployment.sdk().capsules
    source = fixtures.from_bucket("attached", external=False)
    with fixtures.create_ready_asset(deployment, f"{deployment.tag} found", mount="found", source=source) as asset:
        capsules.expect_found((), query=asset.id)
        client.attach_data_assets(deployment.capsule, [DataAssetAttachParams(id=asset.id, mount="found")])
        try:
            for query in (asset.id, asset.id.upper(), f'"{asset.id}"', f"nosuchword {asset.id}"):
                capsules.expect_found((deployment.capsule,), ATTACHED, query=query)
            for query in (f"id:{asset.id}", f"name:{asset.id[:20]}", f"tag:{asset.id}", asset.id[:13]):
                capsules.expect_found((), "search.field.only_its_own", query=query)
            Collection(deployment, "pipeline").expect_found((), ATTACHED, query=asset.id)
        finally:
            client.detach_data_assets(deployment.capsule, [asset.id])
        capsules.expect_found((), ATTACHED, query=asset.id)


def _check_kind(collection: Collection) -> None:
    """What is found can be got as what it was searched for, and what is found as the other kind is not found."""
    found = collection.ids()
    other = Collection(collection.deployment, "capsule" if collection.kind == "pipeline" else "pipeline")
    both = sorted({*found} & {*other.ids()})
    expect(not both, f"searches for capsules and for pipelines both find {', '.join(both)}", "search.kinds")
    pipelines = [key for key in found if collection.deployment.http().ask("GET", f"/pipelines/{key}").ok]
    expected = found if collection.kind == "pipeline" else []
    expect(pipelines == expected, f"a search for {collection.kind}s finds the pipelines {pipelines}", "search.kinds")


def _check_traits(collection: Collection) -> None:
    rows = collection.rows()
    me = _user(collection.deployment, OWNER)
    own = [row for row in rows if row["owner"] == me]
    traits: list[tuple[dict[str, Any], set[str]]] = [
        ({"status": status}, {row["id"] for row in rows if row["status"] == status})
        for status in ("release", "non_release")
    ]
    traits += [
        ({"ownership": "created"}, {row["id"] for row in own}),
        ({"ownership": "shared"}, {row["id"] for row in rows if row["owner"] != me}),
        ({"ownership": "private"}, {row["id"] for row in own if _is_private(collection, row)}),
        ({"favorite": False}, {row["id"] for row in rows}),
        ({"favorite": True}, set(collection.ids(favorite=True)) & {row["id"] for row in rows}),
        ({"archived": False}, {row["id"] for row in rows}),
    ]
    for trait, found in traits:
        collection.expect_found(found, *(f"search.select.{name}" for name in trait), **trait)
    for (one, found), (other, other_found) in combinations(traits, 2):
        if not set(one) & set(other):
            collection.expect_found(found & other_found, **one, **other)


def _user(deployment: Deployment, who: str) -> str:
    """The id of a user: that of the owner of what they have made."""
    source = fixtures.from_bucket("user", external=False)
    with fixtures.create_asset(deployment, f"{deployment.tag} user", who, source=source) as created:
        return str(created.owner)


def _is_private(collection: Collection, row: dict[str, Any]) -> bool:
    """Whether nobody has it but its owner."""
    answer = collection.deployment.http().ask("GET", f"{collection.path}/{row['id']}/permissions", 200).json()
    others = [user for user in answer.get("users") or () if user["email"] != row.get("owner_email")]
    return not others and not answer.get("groups") and (answer.get("everyone") or "none") == "none"


def _check_users(collection: Collection) -> None:
    """Everybody finds what they can get, and nothing else."""
    every = set(collection.ids(ADMIN))
    for who in (OWNER, OTHER):
        found = set(collection.ids(who))
        strangers = f"{who} finds {collection.kind}s that an administrator does not find"
        expect(found <= every, strangers, "search.select.admins")
        for key in every:
            status = collection.deployment.http(who).ask("GET", f"{collection.path}/{key}").status
            expect(
                (status == 200) is (key in found),
                f"a GET of a {collection.kind} by {who} returned {status}, and a search "
                f"{'finds' if key in found else 'does not find'} it",
                "search.select.visible",
            )


def _check_orders(collection: Collection) -> None:
    """Each answer is judged by its own rows: others run capsules meanwhile."""
    for sorting, field, descending in (
        ({}, "name", False),
        ({"sort_order": "desc"}, "name", False),
        *(({"sort_field": field}, field, False) for field in SORTED_BY),
        *(({"sort_field": field, "sort_order": "asc"}, field, False) for field in SORTED_BY),
        *(({"sort_field": field, "sort_order": "desc"}, field, True) for field in SORTED_BY),
    ):
        rows = collection.rows(**sorting)
        ordered = rows == sorted(rows, key=partial(_position, field), reverse=descending)
        rules = [f"search.order.{sorting.get('sort_field', 'default')}"]
        if not all(row.get(field) for row in rows):
            rules.append("search.order.missing")
        expect(ordered, f"{collection.kind}s with {sorting} do not come by {field}, equal ones by id", *rules)


def _position(field: str, row: dict[str, Any]) -> tuple[Any, str]:
    """Where a row comes: what is missing counts as 0, and equal ones come by id."""
    return row.get(field) or 0, row["id"]


def _check_tokens(collection: Collection) -> None:
    search: dict[str, Any] = {"sort_field": "created", "sort_order": "asc", "limit": 1}
    caller = collection.deployment.http()
    token = caller.ask("POST", f"{collection.path}/search", 200, json=search).json().get("next_token")
    if not token:
        return
    for change in (
        {"sort_field": "name"},
        {"sort_field": "last_accessed"},
        {"sort_order": "desc"},
        {"query": "a"},
        {"status": "release"},
        {"status": "non_release"},
        {"ownership": "created"},
        {"archived": True},
        {"favorite": True},
        {"filters": [{"key": "name", "value": "a"}]},
        {"filters": [{"key": "name", "value": "a", "exclude": True}]},
    ):
        changed = search | change | {"next_token": token}
        collection.expect_refused(changed, f"a token with another search ({change})", OF_ITS_SEARCH)
    for who in (OTHER, ADMIN):
        collection.expect_refused(search | {"next_token": token}, "a token of another user", OF_ITS_SEARCH, who=who)
