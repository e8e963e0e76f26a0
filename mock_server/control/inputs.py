"""What an endpoint of the control plane takes of a request, read and checked."""

import inspect
import json
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, Field, ValidationError, create_model

from mock_server.control.context import Context
from mock_server.errors import BadRequestError
from mock_server.input_errors.paths import messages_by_path
from mock_server.operations.declaration import CONTEXT, Parameter, Path, Route, mark_of, marked
from mock_server.operations.paths import names_in

Fields = dict[str, Any]
"""Types and defaults by name, as pydantic makes a model of them."""


class Inputs:
    """The parameters in the path of a route, those in its query, and its body. `shared` are the marked types of
    parameters in the path that the endpoint itself does not take.
    """

    def __init__(self, route: Route, hints: dict[str, Any], shared: dict[str, Any]) -> None:
        self._names = names_in(route.path)
        self._whole: dict[str, str] = {}
        path: Fields = {name: (_type(hint, mark_of(hint)), ...) for name, hint in shared.items()}
        query: Fields = {}
        rest: Fields = {}
        for name, parameter in inspect.signature(route.endpoint).parameters.items():
            mark = mark_of(hints[name])
            if name == CONTEXT:
                continue
            if mark is None:
                self._whole["body"] = name
                rest["body"] = hints[name], ...
            elif isinstance(mark, Path):
                path[name] = _type(hints[name], mark), ...
            elif _is_model(hints[name].__origin__):
                self._whole["query"] = name
                rest["query"] = hints[name].__origin__, ...
            else:
                default = ... if parameter.default is parameter.empty else parameter.default
                query[name] = _type(hints[name], mark), default
        self._path = create_model("Path", path=(create_model("Parameters", **path), ...))
        parts: Fields = {"query": (create_model("Parameters", **query), ...), **rest}
        self._rest = create_model("Rest", **parts)

    def of_path(self, values: list[str]) -> dict[str, Any]:
        """Return the parameters in the path. Raises `BadRequestError`."""
        return self._read(self._path, {"path": dict(zip(self._names, values, strict=True))})

    async def of_rest(self, context: Context) -> dict[str, Any]:
        """Return those in the query, and the body. Raises `BadRequestError`."""
        given: dict[str, Any] = {"query": dict(parse_qsl(context.scope["query_string"].decode("latin-1"), True))}
        if "body" in self._whole:
            given["body"] = _parsed(await context.body())
        return self._read(self._rest, given)

    def _read(self, model: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
        try:
            read = model.model_validate(given)
        except ValidationError as problem:
            found = messages_by_path(problem.errors(include_url=False), given, model)
            path, message = next(iter(found.items()))
            place = ".".join(str(step) for step in path if step != "body")
            raise BadRequestError(f"{place}: {message}" if place else message) from None
        arguments: dict[str, Any] = {}
        for part, value in read:
            arguments |= {self._whole[part]: value} if part in self._whole else dict(value)
        return arguments


def _type(hint: Any, mark: Parameter | None) -> Any:
    """The type of a parameter in pydantic's terms."""
    return hint if mark is None else marked(hint, mark, Field(**mark.options))


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


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
