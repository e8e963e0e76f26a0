"""Mutants that do something else than they say."""

from typing import Any

from tools.mutants.changes import bodies, ignored, objects, pages, requests
from tools.mutants.mutant import Answer, Ask, Change, Mutant, Request

RUN = ("get_computation",)


def _backwards() -> Change:
    """A run that was running is initializing when it should be finalizing."""
    ran: set[str] = set()

    def edit(run: dict[str, Any]) -> None:
        if run["state"] == "running":
            ran.add(run["id"])
        elif run["state"] == "finalizing" and run["id"] in ran:
            run["state"] = "initializing"

    return objects(*RUN, edit=edit)()


def _reborn() -> Change:
    """A completed run that is running again when it is asked for the second time."""
    seen: set[str] = set()

    async def changed(ask: Ask, request: Request) -> Answer:
        answer = await ask(request)
        run = answer.json() if request.name == "get_computation" and answer.ok else None
        if run is None or run["state"] != "completed":
            return answer
        if run["id"] not in seen:
            seen.add(run["id"])
            return answer
        kept = {name: value for name, value in run.items() if name not in ("end_status", "exit_code")}
        return answer.with_json(kept | {"state": "running"})

    return changed


def _fickle() -> Change:
    """The exit code is different each time."""
    count = [0]

    def edit(run: dict[str, Any]) -> None:
        if "exit_code" in run:
            count[0] += 1
            run["exit_code"] = count[0] % 2

    return objects(*RUN, edit=edit)()


def _unsaved(name: str) -> Change:
    """Created records are returned, and gone the next moment."""

    async def changed(ask: Ask, request: Request) -> Answer:
        answer = await ask(request)
        created = answer.json() if request.name == name and answer.ok else None
        if isinstance(created, dict):
            path = f"{request.scope['path']}/{created['id']}"
            await ask(Request(request.scope | {"method": "DELETE", "path": path, "raw_path": path.encode()}, b""))
        return answer

    return changed


def _twice() -> Change:
    """Every run is started twice."""

    async def changed(ask: Ask, request: Request) -> Answer:
        if request.name == "run_capsule":
            await ask(request)
        return await ask(request)

    return changed


def _early_results(listing: dict[str, Any]) -> None:
    listing["items"] = listing["items"] or [{"name": "early.txt", "path": "early.txt", "size": 1, "type": "file"}]


def _early_end(run: dict[str, Any]) -> None:
    if run["state"] != "completed":
        run["end_status"] = "succeeded"


def _shrinking() -> Change:
    """run_time counts down."""
    count = [1_000_000]

    def edit(run: dict[str, Any]) -> None:
        count[0] -= 1
        run["run_time"] = count[0]

    return objects(*RUN, edit=edit)()


def _creeping() -> Change:
    """created is a second later with each reading."""
    count = [0]

    def edit(run: dict[str, Any]) -> None:
        count[0] += 1
        run["created"] += count[0]

    return objects(*RUN, edit=edit)()


def _lax_integers(content: dict[str, Any]) -> None:
    if isinstance(content.get("limit"), str):
        content["limit"] = 5


def _without(*fields: str) -> Any:
    def edit(content: dict[str, Any]) -> None:
        for field in fields:
            content.pop(field, None)

    return edit


BEHAVIOUR = (
    Mutant(
        "state_backwards",
        "A running computation is initializing again.",
        "state_order",
        RUN,
        _backwards,
        scenarios=("run_lifecycle",),
    ),
    Mutant(
        "terminal_changes",
        "A completed computation runs again.",
        "terminal_is_final",
        RUN,
        _reborn,
        scenarios=("run_lifecycle",),
    ),
    Mutant(
        "exit_code_changes",
        "The exit code of a finished run is different each time.",
        "terminal_is_final",
        RUN,
        _fickle,
        scenarios=("run_lifecycle",),
    ),
    Mutant(
        "run_time_shrinks",
        "run_time becomes less.",
        "run_time_grows",
        RUN,
        _shrinking,
        scenarios=("run_lifecycle",),
    ),
    Mutant(
        "created_changes",
        "created changes with each read.",
        "created_is_fixed",
        RUN,
        _creeping,
        scenarios=("run_lifecycle",),
    ),
    Mutant(
        "results_before_completion",
        "A run that has just begun lists results.",
        "results_after_completion",
        ("list_computation_results",),
        pages("list_computation_results", edit=_early_results),
        scenarios=("run_lifecycle",),
    ),
    Mutant(
        "end_before_completion",
        "end_status is there before the end.",
        "results_after_completion",
        RUN,
        objects(*RUN, edit=_early_end),
        scenarios=("run_lifecycle",),
    ),
    Mutant(
        "delete_does_not",
        "DELETE of a computation does nothing.",
        "gone_after_delete",
        ("delete_computation",),
        ignored("delete_computation", status=204),
        scenarios=("run_deleted_while_running",),
    ),
    Mutant(
        "delete_asset_does_not",
        "DELETE of a data asset does nothing.",
        "gone_after_delete",
        ("delete_data_asset",),
        ignored("delete_data_asset", status=204),
        scenarios=("data_asset_life",),
    ),
    Mutant(
        "create_not_persisted",
        "A data asset that was made is not there.",
        "created_exists",
        ("create_data_asset",),
        lambda: _unsaved("create_data_asset"),
        scenarios=("data_asset_lifecycle",),
    ),
    Mutant(
        "run_not_persisted",
        "A run that was started is not there.",
        "run_lifecycle",
        ("run_capsule",),
        lambda: _unsaved("run_capsule"),
        scenarios=("run_lifecycle",),
    ),
    Mutant(
        "run_started_twice",
        "One request starts two runs.",
        "newest_first",
        ("run_capsule",),
        _twice,
        scenarios=("newest_first",),
    ),
    Mutant(
        "rename_not_read_back",
        "A new name is acknowledged and not kept.",
        "reads_back",
        ("rename_computation",),
        requests("rename_computation", change=lambda request: request.with_query(name="another")),
        scenarios=("rename_and_delete",),
    ),
    Mutant(
        "tags_not_read_back",
        "The tags of a new data asset are not kept.",
        "reads_back",
        ("create_data_asset",),
        bodies("create_data_asset", edit=lambda asset: asset.update(tags=[])),
        scenarios=("data_asset_lifecycle",),
    ),
    Mutant(
        "update_not_read_back",
        "A new description is acknowledged and not kept.",
        "reads_back",
        ("update_data_asset",),
        bodies("update_data_asset", edit=_without("description")),
        scenarios=("data_asset_life",),
    ),
    Mutant(
        "parameters_lost",
        "The parameters of a run are dropped.",
        "reads_back",
        ("run_capsule",),
        bodies("run_capsule", edit=_without("parameters", "named_parameters")),
        scenarios=("run_parameters",),
    ),
    Mutant(
        "archive_ignored",
        "Archiving is acknowledged and not done.",
        "archive_hides",
        ("archive_data_asset",),
        ignored("archive_data_asset", status=204),
        scenarios=("data_asset_archive_and_restore",),
    ),
    Mutant(
        "archived_filter_ignored",
        "A search shows what is archived too.",
        "archive_hides",
        ("search_data_assets",),
        lambda: _all_assets,
        scenarios=("data_asset_archive_and_restore",),
    ),
    Mutant(
        "type_filter_ignored",
        "A search by type finds every type.",
        "filters_hold",
        ("search_data_assets",),
        bodies("search_data_assets", edit=_without("type")),
        scenarios=("searches_sorted_and_filtered",),
    ),
    Mutant(
        "query_ignored",
        "A search finds everything, whatever the query.",
        "search_and_page",
        ("search_data_assets",),
        bodies("search_data_assets", edit=_without("query")),
        scenarios=("search_and_page",),
    ),
    Mutant(
        "sort_ignored",
        "sort_order makes no difference.",
        "sorted_as_requested",
        ("search_data_assets",),
        bodies("search_data_assets", edit=lambda search: search.update(sort_order="asc")),
        scenarios=("searches_sorted_and_filtered",),
    ),
    Mutant(
        "page_drops_a_row",
        "Each page but the last leaves out its last row.",
        "pages",
        ("search_data_assets",),
        pages("search_data_assets", edit=lambda page: page["results"].pop() if page["has_more"] else None),
        scenarios=("pages_of_created_data_assets", "pages_of_existing_rows"),
    ),
    Mutant(
        "page_repeats_a_row",
        "The first row of a page is on the next one again.",
        "pages",
        ("search_data_assets",),
        lambda: _repeating(),
        scenarios=("pages_of_created_data_assets", "pages_of_existing_rows"),
    ),
    Mutant(
        "limit_ignored",
        "Pages are longer than asked for.",
        "pages",
        ("search_capsules",),
        bodies("search_capsules", edit=_without("limit")),
        scenarios=("pages_of_existing_rows",),
    ),
    Mutant(
        "has_more_lies",
        "has_more is false on the first page.",
        "pages",
        ("search_data_assets",),
        pages("search_data_assets", edit=lambda page: page.update(has_more=False)),
        scenarios=("pages_of_created_data_assets",),
    ),
    Mutant(
        "list_contradicts_get",
        "The list of computations shows different names than GET.",
        "list_agrees_with_get",
        ("list_capsule_computations",),
        objects("list_capsule_computations", edit=lambda run: run.update(name=f"{run['name']} (1)")),
        scenarios=("run_lifecycle",),
    ),
    Mutant(
        "oldest_first",
        "The computations of a capsule come oldest first.",
        "newest_first",
        ("list_capsule_computations",),
        lambda: _reversed,
        scenarios=("newest_first",),
    ),
    Mutant(
        "provenance_lost",
        "A captured data asset has no provenance.",
        "run_and_capture",
        ("get_data_asset",),
        objects("get_data_asset", edit=_without("provenance")),
        scenarios=("run_and_capture",),
    ),
    Mutant(
        "lax_integers",
        "A limit that is text is taken for 5.",
        "negative_data_rejection",
        ("search_data_assets",),
        bodies("search_data_assets", edit=_lax_integers),
    ),
)


async def _all_assets(ask: Ask, request: Request) -> Answer:
    content = request.json() if request.name == "search_data_assets" else None
    if not isinstance(content, dict) or content.get("archived"):
        return await ask(request)
    active = await ask(request)
    archived = await ask(request.with_json({**content, "archived": True}))
    if not (active.ok and archived.ok):
        return active
    page = active.json()
    return active.with_json(page | {"results": [*page["results"], *archived.json()["results"]]})


async def _reversed(ask: Ask, request: Request) -> Answer:
    answer = await ask(request)
    if request.name != "list_capsule_computations" or not answer.ok:
        return answer
    return answer.with_json(answer.json()[::-1])


def _repeating() -> Change:
    previous: list[dict[str, Any]] = []

    async def changed(ask: Ask, request: Request) -> Answer:
        answer = await ask(request)
        if request.name != "search_data_assets" or not answer.ok:
            return answer
        page = answer.json()
        again = (request.json() or {}).get("next_token") or (request.json() or {}).get("offset")
        rows = [*previous[:1], *page["results"]] if again else page["results"]
        previous[:] = page["results"]
        return answer.with_json(page | {"results": rows})

    return changed
