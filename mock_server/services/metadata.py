"""The deployment's custom metadata fields."""

from typing import Any

from mock_server.domain import metadata
from mock_server.store import queries
from mock_server.wire.custom_metadata import CustomMetadata
from mock_server.world import World


def get(world: World) -> CustomMetadata:
    """All fields, and the categories they are in."""
    schema = _schema(world)
    return CustomMetadata.model_validate({key: part for key, part in schema.items() if part})


def checked(world: World, values: dict[str, Any]) -> dict[str, Any]:
    """The values to keep for a data asset: those that are not null, by name, as the service writes all keys (recorded
    answers). Raises `BadRequestError` when they do not fit.
    """
    kept = {name: value for name, value in sorted(values.items()) if value is not None}
    metadata.check(fields(world), kept)
    return kept


def field_names(world: World) -> set[str] | None:
    """The names of the deployment's fields; None when it has none and data assets take all."""
    return {field["name"] for field in fields(world)} or None


def date_names(world: World) -> set[str]:
    """The names of the fields whose values are times, in seconds since 1970."""
    return {field["name"] for field in fields(world) if field.get("type") == "date"}


def fields(world: World) -> list[dict[str, Any]]:
    """The deployment's fields."""
    declared: list[dict[str, Any]] = _schema(world).get("fields", [])
    return declared


def _schema(world: World) -> dict[str, Any]:
    row = world.rows.get(queries.WORLD_ID)
    return row.custom_metadata if row else {}
