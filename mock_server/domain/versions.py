"""Which operation and which field came with which platform version: the one table of it.

Sources: the SDK's changelog and the diffs between its releases, whose `MIN_SERVER_VERSION` names a platform version,
and the documentation's pages of their time. Recorded answers tell a date and no version; which one that was is assumed.
"""

import re
from functools import total_ordering
from typing import NamedTuple

from mock_server.errors import StartError


@total_ordering
class Version(NamedTuple):
    """A platform version."""

    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


_FORM = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?")

NEWEST = Version(4, 8, 0)
"""What the newest SDK asks for (0.17: `MIN_SERVER_VERSION`)."""

OLDEST = Version(2, 0, 0)

RENAMED = Version(3, 1, 0)
"""From here on capsules have `tags`, `release_capsule` and `release_time`, and empty fields are left out."""

SNAKE_CASE = Version(3, 0, 0)
"""From here on data assets have `source_bucket`; before it was `sourceBucket` (recorded until early 2024)."""

LARGER_PAGES = Version(3, 4, 0)
"""From here on a search without `limit` gives 100 objects, before 20. The change was announced on 24 March 2025 (SDK
issue 40), between 3.2 and 3.4; that 3.4 brought it is an assumption.
"""


def default_limit(version: Version) -> int:
    """The number of objects on a page of a search without `limit`."""
    return 100 if version >= LARGER_PAGES else 20


def parse(text: str) -> Version | None:
    """The version that `text` names as X.Y or X.Y.Z, or None."""
    found = _FORM.fullmatch(text.strip())
    return Version(*(int(part or 0) for part in found.groups())) if found else None


def platform_version(text: str) -> Version:
    """The version to serve. Raises `StartError` for one that there is not, or that is not known."""
    version = parse(text)
    if version is None:
        raise StartError(f"platform version {text!r} is not of the form X.Y or X.Y.Z")
    if not OLDEST <= version <= Version(NEWEST.major, NEWEST.minor, 9999):
        raise StartError(f"platform version {version} is out of range: {OLDEST} to {NEWEST}")
    return version


OPERATIONS: dict[str, Version] = {
    name: Version(major, minor)
    for (major, minor), names in {
        (2, 0): (
            "get_capsule", "list_capsule_computations", "run_capsule", "run_capsule_legacy", "get_computation",
            "create_data_asset", "search_data_assets_legacy", "get_data_asset", "update_data_asset",
            "archive_data_asset", "delete_data_asset",
        ),
        (2, 6): ("list_computation_results", "get_result_file_download_url"),
        (2, 18): (
            "search_data_assets", "delete_computation", "attach_capsule_data_assets", "detach_capsule_data_assets",
            "update_data_asset_permissions",
        ),
        (3, 1): (
            "search_capsules", "rename_computation", "list_data_asset_files", "get_data_asset_file_download_url",
            "transfer_data_asset",
        ),
        (3, 4): ("update_capsule_permissions",),
        (3, 9): ("get_capsule_app_panel", "archive_capsule", "delete_capsule", "get_custom_metadata"),
        (4, 0): ("get_result_file_urls", "get_data_asset_file_urls", "search_pipelines"),
        (4, 1): (
            "get_pipeline", "list_pipeline_computations", "attach_pipeline_data_assets",
            "detach_pipeline_data_assets", "get_pipeline_app_panel", "archive_pipeline", "delete_pipeline",
            "update_pipeline_permissions",
        ),
        (4, 2): ("attach_computation_data_assets", "detach_computation_data_assets"),
        (4, 3): ("get_capsule_permissions", "get_pipeline_permissions", "get_data_asset_permissions"),
        (4, 6): ("sync_capsule", "sync_pipeline"),
        (4, 8): ("release_capsule", "release_pipeline", "get_capsule_release_job", "get_pipeline_release_job"),
    }.items()
    for name in names
}  # fmt: skip
"""When each operation came, by its id."""

FIELDS: dict[tuple[str, str], Version] = {
    ("Computation", "cloud_workstation"): SNAKE_CASE,  # recorded as absent in May 2024
    ("Computation", "exit_code"): Version(3, 1),
    ("Computation", "nextflow_profile"): Version(3, 6),
    ("Computation", "owner"): Version(4, 3),
    ("Computation", "owner_email"): Version(4, 3),
    ("Capsule", "last_accessed"): Version(3, 9),
    ("Capsule", "owner_email"): Version(4, 3),
    ("CapsuleSearchResults", "next_token"): Version(3, 1),
    ("DataAsset", "contained_data_assets"): Version(3, 1),
    ("DataAsset", "last_transferred"): Version(3, 1),
    ("DataAsset", "transfer_error"): Version(3, 1),
    ("DataAsset", "mount"): SNAKE_CASE,  # recorded as absent until early 2024, as there by May
    ("DataAsset", "nextflow_profile"): Version(3, 6),
    ("DataAsset", "owner"): Version(4, 3),
    ("DataAsset", "owner_email"): Version(4, 3),
    ("DataAssetSearchResults", "next_token"): Version(3, 1),
    ("Provenance", "computation"): Version(3, 2),
    ("SourceBucket", "external"): SNAKE_CASE,  # recorded as absent where the name was `sourceBucket`
}
"""When each field of an answer came, by model and name; what is not listed was always there."""
