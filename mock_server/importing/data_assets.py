"""Data assets as a seed file has them."""

from typing import Any

from mock_server.documents.seed_model import SeedDataAsset
from mock_server.importing.fields import Fitted, each, fitted, parameters, picked, without_empty
from mock_server.importing.files import seed_files, usable
from mock_server.importing.people import Context
from mock_server.importing.privacy import Scrubber

FOREVER = "forever"

PLAIN = ("last_used", "type", "last_transferred")
PROVENANCE = ("capsule", "commit", "computation", "data_assets", "docker_image", "run_script")


def data_asset(content: dict[str, Any], tree: list[Any] | None, context: Context, *, is_favorite: bool) -> Fitted:
    """The fields of a data asset; `content` is what was read of it, `tree` its files and whether these are all."""
    record, (scrubber, people, _) = content["record"], context
    fields = {
        "id": record["id"],
        "name": scrubber.text(record.get("name") or record["id"]),
        "mount": usable(scrubber.path(record.get("mount") or ""), record["id"]),
        "owner": people.owner(record),
        "created": record.get("created") or 0,
        **picked(record, PLAIN),
        "description": scrubber.description(record.get("description") or ""),
        "tags": [scrubber.text(tag) for tag in record.get("tags") or ()],
        "archived": content["archived"] or None,
        "plan": _plan(record, scrubber),
        "custom_metadata": custom_metadata(record.get("custom_metadata"), scrubber),
        "source_bucket": _bucket(record.get("source_bucket"), scrubber),
        "provenance": scrubber.tree(picked(record.get("provenance"), PROVENANCE)),
        "app_parameters": parameters(record.get("app_parameters"), scrubber),
        "contained_data_assets": _contained(record, scrubber),
        "nextflow_profile": scrubber.text(record.get("nextflow_profile") or ""),
        "transfer_error": scrubber.text(record.get("transfer_error") or ""),
        "favorite_of": [scrubber.email(people.me)] if is_favorite else None,
        "permissions": people.grants(record, content.get("permissions"), is_viewed=tree is not None),
        **_files(record, tree, scrubber),
    }
    if fields.get("last_used") == 0:
        del fields["last_used"]
    return fitted(SeedDataAsset, without_empty(fields))


def custom_metadata(values: Any, scrubber: Scrubber) -> dict[str, Any] | None:
    """Values of custom metadata."""
    if not isinstance(values, dict):
        return None
    return {scrubber.text(name): scrubber.value((name,), value) for name, value in values.items() if value is not None}


def _plan(record: dict[str, Any], scrubber: Scrubber) -> dict[str, Any] | None:
    """How a data asset goes that is not ready: a draft stays one."""
    if record.get("state") == "draft":
        return {"stages": {"draft": FOREVER}}
    if record.get("state") == "failed":
        return without_empty({"state": "failed", "failure_reason": scrubber.text(record.get("failure_reason") or "")})
    return None


def _bucket(bucket: Any, scrubber: Scrubber) -> dict[str, Any] | None:
    found = picked(bucket, ("origin", "bucket", "prefix", "external"))
    if "bucket" in found:
        found["bucket"] = scrubber.bucket(found["bucket"])
    if "prefix" in found:
        found["prefix"] = scrubber.prefix(found["prefix"])
    return found


def _contained(record: dict[str, Any], scrubber: Scrubber) -> list[dict[str, Any]]:
    parts = each(record.get("contained_data_assets"), ("id", "mount", "size"))
    return [
        {"size": 0} | part | {"mount": usable(scrubber.path(part.get("mount") or ""), part["id"])}
        for part in parts
        if "id" in part
    ]


def _files(record: dict[str, Any], tree: list[Any] | None, scrubber: Scrubber) -> dict[str, Any]:
    """The files of a data asset: those that were listed, else as many generated ones of the same size in all."""
    if record.get("type") == "combined":
        return {}
    if tree and tree[1]:
        return {"files": seed_files(tree[0], scrubber)}
    if record.get("files"):
        return {"simulated": {"files": record["files"], "size": record.get("size") or 0}}
    return {}
