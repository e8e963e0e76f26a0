"""Everything that the reading operations of a server answer to somebody."""

from collections.abc import Iterator
from typing import Any

from tests.conftest import Client

SEARCHES: dict[str, tuple[dict[str, Any], ...]] = {
    "capsules": (
        {}, {"archived": True}, {"ownership": "created"}, {"ownership": "shared"}, {"status": "release"},
        {"query": "brain"},
    ),
    "data_assets": (
        {}, {"archived": True}, {"ownership": "private"}, {"type": "result"}, {"origin": "external"}, {"query": "raw"},
        {"query": "tag:raw"}, {"sort_field": "size"},
    ),
}  # fmt: skip
SEARCHES["pipelines"] = SEARCHES["capsules"]

UNORDERED = {"processes", "users", "groups"}

FAVORITES = {"data_assets": ({"favorite": True}, {"favorite": True, "archived": True})}


def all_answers(client: Client, ids: dict[str, list[str]], *, favorites: bool = False) -> dict[str, Any]:
    """What every reading operation answers, by request; of pages and processes, which come in no order, sorted."""
    found: dict[str, Any] = {"custom_metadata": _said(client, "GET", "/custom_metadata")}
    for kind, searches in SEARCHES.items():
        for params in (*searches, *(FAVORITES.get(kind, ()) if favorites else ())):
            found[f"search {kind} {params}"] = _ids(_said(client, "POST", f"/{kind}/search", params | {"limit": 1000}))
    for kind, parts in (
        ("capsules", ("app_panel", "permissions", "computations")),
        ("pipelines", ("app_panel", "permissions", "computations")),
        ("data_assets", ("permissions",)),
        ("computations", ()),
    ):
        for id_ in ids[kind]:
            for part in ("", *(f"/{name}" for name in parts)):
                found[f"GET {kind}/{id_}{part}"] = _said(client, "GET", f"/{kind}/{id_}{part}")
            if kind in ("data_assets", "computations"):
                found |= _tree(client, kind, id_)
    return found


def differences(one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """What was answered differently, a line each."""
    for request in one.keys() | other.keys():
        if one.get(request) != other.get(request):
            yield f"{request}:\n  {one.get(request)}\n  {other.get(request)}"


def _said(client: Client, method: str, path: str, body: Any = None) -> Any:
    response = client.request(method, path, **({} if body is None else {"json": body}))
    if response.status_code >= 400:
        return response.status_code
    return _sorted(response.json())


def _sorted(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_sorted(one) for one in answer]
    if isinstance(answer, dict):
        changed = {key: _sorted(value) for key, value in answer.items()}
        for key in UNORDERED & changed.keys():
            changed[key] = sorted(changed[key], key=str)
        return changed
    return answer


def _ids(page: Any) -> Any:
    return sorted(row["id"] for row in page["results"]) if isinstance(page, dict) else page


def _tree(client: Client, kind: str, id_: str) -> dict[str, Any]:
    part = "files" if kind == "data_assets" else "results"
    found, folders = {}, [""]
    while folders:
        folder = folders.pop()
        listing = _said(client, "POST", f"/{kind}/{id_}/{part}", {"path": folder})
        found[f"{kind}/{id_}/{part} {folder}"] = listing
        if isinstance(listing, dict):
            # A generated folder of ten million files is compared by its first level.
            folders += [item["path"] for item in listing["items"][:20] if item["type"] == "folder" and not folder]
    return found
