"""Invalid numbers, and numbers that are too large."""

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.probes.assertions import JSON, preview, require_rejected, send

NO_INTEGERS = (
    b"NaN",
    b"Infinity",
    b"1e400",
    b"-1e400",
    b"1.5",
    b'"1"',
    b'""',
    b"true",
    b"false",
    b"[1]",
    b"{}",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"1e30",
    b"9" * 5000,
    b"-" + b"9" * 5000,
    b"01",
    b"0x1",
)
"""Invalid integers of a body."""

NO_DIGITS = (
    "",
    " 1",
    "+1",
    "1 ",
    "1.0",
    "1e1",
    "0x1",
    "1_0",
    "true",
    "\u0661",
    "\uff11",
    "9" * 20,
    "9" * 5000,
    "%00",
    "-1",
)
"""Invalid integers of a query."""


@check("search_data_assets", "search_capsules", "search_pipelines")
def invalid_integers(deployment: Deployment) -> None:
    """A limit or offset that is not an integer, or out of range, is rejected with 400."""
    caller = deployment.http()
    for name in ("search_data_assets", "search_capsules", "search_pipelines"):
        for field, outside in (("limit", (b"0", b"-1", b"1001")), ("offset", (b"-1",))):
            for value in (*NO_INTEGERS, *outside):
                body = b'{"' + field.encode() + b'": ' + value + b"}"
                rules = (f"{name}.body.{field}",)
                require_rejected(
                    send(caller, name, body, {}), f"{name} with the {field} {preview(value)}", 400, rules=rules
                )


@check("search_data_assets_legacy")
def invalid_query_integers(deployment: Deployment) -> None:
    """A limit or start of the legacy search that is not an integer is rejected with 400."""
    caller = deployment.http()
    for field in ("limit", "start"):
        for value in NO_DIGITS:
            exchange = caller.ask("GET", "/data_assets", params={field: value})
            rules = (f"search_data_assets_legacy.query.{field}",)
            require_rejected(exchange, f"the legacy search with the {field} {preview(value)}", 400, rules=rules)


@check("get_capsule_app_panel", "get_pipeline_app_panel")
def invalid_panel_versions(deployment: Deployment) -> None:
    """A version of an app panel that is not an integer is rejected with 400."""
    subjects = {"capsule": deployment.subjects.capsule, "pipeline": deployment.subjects.pipeline}
    for kind, key in ((kind, key) for kind, key in subjects.items() if key is not None):
        for value in NO_DIGITS:
            exchange = deployment.http().ask("GET", f"/{kind}s/{key}/app_panel", params={"version": value})
            rules = (f"get_{kind}_app_panel.query.version",)
            require_rejected(exchange, f"an app panel of the version {preview(value)}", 400, rules=rules)


@check("run_capsule", full=True)
def invalid_run_versions(deployment: Deployment) -> None:
    """A version of a run that is not an integer is rejected with 400."""
    for value in NO_INTEGERS:
        body = b'{"capsule_id": "' + deployment.capsule.encode() + b'", "version": ' + value + b"}"
        exchange = deployment.http().ask("POST", "/computations", data=body, headers=JSON)
        require_rejected(exchange, f"a run of the version {preview(value)}", 400)


@check("search_data_assets_legacy", "archive_capsule", "archive_pipeline", "archive_data_asset", full=True)
def invalid_flags(deployment: Deployment) -> None:
    """A flag that is neither true nor false is rejected with 400."""
    caller, asset = deployment.http(), deployment.data_asset
    for value in ("", "1", "0", "yes", "on", "t", " true", "null", "truefalse", "\N{KELVIN SIGN}"):
        for kind, key in (("capsule", deployment.capsule), ("pipeline", deployment.pipeline), ("data_asset", asset)):
            archived = caller.ask("PATCH", f"/{kind}s/{key}/archive", params={"archive": value})
            rules = (f"archive_{kind}.query.archive",)
            require_rejected(archived, f"to archive with the flag {preview(value)}", 400, rules=rules)
        result = caller.ask("GET", "/data_assets", params={"archived": value})
        require_rejected(
            result,
            f"the legacy search with archived {preview(value)}",
            400,
            rules=("search_data_assets_legacy.query.archived",),
        )
    require_rejected(caller.ask("PATCH", f"/data_assets/{asset}/archive"), "to archive without a flag", 400)


CHECKS = (
    invalid_integers,
    invalid_query_integers,
    invalid_panel_versions,
    invalid_run_versions,
    invalid_flags,
)
