"""Where data assets come from: what a bucket holds, and what a capture says of its run."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mock_server.domain.files import Entry, FileTree
from mock_server.domain.generated_folders import of_bucket

INPUT_BUCKET = "codeocean-input"
"""The deployment's own bucket, which `use_input_bucket` means."""


@dataclass(frozen=True, slots=True)
class BucketSource:
    """A bucket as a request names it; `public` asks for access without credentials."""

    origin: str
    bucket: str
    prefix: str
    external: bool
    public: bool

    def shown(self) -> dict[str, Any]:
        """The `source_bucket` of the data asset."""
        return {
            "origin": self.origin,
            "bucket": self.bucket,
            "prefix": self.prefix,
            "external": self.external,
        }


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files found in a bucket, or why there are none."""

    tree: FileTree
    failure: str | None = None


def from_declared(source: BucketSource, holds: FileTree, *, public: bool) -> Fetched:
    """What a bucket that the seed declares gives: the files below the prefix."""
    if source.public and not public:
        return Fetched(FileTree(), f"access to bucket {source.bucket} was denied: it is not public")
    found = holds.under(source.prefix)
    if found is None or not found.entries:
        return Fetched(FileTree(), f'no files found in bucket {source.bucket} under "{source.prefix}"')
    return Fetched(found)


def from_undeclared(source: BucketSource, *, simulate: bool) -> Fetched:
    """What a bucket that nobody declared gives: believable files, or a failure."""
    if not simulate:
        return Fetched(FileTree(), f"bucket {source.bucket} does not exist")
    return Fetched(FileTree((Entry("", of_bucket(source.bucket, source.prefix)),)))


def commit_of(capsule_id: str) -> str:
    """The commit hash of a capsule's code, which the fake derives from the capsule's id."""
    return hashlib.sha1(f"commit of {capsule_id}".encode(), usedforsecurity=False).hexdigest()


def docker_image_of(capsule_id: str) -> str:
    """The environment image of a capsule as provenance names it: a bare UUID (recorded answers)."""
    digest = hashlib.sha1(f"image of {capsule_id}".encode(), usedforsecurity=False).digest()
    return str(UUID(bytes=digest[:16], version=4))


def provenance(computation_id: str, capsule_id: str, inputs: list[str], *, pipeline: bool) -> dict[str, Any]:
    """Where a captured result comes from; without inputs the key is missing (seen; SDK issue 9)."""
    shown: dict[str, Any] = {
        "capsule": capsule_id,
        "commit": commit_of(capsule_id),
        "computation": computation_id,
        "docker_image": "" if pipeline else docker_image_of(capsule_id),
        "run_script": "code/run",
    }
    return shown | ({"data_assets": inputs} if inputs else {})


def captured(computation_id: str, capsule_id: str, asked: dict[str, Any], *, pipeline: bool) -> dict[str, Any]:
    """What a captured result shows of the run that it is captured from, which was `asked` for this."""
    inputs = [asset["id"] for asset in asked["data_assets"]]
    more: dict[str, Any] = {"provenance": provenance(computation_id, capsule_id, inputs, pipeline=pipeline)}
    if asked["parameters"]:
        more["app_parameters"] = [
            {"name": entry.get("param_name") or entry["name"], "value": entry["value"]} for entry in asked["parameters"]
        ]
    if asked.get("nextflow_profile"):
        more["nextflow_profile"] = asked["nextflow_profile"]
    return more
