"""Rendering templates without a server: with values as those of a run."""

from functools import partial
from typing import Any

from mock_server.ids import Ids
from mock_server.run_templates import program, variables
from mock_server.run_templates.budget import Budget
from mock_server.run_templates.functions import Random

RUN = {"id": "de91932c-d885-455a-9f3a-ec4a6fd95707", "name": "Run 1", "created": 1_800_000_000}
PARAMETERS = [
    {"name": "Number of rows", "param_name": "rows", "value": "5"},
    {"name": "Label", "value": "a, b"},
    {"name": "", "value": "third"},
]
ASSETS = [
    {"id": "a1", "name": "Mouse 1", "mount": "mouse1", "tags": ["raw"], "size": 12, "metadata": {"subject": "m1"}},
    {"id": "a2", "name": "Mouse 2", "mount": "mouse2", "tags": [], "size": None, "metadata": {}},
]
PROCESSES = [{"name": "sort", "capsule_id": "c2", "parameters": [{"name": "Threads", "param_name": "t", "value": "2"}]}]


def values() -> dict[str, Any]:
    """What a template of a run may use."""
    return variables.of_run(
        run=RUN,
        owner={"id": "u1", "name": "Ada", "email": "ada@example.com"},
        capsule={"id": "c1", "kind": "pipeline", "name": "QC", "slug": "1234567"},
        inputs={"parameters": PARAMETERS, "processes": PROCESSES, "data_assets": ASSETS},
    )


def numbers(seed: int = 1, run: str = RUN["id"]) -> Random:  # type: ignore[assignment]
    """The random numbers of one file."""
    return Random(partial(Ids(seed).draws, "template", run), "table.csv")


def render(text: str, **more: Any) -> str:
    """What a run makes of a template. Raises `TemplateError` and `RenderingError`."""
    names = program.NAMES | more.keys()
    return program.template(text, frozenset(names)).render(values() | more, Budget(), numbers())
