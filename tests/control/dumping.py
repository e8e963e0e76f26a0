"""Everything that clients can read of a demo world, file bytes included, to be compared with another time or server."""

from typing import Any

from tests import ids
from tests.conftest import Client
from tests.control.conftest import World

CAPSULES = (ids.CAPSULE, ids.RELEASE, ids.ORDERED, ids.FASTQC, ids.FAILS, ids.SLOW)
PIPELINES = (ids.PIPELINE, ids.NAMED_PIPELINE)

A_FOLDER = 6
"""How many entries of a folder are looked at."""

LARGEST = 300_000
"""The most bytes of a file that are read."""


def dump(client: Client) -> dict[str, Any]:
    """What the public API shows: objects, listings, files, permissions."""
    seen: dict[str, Any] = {}
    assets = client.ask("POST", "/data_assets/search", json={"limit": 1000})
    seen["search"] = assets
    seen["archived"] = client.ask("POST", "/data_assets/search", json={"limit": 1000, "archived": True})
    seen["capsules"] = client.ask("POST", "/capsules/search", json={"limit": 1000})
    seen["pipelines"] = client.ask("POST", "/pipelines/search", json={"limit": 1000})
    for kind, keys in (("capsules", CAPSULES), ("pipelines", PIPELINES)):
        for key in keys:
            seen[key] = client.ask("GET", f"/{kind}/{key}")
            seen[f"{key} panel"] = client.get(f"/{kind}/{key}/app_panel").json()
            runs = client.ask("GET", f"/{kind}/{key}/computations")
            for run in runs:
                seen[run["id"]] = in_order(client.ask("GET", f"/computations/{run['id']}"))
                seen[f"{run['id']} files"] = files(client, f"/computations/{run['id']}/results")
    for asset in [*assets["results"], *seen["archived"]["results"]]:
        key = asset["id"]
        seen[key] = client.ask("GET", f"/data_assets/{key}")
        seen[f"{key} files"] = files(client, f"/data_assets/{key}/files")
        seen[f"{key} permissions"] = client.ask("GET", f"/data_assets/{key}/permissions")
    return seen


def in_order(run: dict[str, Any]) -> dict[str, Any]:
    """A run with its processes sorted: answers have them in no order."""
    processes = sorted(run.get("processes", ()), key=lambda process: str(process["name"]))
    return run | ({"processes": processes} if processes else {})


def files(client: Client, path: str, folder: str = "") -> Any:
    """All files below a folder, those of a moderate size with their bytes; what is answered when there are none."""
    answer = client.post(path, json={"path": folder})
    if answer.status_code != 200:
        return answer.json()
    found: dict[str, Any] = {}
    for item in answer.json()["items"][:A_FOLDER]:
        if item["type"] == "folder":
            found[item["path"]] = files(client, path, item["path"]) if item["path"].count("/") < 2 else "…"
        else:
            found[item["path"]] = content(client, path, item)
    return found


def content(client: Client, path: str, item: dict[str, Any]) -> Any:
    if item["size"] > LARGEST:
        return item
    urls = client.ask("GET", f"{path}/urls", params={"path": item["path"]})
    answer = client.get(urls["download_url"], auth=None)
    assert answer.status_code == 200
    assert len(answer.content) == item["size"]
    return answer.content


def control(world: World) -> dict[str, Any]:
    """What the control plane shows beside the journal."""
    info = world.ask("GET")
    info.pop("idle")
    info["counts"].pop("requests")
    return {"info": info, **{part: world.ask("GET", f"/{part}") for part in ("scenarios", "faults")}}
