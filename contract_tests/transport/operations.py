"""The harness's own table of operations: what each does, whatever a spec says of it.

A profile decides by this table what may be sent to a deployment. Source: the documentation of the API, and the
official SDK 0.17.
"""

import re
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import unquote

ROOT = "/api/v1"


class Effect(StrEnum):
    """Effect of an operation on a deployment."""

    READ = "read"
    RUN = "run"
    """Starts a computation."""
    CREATE = "create"
    """Makes a data asset."""
    CHANGE = "change"
    """Changes what its path names."""
    DELETE = "delete"
    """Removes what its path names."""
    ADMIN = "admin"
    """Is for administrators, or cannot be undone."""


class Operation(NamedTuple):
    """One operation: its name as in the spec, method, path template, and what it does."""

    name: str
    method: str
    template: str
    effect: Effect


_ROWS = """
run_capsule_legacy POST /capsules/computations run
search_capsules POST /capsules/search read
search_pipelines POST /pipelines/search read
run_capsule POST /computations run
delete_computation DELETE /computations/{computation_id} delete
get_computation GET /computations/{computation_id} read
rename_computation PATCH /computations/{computation_id} change
detach_computation_data_assets DELETE /computations/{computation_id}/data_assets change
attach_computation_data_assets POST /computations/{computation_id}/data_assets change
list_computation_results POST /computations/{computation_id}/results read
get_result_file_download_url GET /computations/{computation_id}/results/download_url read
get_result_file_urls GET /computations/{computation_id}/results/urls read
get_custom_metadata GET /custom_metadata read
search_data_assets_legacy GET /data_assets read
create_data_asset POST /data_assets create
search_data_assets POST /data_assets/search read
delete_data_asset DELETE /data_assets/{data_asset_id} delete
get_data_asset GET /data_assets/{data_asset_id} read
update_data_asset PUT /data_assets/{data_asset_id} change
archive_data_asset PATCH /data_assets/{data_asset_id}/archive change
list_data_asset_files POST /data_assets/{data_asset_id}/files read
get_data_asset_file_download_url GET /data_assets/{data_asset_id}/files/download_url read
get_data_asset_file_urls GET /data_assets/{data_asset_id}/files/urls read
get_data_asset_permissions GET /data_assets/{data_asset_id}/permissions read
update_data_asset_permissions POST /data_assets/{data_asset_id}/permissions change
transfer_data_asset POST /data_assets/{data_asset_id}/transfer admin
"""

_TWICE = """
delete_KIND DELETE /KINDs/{capsule_id} admin
get_KIND GET /KINDs/{capsule_id} read
get_KIND_app_panel GET /KINDs/{capsule_id}/app_panel read
archive_KIND PATCH /KINDs/{capsule_id}/archive change
list_KIND_computations GET /KINDs/{capsule_id}/computations read
detach_KIND_data_assets DELETE /KINDs/{capsule_id}/data_assets change
attach_KIND_data_assets POST /KINDs/{capsule_id}/data_assets change
get_KIND_permissions GET /KINDs/{capsule_id}/permissions read
update_KIND_permissions POST /KINDs/{capsule_id}/permissions change
release_KIND POST /KINDs/{capsule_id}/release admin
get_KIND_release_job GET /KINDs/{capsule_id}/release/{job_id} read
sync_KIND POST /KINDs/{capsule_id}/sync change
"""


def _table() -> dict[str, Operation]:
    rows = _ROWS + _TWICE.replace("KIND", "capsule") + _TWICE.replace("KIND", "pipeline")
    operations = (
        Operation(name, method, ROOT + path, Effect(effect))
        for name, method, path, effect in (row.split() for row in rows.splitlines() if row)
    )
    return {operation.name: operation for operation in operations}


OPERATIONS = _table()
"""Every operation of the contract, by name."""


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)))


def _patterns() -> list[tuple[re.Pattern[str], dict[str, Operation]]]:
    by_template: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS.values():
        by_template.setdefault(operation.template, {})[operation.method] = operation
    # Literal segments first: /capsules/search is not a capsule called "search", whatever the method.
    templates = sorted(by_template, key=lambda template: template.count("{"))
    return [(_pattern(template), by_template[template]) for template in templates]


_PATTERNS = _patterns()


def find(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that a request calls, and the ids in its path; None for one that the contract does not have.

    `path` is as it was sent. One slash at its end is allowed: the SDK sends it when it detaches.
    """
    for pattern, methods in _PATTERNS:
        match = pattern.fullmatch(path) or pattern.fullmatch(path.removesuffix("/"))
        if match:
            keys = {name: unquote(value) for name, value in match.groupdict().items()}
            return (methods[method], keys) if method in methods else None
    return None
