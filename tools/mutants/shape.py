"""Mutants whose answers have another shape."""

from tools.mutants.changes import failing, objects, pages, succeeding
from tools.mutants.mutant import Answer, Ask, Mutant, Request

ARCHIVED = ("archive_data_asset",)
COMPUTATION = ("get_computation",)
ASSET = ("get_data_asset",)


def _plain(answer: Answer) -> Answer:
    return Answer(answer.status, [(b"content-type", b"text/plain")], b"it did not work")


def _without_message(answer: Answer) -> Answer:
    return answer.with_json({"detail": "it did not work"})


INTERNAL = Answer(500, [(b"content-type", b"application/json")], b'{"message":"internal error"}')


async def _allow(ask: Ask, request: Request) -> Answer:
    answer = await ask(request)
    return answer.with_header(b"allow", b"GET") if answer.status == 405 else answer


async def _put(ask: Ask, request: Request) -> Answer:
    answer = await ask(request)
    if request.scope["method"] == "PUT" and answer.status == 405 and "/computations/" in request.scope["path"]:
        return Answer(204, [], b"")
    return answer


async def _unicode(ask: Ask, request: Request) -> Answer:
    name = (request.json() or {}).get("name") if isinstance(request.json(), dict) else None
    is_hard = request.name == "create_data_asset" and isinstance(name, str) and not name.isascii()
    return INTERNAL if is_hard else await ask(request)


async def _overflow(ask: Ask, request: Request) -> Answer:
    content = request.json() if request.name == "search_data_assets" else None
    offset = content.get("offset") if isinstance(content, dict) else None
    return INTERNAL if isinstance(offset, int) and offset >= 2**63 else await ask(request)


SHAPE = (
    Mutant(
        "wrong_status",
        "Archiving a data asset answers 200.",
        "status_code_conformance",
        ARCHIVED,
        succeeding(*ARCHIVED, change=lambda answer: answer.with_status(200)),
    ),
    Mutant(
        "created_status",
        "POST of a computation answers 201.",
        "conforms_to_spec",
        ("run_capsule",),
        succeeding("run_capsule", change=lambda answer: answer.with_status(201)),
        scenarios=("run_and_capture",),
    ),
    Mutant(
        "missing_field",
        "A computation has no state.",
        "required_fields",
        COMPUTATION,
        objects(*COMPUTATION, edit=lambda run: run.pop("state", None)),
        scenarios=("run_lifecycle",),
    ),
    Mutant(
        "missing_field_in_page",
        "The rows of a data asset search have no mount.",
        "response_schema_conformance",
        ("search_data_assets",),
        objects("search_data_assets", edit=lambda row: row.pop("mount", None)),
    ),
    Mutant(
        "extra_field",
        "A data asset has a field that nobody declared.",
        "response_schema_conformance",
        ASSET,
        objects(*ASSET, edit=lambda asset: asset.update(internal_state=3)),
    ),
    Mutant(
        "wrong_type",
        "The time of creation is text.",
        "response_schema_conformance",
        COMPUTATION,
        objects(*COMPUTATION, edit=lambda run: run.update(created=str(run.get("created")))),
    ),
    Mutant(
        "float_time",
        "The time of creation has a fraction.",
        "conforms_to_spec",
        ("get_capsule",),
        objects("get_capsule", edit=lambda capsule: capsule.update(created=capsule["created"] + 0.5)),
        scenarios=("read_capsule",),
    ),
    Mutant(
        "null_field",
        "A capsule without a description has null for it.",
        "never_null",
        ("get_capsule",),
        objects("get_capsule", edit=lambda capsule: capsule.update(cloned_from_url=None)),
        scenarios=("read_capsule",),
    ),
    Mutant(
        "unknown_state",
        "A running computation is called in_progress.",
        "no_unknown_status",
        COMPUTATION,
        objects(*COMPUTATION, edit=lambda run: run.update(state="in_progress") if run["state"] == "running" else None),
        scenarios=("run_lifecycle",),
    ),
    Mutant(
        "camel_case",
        "Pages say hasMore.",
        "response_schema_conformance",
        ("search_capsules",),
        pages("search_capsules", edit=lambda page: page.update(hasMore=page.pop("has_more"))),
    ),
    Mutant(
        "wrapped_array",
        "The computations of a capsule are wrapped in an object.",
        "response_schema_conformance",
        ("list_capsule_computations",),
        succeeding("list_capsule_computations", change=lambda answer: answer.with_json({"results": answer.json()})),
    ),
    Mutant(
        "error_as_text",
        "Errors are plain text.",
        "content_type_conformance",
        COMPUTATION,
        failing(*COMPUTATION, change=_plain),
    ),
    Mutant(
        "error_without_message",
        "Errors have a detail in place of a message.",
        "errors_have_message",
        ASSET,
        failing(*ASSET, change=_without_message),
        scenarios=("unknown_ids",),
    ),
    Mutant(
        "wrong_allow",
        "Allow names GET alone.",
        "allow_header_conformance",
        ("get_computation", "delete_computation", "rename_computation"),
        lambda: _allow,
    ),
    Mutant(
        "undeclared_method",
        "PUT is served where the spec does not have it.",
        "unsupported_method",
        COMPUTATION,
        lambda: _put,
    ),
    Mutant(
        "unicode_500",
        "A name with a character beyond ASCII ends in an internal error.",
        "not_a_server_error",
        ("create_data_asset",),
        lambda: _unicode,
    ),
    Mutant(
        "large_number_500",
        "An offset of more than 63 bits ends in an internal error.",
        "invalid_integers",
        ("search_data_assets",),
        lambda: _overflow,
        scenarios=("invalid_integers",),
    ),
)
