"""Capsules and pipelines as a seed file has them."""

from typing import Any

from pydantic import ValidationError

from mock_server.documents.seed_checks import odd_panel
from mock_server.documents.seed_model import SeedCapsule, SeedPipeline
from mock_server.documents.seed_parts import (
    SeedOriginalCapsule,
    SeedPanelCategory,
    SeedPanelParameter,
    SeedPanelText,
    SeedVersion,
)
from mock_server.importing.fields import Fitted, distinct, each, fitted, names_of, picked, without_empty
from mock_server.importing.files import seed_files
from mock_server.importing.people import Context
from mock_server.importing.privacy import Scrubber

PLAIN = ("last_accessed", "status")
SLUG_DIGITS = 7
SERVICE_FILES = ("output", "nextflow")
"""What the service adds to the results of a run."""


def capsule(content: dict[str, Any], results: list[dict[str, Any]], scenario: str | None, context: Context) -> Fitted:
    """The fields of a capsule or pipeline; `content` is what was read of it, `results` are the files of a good run."""
    record, scrubber = content["record"], context.scrubber
    panel = content["panel"] if isinstance(content["panel"], dict) else {}
    is_pipeline = content["kind"] == "pipelines"
    release = record.get("release_capsule")
    fields = {
        "id": record["id"],
        "slug": slug_of(record),
        "name": scrubber.text(record.get("name") or record["id"]),
        "owner": context.people.owner(record),
        "created": record.get("created") or 0,
        **picked(record, PLAIN),
        "description": scrubber.description(record.get("description") or ""),
        "field": scrubber.text(record.get("field") or ""),
        "tags": [scrubber.text(tag) for tag in record.get("tags") or ()],
        "cloned_from_url": scrubber.text(record.get("cloned_from_url") or ""),
        "article": scrubber.tree(record.get("article")),
        "original_capsule": scrubber.tree(picked(record.get("original_capsule"), SeedOriginalCapsule.model_fields)),
        "release_capsule": release if ("capsule", release or "") in context.known else None,
        "submission": scrubber.tree(record.get("submission")),
        "versions": scrubber.tree(each(record.get("versions"), SeedVersion.model_fields)),
        "archived": content["archived"] or None,
        "app_panel": _page(panel, scrubber),
        "parameters": panel_parameters(panel.get("parameters"), scrubber),
        "data_assets": [{"id": one["id"], "mount": scrubber.path(one["mount"])} for one in attached_to(content)],
        "scenario": scenario,
        "results": [file for file in seed_files(results, scrubber) if file["path"].split("/")[0] not in SERVICE_FILES],
        "permissions": context.people.grants(record, content.get("permissions"), is_viewed=content["is_viewed"]),
        "processes": _processes(content, scrubber) if is_pipeline else None,
    }
    return fitted(SeedPipeline if is_pipeline else SeedCapsule, without_empty(fields))


def slug_of(record: dict[str, Any]) -> str:
    """The seven digits of a capsule; made from its id where there are none."""
    slug = str(record.get("slug") or "")
    if len(slug) == SLUG_DIGITS and slug.isdecimal() and slug.isascii():
        return slug
    return f"{int.from_bytes(record['id'].encode()[-SLUG_DIGITS:], 'big') % 10**SLUG_DIGITS:0{SLUG_DIGITS}}"


def processes_of(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The processes of a pipeline by name: the panel names them all, and runs say which capsules they are."""
    panel = content["panel"] if isinstance(content["panel"], dict) else {}
    shown = {process["name"]: process for process in each(panel.get("processes"), ("name", "parameters"))}
    ran = [
        process
        for run in content["runs"]
        for process in each(run.get("processes"), ("name", "capsule_id", "version", "public"))
        if "capsule_id" in process
    ]
    # Those of a run come in no order (recorded answers).
    found = {process["name"]: process for process in sorted(distinct(ran, "name"), key=lambda one: str(one["name"]))}
    names = dict.fromkeys((*shown, *found))
    return {name: found[name] | shown.get(name, {}) for name in names if name in found}


def _processes(content: dict[str, Any], scrubber: Scrubber) -> list[dict[str, Any]]:
    return [
        process | {"name": scrubber.text(name), "parameters": panel_parameters(process.get("parameters"), scrubber)}
        for name, process in processes_of(content).items()
    ]


def _page(panel: dict[str, Any], scrubber: Scrubber) -> dict[str, Any]:
    """What the app panel shows beside the parameters."""
    texts = each(panel.get("data_assets"), ("id", "description", "help_text"))
    categories = panel.get("categories") or [
        one for process in each(panel.get("processes"), ("categories",)) for one in process.get("categories", ())
    ]
    page = {
        "general": picked(panel.get("general"), SeedPanelText.model_fields),
        # Without texts the panel shows all that is attached.
        "data_assets": texts if any(len(one) > 1 for one in texts) else [],
        "categories": distinct(each(categories, SeedPanelCategory.model_fields), "id"),
        "results": each(panel.get("results"), ("file_name",)),
    }
    return {name: scrubber.tree(part) for name, part in page.items() if part}


def panel_parameters(given: Any, scrubber: Scrubber) -> list[dict[str, Any]]:
    """Parameters of an app panel that a seed file takes; what contradicts itself is left out of them."""
    found = []
    for one in each(given, SeedPanelParameter.model_fields):
        names = names_of(one)
        changed = {key: scrubber.text(value) if isinstance(value, str) else value for key, value in one.items()}
        for key in ("default_value", "value_options"):
            if key in one:
                changed[key] = scrubber.value(names, one[key])
        found.append(_consistent(changed))
    taken: set[str] = set()
    for parameter in found:
        if parameter.get("param_name") in taken:
            del parameter["param_name"]
        taken.add(parameter.get("param_name", ""))
    return found


def _consistent(parameter: dict[str, Any]) -> dict[str, Any]:
    """The parameter without the fields that a seed file refuses for what they hold."""
    while True:
        try:
            model = SeedPanelParameter.model_validate(parameter)
        except ValidationError as problem:
            wrong = {str(error["loc"][0]) for error in problem.errors() if error["loc"]} - {"name", "type"}
        else:
            wrong = {str(place[-1]) for place, _ in odd_panel((), [model])}
        if not wrong & parameter.keys():
            return parameter
        parameter = {key: value for key, value in parameter.items() if key not in wrong}


def attached_to(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The data assets that are attached to a capsule: the app panel tells of them, and nothing else does."""
    panel = content["panel"] if isinstance(content["panel"], dict) else {}
    attached = each(panel.get("data_assets"), ("id", "mount", "name", "kind", "accessible"))
    return distinct((one for one in attached if "id" in one and "mount" in one), "mount")
