"""Failures of the control plane, in the shape that all failures have."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from mock_server.asgi.responses import failure
from mock_server.documents.document_error import DocumentError
from mock_server.errors import ApiError, BadRequestError
from mock_server.input_errors.paths import messages_by_path
from mock_server.wire.common import Error

RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Error, "description": text}
    for status, text in {
        400: "The request is malformed or cannot be carried out",
        401: "The control token is missing or wrong",
        403: "The request comes from a page of another site",
        404: "There is no such world, snapshot, scenario, fault or computation",
        413: "The request body is too large",
        503: "The database or the disk cannot be used at the moment",
    }.items()
}


def install(app: FastAPI) -> None:
    """Let `app` answer every failure as `{"message": …}`."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(DocumentError, _seed_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)


async def _api_error(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ApiError)
    return _written(problem)


async def _seed_error(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, DocumentError)
    problems = [found.to_json() for found in problem.problems]
    return JSONResponse({"message": str(problem), "problems": problems}, 400)


async def _invalid(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)
    content = {"body": problem.body, "query": request.query_params, "path": request.path_params}
    path, message = next(iter(messages_by_path(problem.errors(), content, _inputs_of(request)).items()))
    place = ".".join(str(step) for step in path if step != "body")
    return _written(BadRequestError(f"{place}: {message}" if place else message))


def _inputs_of(request: Request) -> dict[str, Any]:
    """The models of the inputs that the route of a request takes."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return {}
    parts = {"body": [route.body_field] if route.body_field else [], "query": route.dependant.query_params}
    return {part: fields[0].field_info.annotation for part, fields in parts.items() if fields}


async def _http_error(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    return JSONResponse({"message": str(problem.detail).lower()}, problem.status_code, problem.headers)


def _written(problem: ApiError) -> Response:
    reply = failure(problem)
    headers = {name.decode(): value.decode() for name, value in reply.extra}
    return Response(reply.body, reply.status, headers, reply.kind.decode())
