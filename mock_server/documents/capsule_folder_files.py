"""The files of a capsule folder, as far as they are read: what Code Ocean and people write into them.

They are read leniently, keys that nobody knows included; what would be taken for something else is refused.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from mock_server.documents.seed_parts import Id, Name, RelativePath


def _text(value: Any) -> Any:
    """A value that is always a text in the files of the app: hands write numbers and booleans too."""
    return str(value) if isinstance(value, bool | int | float) else value


Text = Annotated[str, BeforeValidator(_text)]
Words = Annotated[Name, BeforeValidator(_text)]


class FolderPart(BaseModel):
    """A part of a file: more keys may stand in it."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, defer_build=True)


def _nothing(value: Any) -> Any:
    return [] if value is None else value


class Organization(FolderPart):
    """Where an author works."""

    name: Words


class Author(FolderPart):
    """Who wrote the capsule."""

    name: Words
    affiliations: Annotated[list[Organization], BeforeValidator(_nothing)] = []


class Metadata(FolderPart):
    """`metadata/metadata.yml`."""

    metadata_version: Literal[1] = 1
    name: Words | None = None
    description: Text | None = None
    field: Text | None = None
    tags: Annotated[list[Words], BeforeValidator(_nothing)] = []
    authors: Annotated[list[Author], BeforeValidator(_nothing)] = []


class Mount(FolderPart):
    """A data asset and its folder below `/data`."""

    id: Id
    mount: RelativePath


def _apart(mounts: list[Mount]) -> list[Mount]:
    taken: set[str] = set()
    for one in mounts:
        if one.mount in taken:
            raise ValueError(f"the mount {one.mount} is used twice")
        taken.add(one.mount)
    return mounts


class Datasets(FolderPart):
    """`.codeocean/datasets.json`."""

    version: Literal[1] = 1
    attached_datasets: Annotated[list[Mount], BeforeValidator(_nothing), AfterValidator(_apart)] = []


class MachineConfig(FolderPart):
    """A machine of its own."""

    instance_type: Text | None = None


class Resources(FolderPart):
    """`.codeocean/resources.json`, which runners go by."""

    version: Literal[1] = 1
    resource_class: Text | None = None
    machine_config: MachineConfig | None = None


class General(FolderPart):
    """Texts of the app panel as a whole."""

    title: Text | None = None
    instructions: Text | None = None
    help_text: Text | None = None


class PanelDataset(FolderPart):
    """A data asset of the app panel. Where it is mounted says `datasets.json`."""

    id: Id
    description: Text | None = None
    help_text: Text | None = None


class PanelCategory(FolderPart):
    """A category of the app panel."""

    id: Words
    name: Words
    description: Text | None = None
    help_text: Text | None = None


class PanelResult(FolderPart):
    """A result file that the app panel shows."""

    file_name: Words


class PanelParameter(FolderPart):
    """A parameter of the app panel; its own id is of the app alone."""

    name: Words
    param_name: Words | None = None
    category: Text | None = None
    description: Text | None = None
    help_text: Text | None = None
    type: Literal["text", "list", "file"] = "text"
    value_type: Literal["string", "integer", "number", "boolean"] | None = None
    default_value: Text | None = None
    required: bool | None = None
    hidden: bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: Text | None = None
    extra_data: list[Text] | None = None


class AppPanel(FolderPart):
    """`.codeocean/app-panel.json`."""

    version: Literal[1] = 1
    named_parameters: Annotated[bool, Field(description="Absent means that parameters are ordered")] = False
    general: General | None = None
    datasets: Annotated[list[PanelDataset], BeforeValidator(_nothing)] = []
    categories: Annotated[list[PanelCategory], BeforeValidator(_nothing)] = []
    parameters: Annotated[list[PanelParameter], BeforeValidator(_nothing)] = []
    results: Annotated[list[PanelResult], BeforeValidator(_nothing)] = []
