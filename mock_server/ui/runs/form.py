"""The form that starts a run: what it says, the data assets that are chosen in it, and what fills it in anew."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from mock_server.domain.access import READ_DATA_ASSETS
from mock_server.errors import ApiError, ParameterError
from mock_server.services import data_assets
from mock_server.services.capsules import Kind
from mock_server.ui.forms import Form
from mock_server.ui.page_context import PageContext
from mock_server.wire.app_panels import AppPanel, PanelParameter
from mock_server.wire.computations import Computation, Param, RunParams
from mock_server.wire.data_assets import DataAsset, DataAssetSearchParams

GIVEN, OF_PROCESS, ASSET = "parameter.", "process.", "asset."
"""How the fields of the form are named: `parameter.NUMBER`, `process.NUMBER.NUMBER`, and `asset.ID` for the folder of a
data asset that is chosen.
"""

AT_ONCE = 8
"""How many data assets a search shows to choose from."""

MOST_QUERY = 1000


class Choice(NamedTuple):
    """A data asset that is chosen, and the folder below `/data` that it is to have. `name` is None for what is not
    found.
    """

    id: str
    name: str | None
    mount: str


class Picker(NamedTuple):
    """The data assets that are chosen, the query for others, and what it finds: None when nothing was looked for.
    `added` is the id of what was chosen last.
    """

    can_search: bool
    choices: list[Choice]
    query: str
    found: list[DataAsset] | None
    problem: str
    added: str


def params(key: str, kind: Kind, panel: AppPanel | None, form: Form) -> RunParams:
    """The run that the form asks for. Raises `BadRequestError` and `ValidationError`."""
    parameters = (panel.parameters if panel else None) or []
    processes = [
        {"name": process.name} | _values(process.parameters or [], dict(form.starting(f"{OF_PROCESS}{number}.")))
        for number, process in enumerate((panel.processes if panel else None) or [])
    ]
    chosen = [{"id": key, "mount": mount.strip() or None} for key, mount in form.starting(ASSET)]
    return RunParams.model_validate(
        {
            f"{kind}_id": key,
            "version": form.number("version"),
            "nextflow_profile": form.optional("nextflow_profile"),
            "parameters": form.lines("ordered") or None,
            "processes": [process for process in processes if len(process) > 1] or None,
            "data_assets": [*chosen, *map(_mount, form.lines("data_assets"))] or None,
        }
        | _values(parameters, dict(form.starting(GIVEN)))
    )


def field_of(problem: ParameterError, panel: AppPanel | None) -> str:
    """The field of the form that a parameter was in."""
    parameters, prefix = (panel.parameters if panel else None) or [], GIVEN
    for number, process in enumerate((panel.processes if panel else None) or []):
        if problem.process == process.name:
            parameters, prefix = process.parameters or [], f"{OF_PROCESS}{number}."
    labels = [parameter.param_name or parameter.name for parameter in parameters]
    return f"{prefix}{labels.index(problem.parameter)}" if problem.parameter in labels else "ordered"


def _values(parameters: list[PanelParameter], given: dict[str, str]) -> dict[str, list[Any]]:
    """The fields of a run or a process that give these values: by name, or in the panel's order when a parameter has
    no name.
    """
    values = [given.get(str(number), "") for number in range(len(parameters))]
    if not any(values):
        return {}
    if all(parameter.param_name for parameter in parameters):
        named = [
            {"param_name": parameter.param_name, "value": value}
            for parameter, value in zip(parameters, values, strict=True)
            if value
        ]
        return {"named_parameters": named}
    return {"parameters": values}


def _mount(line: str) -> dict[str, str | None]:
    """A line of the form: the id of a data asset, and after a space the folder where it is mounted."""
    key, _, mount = line.partition(" ")
    return {"id": key, "mount": mount.strip() or None}


def like(run: Computation, panel: AppPanel | None) -> Form:
    """The form filled in with what a run was asked for."""
    fields = [(f"{ASSET}{asset.id}", asset.mount) for asset in run.data_assets or []]
    fields += [("version", str(run.version or "")), ("nextflow_profile", run.nextflow_profile or "")]
    if panel is None:
        fields.append(("ordered", "\n".join(parameter.value or "" for parameter in run.parameters or [])))
    else:
        fields += _filled(GIVEN, panel.parameters or [], run.parameters or [])
    used = {process.name: process.parameters or [] for process in run.processes or []}
    for number, process in enumerate((panel.processes if panel else None) or []):
        fields += _filled(f"{OF_PROCESS}{number}.", process.parameters or [], used.get(process.name, []))
    return Form(urlencode(fields).encode())


def _filled(prefix: str, parameters: list[PanelParameter], used: list[Param]) -> list[tuple[str, str]]:
    """The fields of parameters with the values that a run had: by argument, by label, else by place."""
    values = {name: param.value for param in used for name in (param.name, param.param_name) if name}
    fields = []
    for number, parameter in enumerate(parameters):
        unnamed = used[number].value if not values and number < len(used) else None
        value = values.get(parameter.param_name or "", values.get(parameter.name, unnamed))
        fields.append((f"{prefix}{number}", value or ""))
    return fields


async def picker(context: PageContext) -> Picker:
    """The data assets that the form has chosen, after what its buttons add and remove, and what its search finds."""
    form, can_search = context.form, context.caller.scopes.issuperset(READ_DATA_ASSETS)
    mounts = dict(form.starting(ASSET))
    mounts.pop(form.text("remove"), None)
    added = form.text("add")
    if added and added not in mounts:
        mounts[added] = _proposed(context, added)
    query = form.text("find")[:MOST_QUERY]
    found, problem = None, ""
    if can_search and (query or form.flag("search")):
        try:
            search = DataAssetSearchParams(query=query or None, limit=AT_ONCE)
            found = (await data_assets.search(context.world, context.caller, search)).results
        except ApiError as refused:
            problem = refused.message
    choices = [Choice(key, _name(context, key), mount) for key, mount in mounts.items()]
    return Picker(can_search, choices, query, found, problem, added)


def _asset(context: PageContext, key: str) -> DataAsset | None:
    try:
        return data_assets.shown(context.world, context.caller, key)
    except ApiError:
        return None


def _proposed(context: PageContext, key: str) -> str:
    asset = _asset(context, key)
    return asset.mount if asset else ""


def _name(context: PageContext, key: str) -> str | None:
    asset = _asset(context, key)
    return asset.name if asset else None
