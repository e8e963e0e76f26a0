"""Where the objects of a data asset lie in S3."""

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class ObjectsAt:
    """A folder in a bucket, or all of it, or one object.

    `endpoint` is the name of another endpoint than the deployment's. What is `public` is read without credentials, and
    what is `own` in the bucket of the deployment itself, under the id of the data asset.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    public: bool = False
    own: bool = False

    def to_json(self) -> dict[str, Any]:
        """The place as it is stored."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """The place that `to_json` stored."""
        return cls(**stored)


def own_folder(bucket: str, data_asset_id: str) -> ObjectsAt:
    """The folder of a data asset in the bucket of a deployment."""
    return ObjectsAt(bucket, f"{data_asset_id}/", own=True)
