"""How operations are declared: in FastAPI's words, but without FastAPI, which takes longer to import than the server to
start. The public API and the control plane serve what is recorded here, and give it to FastAPI for their specs.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

Endpoint = Callable[..., Awaitable[Any]]
E = TypeVar("E", bound=Endpoint)

CONTEXT = "context"
"""The parameter of every endpoint that is no part of the request: who calls an endpoint passes what it works on."""


class Parameter:
    """Marks a parameter of a request; `options` are those of pydantic's `Field`."""

    def __init__(self, **options: Any) -> None:
        self.options = options


class Path(Parameter):
    """Marks a parameter in the path."""


class Query(Parameter):
    """Marks a parameter in the query."""


def mark_of(hint: Any) -> Parameter | None:
    """The mark of a parameter's type; None for a body."""
    return next((mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Parameter)), None)


def marked(hint: Any, mark: Parameter, field: Any) -> Any:
    """A parameter's type with `field`, in the words of a library, in the place of our mark."""
    return Annotated[hint.__origin__, *(field if own is mark else own for own in hint.__metadata__)]


@dataclass(frozen=True, slots=True)
class Route:
    """A declared operation; `options` are the arguments that FastAPI's route takes."""

    path: str
    method: str
    endpoint: Endpoint
    tags: tuple[str, ...]
    options: dict[str, Any]

    @property
    def operation_id(self) -> str:
        """The operation's name in the spec."""
        return str(self.options["operation_id"])

    @property
    def scopes(self) -> tuple[str, ...]:
        """What an access token must carry."""
        return tuple(self.options["openapi_extra"]["x-scopes"])


class Routes:
    """Operations below one `prefix`, under the same tags, with `responses` beside their own."""

    def __init__(self, prefix: str, tags: Iterable[str], responses: Mapping[int, Any] = MappingProxyType({})) -> None:
        self.declared: list[Route] = []
        self._prefix = prefix
        self._tags = tuple(tags)
        self._responses = responses

    def get(self, path: str, **options: Any) -> Callable[[E], E]:
        """Declare a GET."""
        return self._declare("GET", path, options)

    def post(self, path: str, **options: Any) -> Callable[[E], E]:
        """Declare a POST."""
        return self._declare("POST", path, options)

    def put(self, path: str, **options: Any) -> Callable[[E], E]:
        """Declare a PUT."""
        return self._declare("PUT", path, options)

    def patch(self, path: str, **options: Any) -> Callable[[E], E]:
        """Declare a PATCH."""
        return self._declare("PATCH", path, options)

    def delete(self, path: str, **options: Any) -> Callable[[E], E]:
        """Declare a DELETE."""
        return self._declare("DELETE", path, options)

    def _declare(self, method: str, path: str, options: dict[str, Any]) -> Callable[[E], E]:
        def declare(endpoint: E) -> E:
            own = options | {"responses": {**self._responses, **options.get("responses", {})}}
            self.declared.append(Route(self._prefix + path, method, endpoint, self._tags, own))
            return endpoint

        return declare
