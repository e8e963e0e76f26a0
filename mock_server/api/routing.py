"""Which operation a path and a method lead to: one table, literal segments before parameters."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from mock_server.api.declaration import Route
from mock_server.api.operation import Operation
from mock_server.api.versioning import ApiVersion
from mock_server.domain.versions import OPERATIONS
from mock_server.errors import MethodNotAllowedError, NotFoundError

REMEMBERED = 4096
"""How many paths are remembered."""


class _Served:
    """A declared operation, made ready when it is first called: validators and serializers take milliseconds each."""

    def __init__(self, route: Route, names: tuple[str, ...], api_version: ApiVersion) -> None:
        self.names = names
        self._route = route
        self._api_version = api_version

    @cached_property
    def operation(self) -> Operation:
        return Operation(self._route, self._api_version)


@dataclass(slots=True)
class _Node:
    literal: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    operations: dict[str, _Served] = field(default_factory=dict)


class Found(NamedTuple):
    """Where a path leads to: the operation, its path parameters, and their values alone."""

    operation: Operation
    parameters: dict[str, str]
    keys: tuple[str, ...]


class RouteTable:
    """All operations by path. One trailing slash more or less makes no difference."""

    def __init__(self, routes: Iterable[Route], api_version: ApiVersion) -> None:
        self._root = _Node()
        for route in routes:
            if api_version.has(OPERATIONS[route.operation_id]):
                self._add(route, api_version)
        self.find = lru_cache(maxsize=REMEMBERED)(self._find)

    def _add(self, route: Route, api_version: ApiVersion) -> None:
        node = self._root
        names = []
        for segment in route.path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literal.setdefault(segment, _Node())
        node.operations[route.method] = _Served(route, tuple(names), api_version)

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
        return Found(found.operation, dict(zip(found.names, values, strict=True)), tuple(values))
