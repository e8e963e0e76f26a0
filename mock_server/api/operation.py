"""One declared operation, ready to be called: what its parameters are and how its answer is written.

FastAPI's own request handling takes twice the time of everything that the fake does for a request, accepts `"1"`
for an integer, and answers before a transaction is closed. It makes the spec from the declarations; the way from the
bytes to the call is this module's.
"""

import inspect
from dataclasses import dataclass
from typing import Any, get_type_hints
from urllib.parse import parse_qsl

import pydantic_core
from pydantic import Field, TypeAdapter, ValidationError

from mock_server.api import unknown_fields
from mock_server.api.versioning import ApiVersion, adapter
from mock_server.asgi.context import RequestContext
from mock_server.asgi.responses import JSON, NO_CONTENT, Response, explain
from mock_server.errors import BadRequestError
from mock_server.operations.declaration import CONTEXT, Path, Route, mark_of, marked

MAX_QUERY_FIELDS = 1000


@dataclass(frozen=True, slots=True)
class _QueryParameter:
    name: str
    adapter: TypeAdapter[Any]
    required: bool


class Operation:
    """An endpoint with everything that is worked out once: parameter kinds, validators, serializer."""

    def __init__(self, route: Route, api_version: ApiVersion) -> None:
        self.name = route.operation_id
        self.endpoint = route.endpoint
        self.scopes = route.scopes
        hints = get_type_hints(route.endpoint, include_extras=True)
        self._query: list[_QueryParameter] = []
        self._body: TypeAdapter[Any] | None = None
        self._body_type: Any = None
        self._body_name = ""
        self._body_required = False
        for name, parameter in inspect.signature(route.endpoint).parameters.items():
            mark = mark_of(hints[name])
            required = parameter.default is inspect.Parameter.empty
            if name == CONTEXT or isinstance(mark, Path):
                continue
            if mark is not None:
                kind = marked(hints[name], mark, Field(**mark.options))
                self._query.append(_QueryParameter(name, TypeAdapter(kind), required))
            else:
                self._body, self._body_name, self._body_required = adapter(hints[name]), name, required
                self._body_type = hints[name]
        returned = hints["return"]
        self._write = None if returned is type(None) else api_version.writer(returned)

    @property
    def reads_body(self) -> bool:
        """Whether the request has a body that matters."""
        return self._body is not None

    def unknown_fields(self, query: bytes, body: bytes) -> list[str]:
        """The fields of a request that the operation does not read, with their places."""
        known = {parameter.name for parameter in self._query}
        return unknown_fields.in_query(query, known) + unknown_fields.in_body(body, self._body_type)

    async def __call__(self, context: RequestContext, path: dict[str, str], query: bytes, body: bytes) -> Response:
        """Check the input, call the endpoint, write the answer. Raises `BadRequestError` for input that is wrong."""
        arguments: dict[str, Any] = dict(path)
        if self._query:
            arguments |= self._read_query(query)
        if self._body is not None:
            arguments |= self._read_body(body)
        result = await self.endpoint(context=context, **arguments)
        return NO_CONTENT if self._write is None else Response(200, self._write(result), JSON)

    def _read_query(self, query: bytes) -> dict[str, Any]:
        try:
            fields = dict(
                parse_qsl(query.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS)
            )
        except ValueError:
            raise BadRequestError("invalid query: too many fields") from None
        arguments: dict[str, Any] = {}
        for parameter in self._query:
            value = fields.get(parameter.name)
            if value is None:
                if parameter.required:
                    raise BadRequestError(f"invalid query: {parameter.name} is required")
                continue
            try:
                arguments[parameter.name] = parameter.adapter.validate_python(value)
            except ValidationError as problem:
                raise BadRequestError(explain(problem, f"invalid query: {parameter.name}")) from None
        return arguments

    def _read_body(self, body: bytes) -> dict[str, Any]:
        if not body.strip():
            if self._body_required:
                raise BadRequestError("invalid request body: it is empty")
            return {}
        try:
            if b"NaN" in body or b"Infinity" in body:
                pydantic_core.from_json(body, allow_inf_nan=False)
            # Past the adapter's own method, which looks for options that nobody gives.
            return {self._body_name: self._body.validator.validate_json(body)} if self._body else {}
        except ValidationError as problem:
            raise BadRequestError(explain(problem, "invalid request body")) from None
        except ValueError as problem:
            raise BadRequestError(f"invalid request body: {problem}") from None
