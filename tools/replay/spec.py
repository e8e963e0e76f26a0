"""The public API's operations, and which of them and of their answers a recording holds."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tools.replay.recorder import Line

SPEC = Path(__file__).parents[2] / "openapi" / "openapi.json"

REFUSALS = ("400", "401", "403", "404")
"""What has to be recorded of each operation that declares it, beside a success."""


class Operation(NamedTuple):
    """An operation of the spec: its path is a template, `query` are parameters that it must have."""

    name: str
    method: str
    path: str
    query: tuple[str, ...]
    takes_body: bool
    statuses: frozenset[str]

    def target(self, key: str) -> str:
        """The path below `/api/v1` with `key` as each id, and text for what the query must have."""
        query = "&".join(f"{name}={'true' if name == 'archive' else 'x'}" for name in self.query)
        return re.sub(r"\{\w+\}", key, self.path.removeprefix("/api/v1")) + (f"?{query}" if query else "")

    def answers(self, line: Line) -> bool:
        """Whether a recorded request is one for this operation."""
        path = line["target"].partition("?")[0]
        return line["method"] == self.method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", self.path), path) is not None


def operations() -> list[Operation]:
    """All operations of `openapi/openapi.json`."""
    return list(_operations(json.loads(SPEC.read_text())))


def _operations(spec: Any) -> Iterator[Operation]:
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            parameters = operation.get("parameters", [])
            query = tuple(one["name"] for one in parameters if one["in"] == "query" and one.get("required"))
            statuses = frozenset(operation["responses"])
            yield Operation(operation["operationId"], method.upper(), path, query, "requestBody" in operation, statuses)


def missing(lines: list[Line], known: list[Operation]) -> dict[str, list[str]]:
    """What no line of a recording shows, by operation: `2xx` or a refusal that it declares."""
    seen: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        # A literal path wins over a template, as when it is served.
        found = min((one for one in known if one.answers(line)), key=lambda one: one.path.count("{"), default=None)
        if found is not None:
            status = str(line["status"])
            seen[found.name].add("2xx" if status.startswith("2") else status)
    required = {one.name: ["2xx", *(status for status in REFUSALS if status in one.statuses)] for one in known}
    gaps = {name: [status for status in statuses if status not in seen[name]] for name, statuses in required.items()}
    return {name: statuses for name, statuses in gaps.items() if statuses}
