"""The values of a run by the names that templates use, from plain data."""

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.run_templates.values import Lookup

Fields = Mapping[str, Any]


def of_run(run: Fields, owner: Fields, capsule: Fields, inputs: Fields) -> dict[str, Any]:
    """What templates of a run may use. `inputs` are its `parameters`, `processes` with theirs, and `data_assets` with
    their names, tags and so on; the first three are mappings as they are.
    """
    return {
        "run": dict(run),
        "owner": dict(owner),
        "capsule": dict(capsule),
        "parameters": _parameters(inputs["parameters"]),
        "processes": _named(
            "the processes",
            [{**process, "parameters": _parameters(process["parameters"])} for process in inputs["processes"]],
            ("name",),
        ),
        "data_assets": _named("the data assets", inputs["data_assets"], ("name", "id", "mount")),
    }


def _parameters(given: Sequence[Fields]) -> Lookup:
    """Parameters by argument, by label and by place; each stands for its value."""
    names: dict[str, Any] = {}
    for key in ("name", "param_name"):
        names |= {parameter[key]: parameter["value"] for parameter in given if parameter.get(key)}
    plain = {p.get("param_name") or p["name"] or str(at): p["value"] for at, p in enumerate(given)}
    return Lookup("the parameters", [dict(p) for p in given], [p["value"] for p in given], names, plain)


def _named(what: str, entries: Sequence[Fields], keys: tuple[str, ...]) -> Lookup:
    """Things by each of their keys, the last before those that stand before it."""
    things = [dict(entry) for entry in entries]
    names = {thing[key]: thing for key in keys for thing in things}
    return Lookup(what, things, things, names, things)
