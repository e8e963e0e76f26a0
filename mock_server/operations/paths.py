"""Where a path and a method lead to: one tree of segments, literal ones before parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mock_server.errors import MethodNotAllowedError, NotFoundError

T = TypeVar("T")

REST = ":path}"
"""The end of a last segment that stands for any number of them."""


@dataclass(slots=True)
class _Node(Generic[T]):
    literal: dict[str, "_Node[T]"] = field(default_factory=dict)
    parameter: "_Node[T] | None" = None
    rest: "_Node[T] | None" = None
    by_method: dict[str, T] = field(default_factory=dict)


class PathTable(Generic[T]):
    """Things of one kind by path and method."""

    def __init__(self) -> None:
        self._root = _Node[T]()

    def add(self, method: str, path: str, thing: T) -> None:
        """Have a path lead to something. `{name}` stands for a segment, `{name:path}` for all that is left."""
        node = self._root
        for segment in path.strip("/").split("/"):
            if segment.endswith(REST):
                node.rest = node = node.rest or _Node()
            elif segment.startswith("{"):
                node.parameter = node = node.parameter or _Node()
            else:
                node = node.literal.setdefault(segment, _Node())
        node.by_method[method] = thing

    def find(self, method: str, segments: Sequence[str]) -> tuple[T, list[str]]:
        """Return what is at a path, and the values of its parameters.

        Raises `NotFoundError` when there is nothing, `MethodNotAllowedError` when there is for other methods.
        """
        node = self._root
        values = []
        for number, segment in enumerate(segments):
            below = node.literal.get(segment)
            if below is None and node.rest is not None:
                values.append("/".join(segments[number:]))
                node = node.rest
                break
            if below is None and segment:
                below = node.parameter
                values.append(segment)
            if below is None:
                raise NotFoundError("not found")
            node = below
        if not node.by_method:
            raise NotFoundError("not found")
        found = node.by_method.get(method)
        if found is None:
            raise MethodNotAllowedError(", ".join(sorted(node.by_method)))
        return found, values


def names_in(path: str) -> tuple[str, ...]:
    """The names of the parameters in a path."""
    segments = path.strip("/").split("/")
    return tuple(segment.strip("{}").removesuffix(":path") for segment in segments if segment.startswith("{"))
