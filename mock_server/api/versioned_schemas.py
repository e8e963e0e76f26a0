"""The schemas of answers as `api_version` writes them for an older platform version."""

from typing import Any

from mock_server.api.versioning import OLD_STATUS, OLD_TYPES, ApiVersion
from mock_server.domain.versions import FIELDS, RENAMED, SNAKE_CASE

Schemas = dict[str, Any]


def age(schemas: Schemas, api_version: ApiVersion) -> None:
    """Change the schemas of the newest platform into those of the api_version."""
    for (model, field), since in FIELDS.items():
        if model in schemas and not api_version.has(since):
            _drop(schemas[model], field)
    if api_version.version < RENAMED:
        _old_capsule(schemas)
        types = schemas["DataAsset"]["properties"]["type"]
        types["enum"] = [name for name in types["enum"] if name not in OLD_TYPES]
    if api_version.version < SNAKE_CASE:
        fields = schemas["DataAsset"]["properties"]
        fields["sourceBucket"] = fields.pop("source_bucket")
    if api_version.documented_names:
        _documented_data_asset(schemas["DataAsset"]["properties"])


def _drop(schema: dict[str, Any], field: str) -> None:
    schema["properties"].pop(field, None)
    schema["required"] = [name for name in schema.get("required", ()) if name != field]


def _old_capsule(schemas: Schemas) -> None:
    capsule = schemas["Capsule"]["properties"]
    capsule["keywords"] = {"anyOf": [capsule.pop("tags"), {"type": "null"}]}
    capsule["published_capsule"] = capsule.pop("release_capsule")
    capsule["status"]["enum"] = sorted(OLD_STATUS.values())
    version = schemas["CapsuleVersion"]
    version["properties"]["publish_time"] = version["properties"].pop("release_time")
    version["required"] = sorted({*version["required"], "publish_time"} - {"release_time"})


def _documented_data_asset(fields: dict[str, Any]) -> None:
    fields["lastUsed"] = fields["last_used"]
    fields["sizeInBytes"] = fields["size"]
    for name in ("state", "type"):
        fields[name]["enum"] = [f"DATA_ASSET_{name.upper()}_{value.upper()}" for value in fields[name]["enum"]]
