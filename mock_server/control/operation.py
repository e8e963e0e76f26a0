"""One route of the control plane, ready to be called: how its input is read and its answer is written."""

import inspect
import json
from typing import Any, get_type_hints
from urllib.parse import parse_qsl

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, create_model

from mock_server.asgi.responses import JSON, NO_CONTENT, Response
from mock_server.asgi.streams import Stream
from mock_server.control.context import Context, WorldContext
from mock_server.control.parameters import WorldName
from mock_server.errors import BadRequestError
from mock_server.input_errors.paths import messages_by_path
from mock_server.operations.declaration import CONTEXT, Path, Route, mark_of, marked
from mock_server.operations.paths import names_in
from mock_server.services.driven import leases

Answer = Response | Stream

WORLD = "world"
"""The parameter in the path that a `WorldContext` stands for."""


class Operation:
    """An endpoint with everything that is worked out once."""

    def __init__(self, route: Route) -> None:
        self._names = names_in(route.path)
        self._endpoint = route.endpoint
        self._status: int = route.options.get("status_code", 200)
        self._leaves_out_none: bool = route.options.get("response_model_exclude_none", False)
        hints = get_type_hints(route.endpoint, include_extras=True)
        self._is_in_world = hints[CONTEXT] is WorldContext
        self._whole: dict[str, str] = {}
        fields: dict[str, dict[str, Any]] = {"path": {WORLD: (_type(WorldName), ...)} if self._is_in_world else {}}
        fields |= {"query": {}, "input": {}}
        for name, parameter in inspect.signature(route.endpoint).parameters.items():
            if name == CONTEXT:
                continue
            kind, default = _type(hints[name]), ... if parameter.default is parameter.empty else parameter.default
            mark = mark_of(hints[name])
            part = "body" if mark is None else "path" if isinstance(mark, Path) else "query"
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                self._whole[part] = name
                fields["input"][part] = kind, ...
            else:
                fields[part][name] = kind, default
        self._path = create_model("Path", path=(create_model("Parameters", **fields["path"]), ...))
        if "query" not in self._whole:
            fields["input"]["query"] = create_model("Parameters", **fields["query"]), ...
        self._input = create_model("Input", **fields["input"])
        self._writer = None if hints["return"] in (type(None), Response, Stream) else TypeAdapter(hints["return"])

    async def __call__(self, context: Context, values: list[str]) -> Answer:
        """Check the input, call the endpoint, write the answer. Raises an `ApiError` for input that is wrong: of all
        that is, for what stands first.
        """
        given: dict[str, Any] = {"query": dict(parse_qsl(context.scope["query_string"].decode("latin-1"), True))}
        if "body" in self._whole:
            given["body"] = _parsed(await context.body())
        arguments = _read(self._path, {"path": dict(zip(self._names, values, strict=True))}, {})
        if self._is_in_world:
            context = _in_world(context, arguments.pop(WORLD))
        arguments |= _read(self._input, given, self._whole)
        result = await self._endpoint(context=context, **arguments)
        if isinstance(result, Answer):
            return result
        if self._writer is None:
            return NO_CONTENT
        text = self._writer.dump_json(result, exclude_none=self._leaves_out_none, by_alias=True)
        return Response(self._status, text, JSON)


def _type(hint: Any) -> Any:
    """The type of a parameter in pydantic's terms."""
    mark = mark_of(hint)
    if mark is None:
        return hint
    if isinstance(hint.__origin__, type) and issubclass(hint.__origin__, BaseModel):
        return hint.__origin__
    return marked(hint, mark, Field(**mark.options))


def _parsed(body: bytes) -> Any:
    if not body:
        raise BadRequestError("the body is missing")
    try:
        # It takes halves of surrogate pairs, so that what is wrong with them can be told in their field.
        return json.loads(body)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise BadRequestError(f"the body is not valid JSON: {problem.msg} ({where})") from None
    except UnicodeDecodeError:
        raise BadRequestError("the body is not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise BadRequestError("the body has too long a number, or is nested too deeply") from None


def _in_world(context: Context, name: str) -> WorldContext:
    """Raises `NotFoundError` when there is no such world."""
    world = context.worlds.require(name)
    # A lease is over when its time is, whether the watch has seen that by then or not.
    leases.lapse_if_possible(world, context.worlds.real())
    return WorldContext(context.worlds, context.leases, context.scope, context.receive, world)


def _read(model: type[BaseModel], given: dict[str, Any], whole: dict[str, str]) -> dict[str, Any]:
    """Return what was given, as arguments: parts that are read `whole` by the names that they have there, else their
    fields. Raises `BadRequestError`.
    """
    try:
        read = model.model_validate(given)
    except ValidationError as problem:
        found = messages_by_path(problem.errors(include_url=False), given, model)
        path, message = next(iter(found.items()))
        place = ".".join(str(step) for step in path if step != "body")
        raise BadRequestError(f"{place}: {message}" if place else message) from None
    arguments: dict[str, Any] = {}
    for part in model.model_fields:
        value = getattr(read, part)
        arguments |= {whole[part]: value} if part in whole else dict(value)
    return arguments
