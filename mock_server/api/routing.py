"""Which operation a path and a method lead to."""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from mock_server.api.operation import Operation
from mock_server.api.versioning import ApiVersion
from mock_server.domain.versions import OPERATIONS
from mock_server.operations.declaration import Route
from mock_server.operations.paths import PathTable, names_in

REMEMBERED = 4096
"""How many paths are remembered."""


class _Served:
    """A declared operation, made ready when it is first called: validators and serializers take milliseconds each."""

    def __init__(self, route: Route, api_version: ApiVersion) -> None:
        self.names = names_in(route.path)
        self._route = route
        self._api_version = api_version

    @cached_property
    def operation(self) -> Operation:
        return Operation(self._route, self._api_version)


class Found(NamedTuple):
    """Where a path leads to: the operation, its path parameters, and their values alone."""

    operation: Operation
    parameters: dict[str, str]
    keys: tuple[str, ...]


class RouteTable:
    """All operations by path. One trailing slash more or less makes no difference."""

    def __init__(self, routes: Iterable[Route], api_version: ApiVersion) -> None:
        self._table = PathTable[_Served]()
        for route in routes:
            if api_version.has(OPERATIONS[route.operation_id]):
                self._table.add(route.method, route.path, _Served(route, api_version))
        self.find = lru_cache(maxsize=REMEMBERED)(self._find)

    def _find(self, method: str, raw_path: bytes) -> Found:
        """The operation and its path parameters, percent-decoded segment by segment. What is polled is polled again,
        so answers are remembered, and must not be changed.

        Raises `NotFoundError` for a path that is not served, `MethodNotAllowedError` for a method that is not.
        """
        segments = raw_path.decode("latin-1").partition("?")[0].removesuffix("/")[1:].split("/")
        found, values = self._table.find(method, segments)
        keys = tuple(unquote(value) if "%" in value else value for value in values)
        return Found(found.operation, dict(zip(found.names, keys, strict=True)), keys)
