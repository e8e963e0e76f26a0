"""Which operation a path and a method lead to: one table, literal segments before parameters."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from fastapi.routing import APIRoute

from mock_server.api.operation import Operation
from mock_server.api.versioning import ApiVersion
from mock_server.domain.versions import OPERATIONS
from mock_server.errors import MethodNotAllowedError, NotFoundError

REMEMBERED = 4096
"""How many paths are remembered."""


@dataclass(slots=True)
class _Node:
    literal: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    operations: dict[str, tuple[Operation, tuple[str, ...]]] = field(default_factory=dict)


class Found(NamedTuple):
    """Where a path leads to: the operation, its path parameters, and their values alone."""

    operation: Operation
    parameters: dict[str, str]
    keys: tuple[str, ...]


class RouteTable:
    """All operations by path. One trailing slash more or less makes no difference."""

    def __init__(self, routes: Iterable[APIRoute], api_version: ApiVersion) -> None:
        self._root = _Node()
        for route in routes:
            if api_version.has(OPERATIONS[route.operation_id or ""]):
                self._add(route, Operation(route, api_version))
        self.find = lru_cache(maxsize=REMEMBERED)(self._find)

    def _add(self, route: APIRoute, operation: Operation) -> None:
        node = self._root
        names = []
        for segment in route.path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literal.setdefault(segment, _Node())
        for method in route.methods or ():
            node.operations[method] = (operation, tuple(names))

    def _find(self, method: str, raw_path: bytes) -> Found:
        """The operation and its path parameters, percent-decoded segment by segment. What is polled is polled again,
        so answers are remembered, and must not be changed.

        Raises `NotFoundError` for a path that is not served, `MethodNotAllowedError` for a method that is not.
        """
        node = self._root
        values = []
        for segment in raw_path.decode("latin-1").partition("?")[0].removesuffix("/")[1:].split("/"):
            below = node.literal.get(segment)
            if below is None:
                below = node.parameter
                values.append(unquote(segment) if "%" in segment else segment)
            if below is None or not segment:
                raise NotFoundError("not found")
            node = below
        if not node.operations:
            raise NotFoundError("not found")
        found = node.operations.get(method)
        if found is None:
            raise MethodNotAllowedError(", ".join(sorted(node.operations)))
        operation, names = found
        return Found(operation, dict(zip(names, values, strict=True)), tuple(values))
