"""Declared operations as routes of FastAPI, which makes the spec of them. It serves none."""

import inspect
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, get_type_hints

import fastapi
from fastapi import APIRouter

from mock_server.asgi.responses import Response
from mock_server.asgi.streams import Stream
from mock_server.operations.declaration import CONTEXT, Endpoint, Path, Route, mark_of, marked
from mock_server.operations.paths import names_in

WRITTEN = (Response, Stream)
"""What endpoints return that write their answers themselves."""


def router_of(routes: Iterable[Route], shared: Mapping[str, Any] = MappingProxyType({})) -> APIRouter:
    """Declared operations as a router. `shared` has the types of parameters in the path that no endpoint takes."""
    router = APIRouter()
    for route in routes:
        hints = get_type_hints(route.endpoint, include_extras=True)
        more = {"response_class": fastapi.Response} if hints["return"] in WRITTEN else {}
        router.add_api_route(
            route.path,
            _signed(route, hints, shared),
            methods=[route.method],
            tags=list(route.tags),
            **route.options | more,
        )
    return router


def _signed(route: Route, hints: dict[str, Any], shared: Mapping[str, Any]) -> Endpoint:
    """An endpoint with the signature that FastAPI reads: its own kinds of parameters, and no context."""

    async def declared() -> None:
        raise NotImplementedError("FastAPI does not serve operations")

    signature = inspect.signature(route.endpoint).parameters
    parameters = [
        parameter.replace(annotation=_kind(hints[name])) for name, parameter in signature.items() if name != CONTEXT
    ]
    parameters += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=_kind(shared[name]))
        for name in names_in(route.path)
        if name not in signature
    ]
    declared.__name__, declared.__doc__ = route.endpoint.__name__, route.endpoint.__doc__
    returned = hints["return"]
    declared.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        parameters, return_annotation=None if returned in (type(None), *WRITTEN) else returned
    )
    return declared


def _kind(hint: Any) -> Any:
    """A type with FastAPI's mark in the place of ours."""
    mark = mark_of(hint)
    if mark is None:
        return hint
    kind = fastapi.Path if isinstance(mark, Path) else fastapi.Query
    return marked(hint, mark, kind(**mark.options))
