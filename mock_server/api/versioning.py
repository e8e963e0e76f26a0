"""Answers as an older platform version gave them: fields that came later left out, old names put back."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter

from mock_server.domain.versions import FIELDS, NEWEST, OLDEST, RENAMED, SNAKE_CASE, Version
from mock_server.wire.capsules import Capsule
from mock_server.wire.data_assets import DataAsset, Provenance

Writer = Callable[[Any], bytes]

OLD_STATUS = {"non_release": "non-published", "release": "published"}
"""Statuses of capsules before 3.1, as they went over the wire (with a hyphen, whatever the old page says)."""


OLD_TYPES = {"combined": "result", "model": "dataset"}
"""Types of data assets that came with 3.1, by what older platforms called them (the first recorded, SDK issue 17)."""


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """Which platform version is served, and whether with the names that only the old pages print."""

    version: Version = NEWEST
    documented_names: bool = False

    def has(self, since: Version) -> bool:
        """Whether what came with `since` is there."""
        return since <= self.version

    def writer(self, returned: Any) -> Writer:
        """How a value of the type `returned` is written."""
        serializer = adapter(returned).serializer
        left_out = _later_fields(returned, self.version) or None
        if self.version >= RENAMED and not self.documented_names:
            return lambda value: serializer.to_json(value, exclude_none=True, exclude=left_out)

        def write(value: Any) -> bytes:
            plain = serializer.to_python(value, mode="json", exclude_none=True, exclude=left_out)
            return json.dumps(self._aged(returned, plain), separators=(",", ":"), ensure_ascii=False).encode()

        return write

    def _aged(self, kind: Any, value: Any) -> Any:
        """`value`, of the type `kind`, in old words."""
        if isinstance(value, list):
            [item] = [part for part in get_args(kind) if _models(part)] or [None]
            return [self._aged(item, entry) for entry in value]
        model = next(iter(_models(kind)), None)
        if model is None or not isinstance(value, dict):
            return value
        aged = {key: self._aged(model.model_fields[key].annotation, entry) for key, entry in value.items()}
        if model is Capsule and self.version < RENAMED:
            aged = _old_capsule(aged)
        if model is DataAsset and self.version < RENAMED:
            aged = _old_data_asset(aged, snake_case=self.version >= SNAKE_CASE)
        if model is Provenance and self.version < RENAMED:
            aged = dict.fromkeys(("capsule", "commit", "docker_image", "run_script"), "") | aged
        if model is DataAsset and self.documented_names:
            aged = _documented_data_asset(aged)
        return dict(sorted(aged.items()))


def adapter(kind: Any) -> TypeAdapter[Any]:
    """What reads and writes values of a type, built: else pydantic's stand-in for what is not built yet would be on the
    way of every request.
    """
    made = TypeAdapter[Any](kind)
    made.rebuild()
    return made


def _models(kind: Any) -> list[type[BaseModel]]:
    """The models that a type is made of: itself, or parts of a list or a union."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [model for part in get_args(kind) for model in _models(part)]


def _later_fields(kind: Any, version: Version) -> dict[Any, Any]:
    """Pydantic's description of the fields that `version` did not have yet."""
    if getattr(kind, "__origin__", None) is list:
        below = _later_fields(get_args(kind)[0], version)
        return {"__all__": below} if below else {}
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {key: later for part in get_args(kind) for key, later in _later_fields(part, version).items()}
    left_out: dict[Any, Any] = {}
    for name, field in kind.model_fields.items():
        if FIELDS.get((kind.__name__, name), OLDEST) > version:
            left_out[name] = True
        elif below := _later_fields(field.annotation, version):
            left_out[name] = below
    return left_out


def _old_capsule(capsule: dict[str, Any]) -> dict[str, Any]:
    """A capsule as recorded in 2022: other names, and empty fields as `""` or null."""
    old = {key: capsule[key] for key in capsule if key not in ("tags", "release_capsule", "versions")}
    old["keywords"] = capsule.get("tags")
    old["published_capsule"] = capsule.get("release_capsule", "")
    old["status"] = OLD_STATUS[capsule["status"]]
    for name in ("cloned_from_url", "description", "field"):
        old.setdefault(name, "")
    if "versions" in capsule:
        old["versions"] = [
            {("publish_time" if key == "release_time" else key): entry for key, entry in version.items()}
            for version in capsule["versions"]
        ]
    return old


def _old_data_asset(asset: dict[str, Any], *, snake_case: bool) -> dict[str, Any]:
    """A data asset as recorded in early 2024: types of the time, an empty description, and `sourceBucket`."""
    old = {"description": ""} | asset | {"type": OLD_TYPES.get(asset["type"], asset["type"])}
    if not snake_case and "source_bucket" in old:
        old["sourceBucket"] = old.pop("source_bucket")
    return old


def _documented_data_asset(asset: dict[str, Any]) -> dict[str, Any]:
    """A data asset with the names of the old pages' schema beside those of the recorded answers."""
    aged = asset | {"lastUsed": asset["last_used"]}
    if "size" in asset:
        aged["sizeInBytes"] = asset["size"]
    aged["state"] = f"DATA_ASSET_STATE_{asset['state'].upper()}"
    aged["type"] = f"DATA_ASSET_TYPE_{asset['type'].upper()}"
    return aged
