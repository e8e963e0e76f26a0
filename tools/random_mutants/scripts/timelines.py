"""Runs, captures, releases and attachments step by step, and URLs on both sides of their last second."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests import ids
from tools.replay.exchange import HOST, Request
from tools.replay.recorder import Recorder

RUNS: tuple[dict[str, Any], ...] = (
    {"capsule_id": ids.CAPSULE}, {"capsule_id": ids.FAILS}, {"capsule_id": ids.SILENT}, {"capsule_id": ids.SLOW},
    {"capsule_id": ids.MANY_FILES}, {"pipeline_id": ids.TABLE_PIPELINE},
    {"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.IRIS, "mount": "a"}, {"id": ids.REFERENCE}]},
    {"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": "rows", "value": "2"},
                                                     {"param_name": "label", "value": "ß é"}]},
)  # fmt: skip
ROWS = ("0", "1", "2", "999", "1000", "1001", "1.5", "x", "", " 3", "-1", "1e2")
"""Values of a parameter whose least is 1 and whose most is 1000."""

STEPS = (0.25, 0.5, 0.75, 1, 1, 1, 1, 2, 2, 5, 15, 60)
HOURS = "/worlds/default/clock/advance"


def record(to: Recorder) -> None:
    """All of them."""
    to.section = "runs step by step"
    runs = [to.api("POST /computations", body).text("id") for body in RUNS]
    stopped = to.api("POST /computations", RUNS[3]).text("id")
    for step, by in enumerate(STEPS):
        to.control(f"POST {HOURS}", {"by": by})
        for run in runs:
            to.api(f"GET /computations/{run}")
            to.api(f"POST /computations/{run}/results", {"path": ""})
        if step == 6:
            to.api(f"DELETE /computations/{stopped}")
            to.api(f"GET /computations/{stopped}")
            to.api(f"DELETE /data_assets/{ids.IRIS}")
            to.api("POST /data_assets", _captured("too early", runs[3]))
        to.api(f"GET /capsules/{ids.CAPSULE}/computations")
    _captures(to, runs)
    to.section = "values of a parameter"
    for value in ROWS:
        given = [{"param_name": "rows", "value": value}]
        to.api("POST /computations", {"capsule_id": ids.CAPSULE, "named_parameters": given})
        to.api("POST /computations", {"capsule_id": ids.CAPSULE, "parameters": [value]})
    to.section = "URLs, and every part of them"
    urls = to.api(f"GET /computations/{runs[0]}/results/urls?path=table.csv")
    for name in ("download_url", "view_url"):
        _tamper(to, urls.text(name).partition(HOST)[2])


def _captured(name: str, run: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "mount": name.replace(" ", "-"), "tags": ["captured"],
            "source": {"computation": {"id": run}}} | more  # fmt: skip


def _captures(to: Recorder, runs: list[str]) -> None:
    to.section = "captures step by step"
    made = [
        to.api("POST /data_assets", _captured(f"capture {place}", run)).text("id") for place, run in enumerate(runs)
    ]
    for by in (*STEPS[:6], 60):
        for asset in made:
            to.api(f"GET /data_assets/{asset}")
            to.api(f"PUT /data_assets/{asset}", {"description": "while it is made"})
        to.control(f"POST {HOURS}", {"by": by})
    for asset in made:
        to.api(f"POST /data_assets/{asset}/files", {"path": ""})
        to.api("POST /data_assets/search", {"query": f"contained_data_id:{asset}"})
    combined = {"name": "both", "mount": "both", "tags": [], "data_asset_ids": [ids.IMAGING, ids.REFERENCE]}
    to.api("POST /data_assets", combined)
    for asset in made:
        to.api(f"DELETE /data_assets/{asset}")
        to.api(f"GET /data_assets/{asset}")


def _tamper(to: Recorder, target: str) -> None:
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    to.send(Request("GET", target))
    for place, (name, value) in enumerate(pairs):
        for changed in (value + "0", value[:-1], value.swapcase(), ""):
            rest = [*pairs[:place], (name, changed), *pairs[place + 1 :]]
            to.send(Request("GET", f"{path}?{urlencode(rest)}"))
        to.send(Request("GET", f"{path}?{urlencode(pairs[:place] + pairs[place + 1 :])}"))
    to.send(Request("GET", f"{path}?{urlencode([*pairs, ('extra', '1')])}"))
    to.send(Request("GET", f"{path}?{urlencode(list(reversed(pairs)))}"))
    to.send(Request("GET", f"{path.replace('table', 'tables')}?{query}"))
    seconds = dict(pairs).get("X-Amz-Expires", "0")
    for by in (max(1, int(seconds) - 1) if seconds.isdigit() else 1, 1, 1):
        to.control(f"POST {HOURS}", {"by": by})
        to.send(Request("GET", target))
        to.send(Request("HEAD", target))
