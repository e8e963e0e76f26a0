"""The public API as one FastAPI application: all routers together."""

from collections.abc import Iterable
from functools import cache

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute

from mock_server.api.dependencies import security
from mock_server.api.routes import capsules, computations, custom_metadata, data_assets
from mock_server.domain.versions import NEWEST, OPERATIONS, Version
from mock_server.version import __version__

TAGS = [
    {"name": "capsules", "description": "Code, environment and data that reproduce a result."},
    {"name": "pipelines", "description": "Capsules that run one after another."},
    {"name": "computations", "description": "Runs of capsules and pipelines, and their result files."},
    {"name": "data assets", "description": "Versioned sets of files, from buckets or captured from results."},
    {"name": "custom metadata", "description": "The fields that a deployment gives its data assets."},
]


@cache
def routers() -> tuple[APIRouter, ...]:
    """All routers, in the order in which the spec lists them; made once, as that takes most of a start."""
    return (
        capsules.make_router("capsule"),
        capsules.make_router("pipeline"),
        computations.router,
        data_assets.router,
        custom_metadata.router,
    )


def declare(parts: Iterable[APIRouter], version: Version = NEWEST) -> FastAPI:
    """The application that carries the declarations of a platform version; `dispatch` serves them."""
    app = FastAPI(title="Code Ocean API", version=__version__, openapi_url=None, openapi_tags=TAGS)
    for router in parts:
        kept = APIRouter()
        kept.routes.extend(route for route in routes([router]) if OPERATIONS[route.operation_id or ""] <= version)
        app.include_router(kept, dependencies=[Depends(security)])
    return app


def routes(parts: Iterable[APIRouter]) -> list[APIRoute]:
    """Every declared operation."""
    return [route for router in parts for route in router.routes if isinstance(route, APIRoute)]
