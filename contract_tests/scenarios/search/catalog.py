"""Making the catalog, and searching in it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from codeocean.components import Permissions, UserPermissions, UserRole
from codeocean.data_asset import ResultsInfo

from contract_tests.deployment import OTHER, OWNER, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.metadata import valid_value
from contract_tests.scenarios.search.items import COMMIT, FOUND, ITEMS, RUN_SCRIPT, Item, Origin

MAKES = (
    "get_custom_metadata",
    "run_capsule",
    "get_computation",
    "delete_computation",
    "create_data_asset",
    "get_data_asset",
    "archive_data_asset",
    "update_data_asset_permissions",
    "delete_data_asset",
    "search_data_assets",
)
"""The operations that are called with any catalog."""

SEARCH = "/data_assets/search"

LONG = 100
"""Rows of a page that holds the catalog."""

HAS_MORE = "search.pages.has_more"

PREVIEW = 120
"""How much of a request that is refused messages show."""

UNDECLARED = {role: f"contract {role}" for role in ("text", "number", "date", "many")}
"""Names of custom metadata fields, where the deployment declares none and takes any."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The data assets, as they are shown, by the key of their item, and the names of custom metadata fields by role."""

    deployment: Deployment
    tag: str
    rows: dict[str, Any]
    fields: dict[str, str]

    def page(self, request: dict[str, Any], who: str = OWNER) -> dict[str, Any]:
        """One page of a search in the catalog."""
        answer: dict[str, Any] = self.deployment.http(who).ask("POST", SEARCH, 200, json=self.tagged(request)).json()
        return answer

    def tagged(self, request: dict[str, Any]) -> dict[str, Any]:
        """A search in the catalog alone: by its tag in the query, or by a filter where the query has tags of its own,
        of which one has to match.
        """
        query = request.get("query", "")
        if "tag:" in query.lower():
            return request | {"filters": [*request.get("filters", ()), {"key": "tags", "value": self.tag}]}
        return request | {"query": f'tag:"{self.tag}" {query}'.strip()}

    def keys(self, rows: Iterable[dict[str, Any]]) -> list[str]:
        """The items that rows show, in their order. Raises `CheckFailed` for a row that does not have the tag."""
        names = {row.id: key for key, row in self.rows.items()}
        ids = [str(row["id"]) for row in rows]
        strangers = [key for key in ids if key not in names]
        expect(not strangers, f"a search for a tag finds {', '.join(strangers)}, which do not have it")
        return [names[key] for key in ids]

    def find(self, request: dict[str, Any], who: str = OWNER) -> list[str]:
        """The items that a search finds, in order, on one page."""
        answer = self.page({"limit": LONG} | request, who)
        expect(answer["has_more"] is False, f"a search for at most {LONG} of {len(ITEMS)} has more")
        return self.keys(answer["results"])

    def expect_found(
        self, expected: Iterable[str], request: dict[str, Any], who: str = OWNER, *, rules: Iterable[str] = ()
    ) -> None:
        """Raise `CheckFailed` unless a search finds these items, each once, in any order; `rules` are those that this
        judges.
        """
        actual = self.find(request, who)
        expect(
            sorted(actual) == sorted(expected),
            f"a search with {request} as the {who} finds {_listed(sorted(actual))}, not {_listed(sorted(expected))}",
            *rules,
        )

    def expect_order(
        self, expected: Sequence[str], request: dict[str, Any], who: str = OWNER, *, rules: Iterable[str] = ()
    ) -> None:
        """Raise `CheckFailed` unless a search finds these items in this order; `rules` are those that this judges."""
        actual = self.find(request, who)
        found = f"a search with {request} gives {_listed(actual)}, not {_listed(expected)}"
        expect(actual == list(expected), found, *rules)

    def expect_refused(self, request: dict[str, Any], *rules: str, who: str = OWNER) -> None:
        """Raise `CheckFailed` unless a search answers 400; `rules` are those that this judges."""
        status = self.deployment.http(who).ask("POST", SEARCH, json=self.tagged({"limit": LONG} | request)).status
        what = f"a search with {str(request)[:PREVIEW]}"
        expect(status == 400, f"{what} as the {who} returned {status}, expected 400", *rules)

    def sorted_by(self, field: str, order: str, keys: Iterable[str] = FOUND) -> list[str]:
        """The items in an order; equal ones by id, in the same direction."""

        def position(key: str) -> tuple[Any, str]:
            row = self.rows[key]
            return getattr(row, field), row.id

        return sorted(keys, key=position, reverse=order == "desc")


@contextmanager
def make_catalog(deployment: Deployment) -> Iterator[Catalog]:
    """The catalog, each item ready; deleted afterwards. Raises `CheckSkipped` where files and dates cannot be made as
    they are needed.
    """
    deployment.steered()
    deployment.token(OTHER)
    tag = f"{deployment.tag}-catalog"
    fields, required = _fields(deployment)
    with ExitStack() as stack:
        run = stack.enter_context(_run_with_folders(deployment))
        made: dict[str, Any] = {}
        for key, item in ITEMS.items():
            if not item.at_once:
                deployment.pass_time(2)
            values = {fields[role]: value for role, value in item.values.items() if role in fields}
            params = {"tags": [tag, *item.tags], "mount": key, "description": item.description} | _source(
                deployment, key, run, made
            )
            created = fixtures.create_asset(
                deployment, item.name, item.who, custom_metadata=required | values, **params
            )
            made[key] = stack.enter_context(created)
        rows = {key: fixtures.wait_for_asset(deployment, row.id, ITEMS[key].who) for key, row in made.items()}
        failed = [key for key, row in rows.items() if row.state != "ready"]
        if failed:
            raise CheckSkipped(f"data assets cannot be made: {', '.join(failed)} failed")
        for key, item in ITEMS.items():
            _place(deployment, rows[key].id, item, {OTHER: rows["theirs"], OWNER: rows["vein9"]})
        yield Catalog(deployment, tag, rows, fields)


def _fields(deployment: Deployment) -> tuple[dict[str, str], dict[str, Any]]:
    """The custom metadata fields that take the values of the items, by role, and values for those that need one."""
    declared = deployment.sdk().custom_metadata.get_custom_metadata().fields or []
    if not declared:
        return UNDECLARED, {}
    found: dict[str, str] = {}
    for role, fits in _ROLES.items():
        values = [value for item in ITEMS.values() for value in _each(item.values.get(role, []))]
        taking = [field for field in declared if fits(field) and not field.allowed_values and _in_range(field, values)]
        if taking:
            found[role] = taking[0].name
    return found, {field.name: valid_value(field) for field in declared if field.required}


_ROLES: dict[str, Callable[[Any], bool]] = {
    "text": lambda field: field.type == "string" and not field.multiple,
    "number": lambda field: field.type == "number" and not field.multiple,
    "date": lambda field: field.type == "date" and not field.multiple,
    "many": lambda field: field.type == "string" and bool(field.multiple),
}


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _in_range(field: Any, values: list[Any]) -> bool:
    low, high = (field.range.min, field.range.max) if field.range else (None, None)
    return all((low is None or value >= low) and (high is None or value <= high) for value in values)


@contextmanager
def _run_with_folders(deployment: Deployment) -> Iterator[str]:
    """The id of a run whose results have a folder of each size, named by it."""
    sizes = {item.size for item in ITEMS.values() if item.origin is Origin.RUN}
    files = [{"path": f"{size}/file.bin", "size": size} for size in sorted(sizes)]
    scenario = deployment.scenario("folders", own_results=False, results=files)
    with (
        deployment.scenarios(scenario),
        fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run,
    ):
        yield run.id


def _source(deployment: Deployment, key: str, run: str, made: dict[str, Any]) -> dict[str, Any]:
    """What an item is made from, as fields of `DataAssetParams`."""
    item = ITEMS[key]
    match item.origin:
        case Origin.RUN:
            return {"source": fixtures.from_run(run, str(item.size))}
        case Origin.COMBINED:
            return {"data_asset_ids": [made[part].id for part in item.parts]}
        case Origin.LINEAGE:
            lineage = ResultsInfo(capsule_id=deployment.capsule, commit=COMMIT, run_script=RUN_SCRIPT)
            return {"source": fixtures.from_bucket("lineage", external=False), "results_info": lineage}
    return {"source": fixtures.from_bucket(f"catalog/{key}", external=item.origin is Origin.EXTERNAL)}


def _place(deployment: Deployment, key: str, item: Item, made_by: dict[str, Any]) -> None:
    """Share and archive an item as it says."""
    client = deployment.sdk(item.who).data_assets
    if item.shared:
        email = made_by[OWNER if item.who == OTHER else OTHER].owner_email
        client.update_permissions(key, Permissions(users=[UserPermissions(email=email, role=UserRole.Viewer)]))
    if item.archived:
        client.archive_data_asset(key, True)


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(keys) or "nothing"
