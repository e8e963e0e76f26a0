"""App panels (SDK models/capsule.py: `AppPanel`)."""

from typing import Literal

from mock_server.wire.common import Absent, Response


class PanelGeneral(Response):
    """Texts of the panel as a whole."""

    help_text: Absent[str]
    instructions: Absent[str]
    title: Absent[str]


class PanelDataAsset(Response):
    """A data asset of the panel, which a run may replace at its mount."""

    accessible: bool
    description: Absent[str]
    help_text: Absent[str]
    id: str
    kind: Literal["internal", "external", "combined"]
    mount: str
    name: str


class PanelCategory(Response):
    """A heading for parameters."""

    description: Absent[str]
    help_text: Absent[str]
    id: str
    name: str


class PanelParameter(Response):
    """A parameter: its label `name`, the argument `param_name`, and what values it takes."""

    category: Absent[str]
    default_value: Absent[str]
    description: Absent[str]
    help_text: Absent[str]
    hidden: Absent[bool]
    maximum: Absent[float]
    minimum: Absent[float]
    name: str
    param_name: Absent[str]
    pattern: Absent[str]
    required: Absent[bool]
    type: Literal["text", "list", "file"]
    value_options: Absent[list[str]]
    value_type: Absent[str]


class PanelResult(Response):
    """A result file that the panel shows."""

    file_name: str


class PanelProcess(Response):
    """A process of a pipeline with its capsule's panel. Lists, as documented, though the SDK up to 0.17 reads single
    objects; a pipeline with parameters of its own has processes with names alone.
    """

    categories: Absent[list[PanelCategory]]
    name: str
    parameters: Absent[list[PanelParameter]]


class AppPanel(Response):
    """The app panel of a capsule or pipeline."""

    categories: Absent[list[PanelCategory]]
    data_assets: Absent[list[PanelDataAsset]]
    general: Absent[PanelGeneral]
    parameters: Absent[list[PanelParameter]]
    processes: Absent[list[PanelProcess]]
    results: Absent[list[PanelResult]]
