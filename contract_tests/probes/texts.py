"""Text of all kinds, to be kept unchanged or rejected."""

from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import expect
from contract_tests.probes.assertions import is_accepted, preview, require_rejected

TEXTS = (
    "\N{LATIN SMALL LETTER E WITH ACUTE}\N{LATIN SMALL LETTER U WITH DIAERESIS}\N{LATIN SMALL LETTER SHARP S}",
    "e\N{COMBINING ACUTE ACCENT}",
    "\N{HEBREW LETTER ALEF}\N{RIGHT-TO-LEFT OVERRIDE}abc",
    "\u4f60\u597d",
    "\N{GRINNING FACE}\N{ZERO WIDTH JOINER}\N{WAVING BLACK FLAG}",
    "a\N{ZERO WIDTH SPACE}b\N{NO-BREAK SPACE}c",
    "\ufeffx\ufffe",
    "line\nline\r\n\ttab",
    " spaces at both ends ",
    "\x01\x1f\x7f\x80",
    "'; DROP TABLE data_assets; --",
    '"quoted" \\ back / slash \\u0041',
    "<script>alert(1)</script>&amp;",
    "%00 %s %d {0} ${x} {{7*7}}",
    "null",
    "NaN",
    "0",
    "x" * 1000,
)
"""Text that is legal JSON."""

QUERIES = (
    *TEXTS,
    "",
    '"',
    '"unfinished',
    "name:",
    "tag:",
    ":",
    "::",
    "name:name:x",
    'name:"a b" tag:"c',
    "AND OR NOT",
    "a AND (b OR",
    "*",
    "?",
    "name:*",
    "(",
    "[1 TO",
    "\\",
    "x" * 10_000,
    "name:x " * 100,
)

REFUSED = "contract-refused"
"""A tag that no data asset gets."""

NO_FIELDS: tuple[tuple[str, Any], ...] = (
    ("name", "x" * 1_000_000),
    ("name", ""),
    ("name", "a\0b"),
    ("name", 1),
    ("tags", ["x" * 1_000_000]),
    ("tags", ["a\0b"]),
    ("tags", "no list"),
    ("tags", [1]),
    ("mount", ""),
    ("mount", "../climbing"),
    ("mount", "x" * 1_000_000),
    ("description", ["x"]),
    ("custom_metadata", []),
)
"""Invalid fields of a data asset."""

NO_VALUES: tuple[Any, ...] = ("no_such_value", "READY", 1, [], "\0")
"""Values that no enumeration has."""

TOKENS = ("x", "e30=", "W10=.x", "../../x", "\N{SNOWMAN}", "x" * 10_000, "bnVsbA==", "\x01")
"""Forged page tokens."""


@check("create_data_asset", "get_data_asset", "update_data_asset", "delete_data_asset", full=True)
def data_asset_texts(deployment: Deployment) -> None:
    """Names, descriptions and tags of any text read back as written, or are rejected."""
    caller = deployment.http()
    source = {"computation": {"id": deployment.computation}}
    base = {"name": "contract-text", "mount": "contract-text", "tags": [deployment.tag], "source": source}
    key = caller.ask("POST", "/data_assets", 200, json=base).json()["id"]
    try:
        for text in TEXTS:
            fields: tuple[dict[str, Any], ...] = (
                {"name": text},
                {"description": text},
                {"tags": [deployment.tag, text]},
            )
            for written in fields:
                [(field, value)] = written.items()
                what = f"the {field} {preview(text)}"
                if is_accepted(caller.ask("PUT", f"/data_assets/{key}", json=written), what):
                    read = caller.ask("GET", f"/data_assets/{key}", 200).json().get(field)
                    expect(read == value, f"{what} reads {preview(read)}")
    finally:
        caller.ask("DELETE", f"/data_assets/{key}")


@check("run_capsule", "get_computation", "rename_computation", "delete_computation", full=True)
def run_name_texts(deployment: Deployment) -> None:
    """Names of runs of any text read back as written, or are rejected."""
    caller = deployment.http()
    key = caller.ask("POST", "/computations", 200, json={"capsule_id": deployment.capsule}).json()["id"]
    try:
        for text in TEXTS:
            what = f"the name {preview(text)}"
            if is_accepted(caller.ask("PATCH", f"/computations/{key}", params={"name": text}), what):
                read = caller.ask("GET", f"/computations/{key}", 200).json().get("name")
                expect(read == text, f"{what} reads {preview(read)}")
    finally:
        caller.ask("DELETE", f"/computations/{key}")


@check(
    "create_data_asset",
    "update_data_asset",
    "delete_data_asset",
    "get_data_asset",
    "search_data_assets",
    full=True,
)
def invalid_data_asset_fields(deployment: Deployment) -> None:
    """A field that is too long, empty or of the wrong type is rejected with 400, and changes nothing; an update may
    ignore an empty one.
    """
    caller = deployment.http()
    source = {"computation": {"id": deployment.computation}}
    base = {"name": "contract-long", "mount": "contract-long", "tags": [deployment.tag], "source": source}
    key = caller.ask("POST", "/data_assets", 200, json=base).json()["id"]
    try:
        for field, value in NO_FIELDS:
            what = f"the {field} {preview(value)}"
            update = caller.ask("PUT", f"/data_assets/{key}", json={field: value})
            if value == "":
                is_accepted(update, what)
            else:
                require_rejected(update, what, 400)
            refused = base | {"tags": [deployment.tag, REFUSED]} | {field: value}
            require_rejected(caller.ask("POST", "/data_assets", json=refused), what, 400)
        read = caller.ask("GET", f"/data_assets/{key}", 200).json()
        kept = all(read.get(field) == base[field] for field in ("name", "mount", "tags"))
        expect(kept, "an update that was refused has changed a data asset")
        page = caller.ask("POST", "/data_assets/search", 200, json={"query": f"tag:{REFUSED}"}).json()
        expect(page.get("results") == [], "a data asset was made although that was refused")
    finally:
        caller.ask("DELETE", f"/data_assets/{key}")


@check("search_data_assets", "search_capsules", "search_pipelines", "search_data_assets_legacy")
def arbitrary_queries(deployment: Deployment) -> None:
    """A query of any text is searched for, or rejected with 400."""
    caller = deployment.http()
    for text in QUERIES:
        for kind in ("data_assets", "capsules", "pipelines"):
            exchange = caller.ask("POST", f"/{kind}/search", json={"query": text, "limit": 1})
            is_accepted(exchange, f"a search of {kind} for {preview(text)}")
        exchange = caller.ask("GET", "/data_assets", params={"query": text, "limit": 1})
        is_accepted(exchange, f"the legacy search for {preview(text)}")


@check("search_data_assets", "search_capsules", "search_pipelines")
def forged_page_tokens(deployment: Deployment) -> None:
    """A forged next_token is rejected with 400."""
    caller = deployment.http()
    for kind in ("data_assets", "capsules", "pipelines"):
        for token in TOKENS:
            exchange = caller.ask("POST", f"/{kind}/search", json={"next_token": token})
            require_rejected(
                exchange,
                f"a search of {kind} with the next_token {preview(token)}",
                400,
                rules=("search.refused.token",),
            )


@check("search_data_assets", "search_capsules")
def unknown_enum_values(deployment: Deployment) -> None:
    """An unknown enumeration value is rejected with 400."""
    caller = deployment.http()
    for kind, fields in (
        ("data_assets", ("type", "ownership", "origin", "sort_field", "sort_order")),
        ("capsules", ("status", "ownership", "sort_field", "sort_order")),
    ):
        for field in fields:
            for value in NO_VALUES:
                exchange = caller.ask("POST", f"/{kind}/search", json={field: value})
                require_rejected(exchange, f"a search of {kind} with the {field} {preview(value)}", 400)


CHECKS = (
    data_asset_texts,
    run_name_texts,
    invalid_data_asset_fields,
    arbitrary_queries,
    forged_page_tokens,
    unknown_enum_values,
)
