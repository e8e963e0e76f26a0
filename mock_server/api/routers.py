"""The public API: the operations of all resources together."""

from collections.abc import Iterable
from functools import cache

from mock_server.api.routes import capsules, computations, custom_metadata, data_assets
from mock_server.operations.declaration import Route, Routes


@cache
def routers() -> tuple[Routes, ...]:
    """The operations of each resource, in the order in which the spec lists them."""
    return (
        capsules.make_router("capsule"),
        capsules.make_router("pipeline"),
        computations.router,
        data_assets.router,
        custom_metadata.router,
    )


def routes(parts: Iterable[Routes]) -> list[Route]:
    """Every declared operation."""
    return [route for router in parts for route in router.declared]
