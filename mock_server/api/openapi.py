"""The OpenAPI document of the public API, made from the declared operations."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from mock_server.api.versioned_schemas import age
from mock_server.api.versioning import ApiVersion

DESCRIPTION = """The public REST API of Code Ocean, as the fake serves it.

`x-since` names the platform version that first had an operation, `x-evidence` how sure that is (documented, observed
or assumed), `x-scopes` what the access token must carry."""

CONTACT = {"name": "The developers of codeocean-mock"}
"""Whom to ask about this document: not the people of Code Ocean."""

VALIDATION_SCHEMAS = ("HTTPValidationError", "ValidationError")


NEWEST_EDITION = ApiVersion()


def document(app: FastAPI, api_version: ApiVersion = NEWEST_EDITION) -> dict[str, Any]:
    """The document for an api_version; the same for the same code, on every machine."""
    spec = get_openapi(
        title="Code Ocean API",
        version=str(api_version.version),
        description=DESCRIPTION,
        routes=app.routes,
        servers=[{"url": "/", "description": "The deployment that serves this document"}],
        tags=app.openapi_tags,
        contact=CONTACT,
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    for path in spec["paths"].values():
        for operation in path.values():
            if operation["summary"].istitle():
                operation["summary"] = operation["summary"].capitalize()  # FastAPI writes Titles In This Way.
            operation["responses"].pop("422", None)  # Wrong input is answered with 400.
    age(spec["components"]["schemas"], api_version)
    for name in VALIDATION_SCHEMAS:
        spec["components"]["schemas"].pop(name, None)
    _whole_bounds(spec)
    return spec


def _whole_bounds(node: Any) -> None:
    """FastAPI writes bounds as floats, which rounds 2**63 - 1 up; write whole ones as integers."""
    if isinstance(node, dict):
        for key in ("minimum", "maximum"):
            if isinstance(node.get(key), float) and node[key].is_integer():
                node[key] = min(int(node[key]), 2**63 - 1)
        for value in node.values():
            _whole_bounds(value)
    elif isinstance(node, list):
        for value in node:
            _whole_bounds(value)
