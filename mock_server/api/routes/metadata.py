"""What every operation declares beyond its signature: id, scopes, statuses, links, and what is known of it."""

from typing import Any, Literal

from mock_server.domain.versions import OPERATIONS
from mock_server.wire.common import Error

Evidence = Literal["documented", "observed", "assumed"]

DESCRIPTIONS = {
    400: ("The request is malformed or cannot be carried out", "invalid request body"),
    401: ("No valid access token", "a valid access token is required"),
    403: ("The caller may not do this", "the access token lacks the scope capsule:read"),
    404: ("There is no such object, or the caller may not see it", "capsule not found"),
    408: ("The request did not arrive in time", "the request did not arrive in time"),
    414: ("The address is too long", "the address of the request is too long"),
    423: ("The workspace is locked while the capsule runs", "Workspace is locked"),
    413: ("The request body is too large", "the request body is larger than 16777216 bytes"),
    429: (
        "The token names a world, and there is no room for one more",
        "there are 500 worlds, and no more are allowed",
    ),
    431: ("The headers are too many or too large", "the request has more than 200 headers"),
    503: ("The database cannot be used at the moment", "the database cannot be written: database is locked"),
}

COMMON = (400, 401, 403, 408, 414, 429, 431, 503)
"""What any operation answers: 400 to a client that is too new for the server, too; 408, 414 and 431 are the server's
limits on every request (docs/settings.md)."""


def operation(
    operation_id: str,
    *,
    evidence: Evidence,
    scopes: tuple[str, ...],
    answers: str,
    example: Any = None,
    failures: tuple[int, ...] = (),
    refusal: Any = None,
    links: dict[str, dict[str, Any]] | None = None,
    status: int = 200,
    deprecated: bool = False,
) -> dict[str, Any]:
    """Arguments for a route decorator.

    `evidence` says how sure it is that the service has the operation; since when stands in `domain.versions`. `answers`
    and `example` describe the success, `failures` are the statuses besides those that are common to all. `refusal` is
    a model that a 403 may have instead of a message.
    """
    since = OPERATIONS[operation_id]
    success: dict[str, Any] = {"description": answers}
    if example is not None:
        success["content"] = {"application/json": {"example": example}}
    if links:
        success["links"] = links
    return {
        "operation_id": operation_id,
        "status_code": status,
        "responses": {status: success}
        | {code: _failure(code, refusal if code == 403 else None) for code in sorted({*COMMON, *failures})},
        "deprecated": deprecated or None,
        "openapi_extra": {"x-since": f"{since.major}.{since.minor}", "x-evidence": evidence, "x-scopes": list(scopes)},
    }


def _failure(code: int, other: Any = None) -> dict[str, Any]:
    description, message = DESCRIPTIONS[code]
    shown: dict[str, Any] = {
        "model": Error if other is None else Error | other,
        "description": description,
        "content": {"application/json": {"example": {"message": message}}},
    }
    if code == 401:
        shown["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    return shown


def link(operation_id: str, **parameters: str) -> dict[str, Any]:
    """A link from an answer to the operation that continues it."""
    return {"operationId": operation_id, "parameters": parameters}
