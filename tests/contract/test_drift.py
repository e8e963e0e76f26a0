"""Drift: what is reported of responses that differ from the spec, and that no value is ever shown."""

import json
import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from contract_tests.deployment import Deployment
from contract_tests.drift.compare import compare, drift
from contract_tests.drift.difference import RULES, Difference, Drift, Kind, Severity
from contract_tests.drift.render import WIDEST, json_text, markdown, write_table
from contract_tests.transport.exchange import Exchange
from tests.contract.reported import SPEC, URL, exchange

RUN: dict[str, Any] = {
    "cloud_workstation": False,
    "created": 1646943238,
    "has_results": False,
    "id": "de91932c-d885-455a-9f3a-ec4a6fd95707",
    "name": "Run 6943238",
    "owner": "9b17d7b7-8b48-461a-95c6-ddb1a00a4e49",
    "run_time": 1,
    "state": "initializing",
}

JSON = {"content-type": "application/json; charset=utf-8"}


def answered_exchange(body: Any, request: str = "GET /api/v1/computations/a", status: int = 200) -> Exchange:
    return exchange(request, status, json.dumps(body).encode(), answer_headers=JSON)


def run(**fields: Any) -> Exchange:
    return answered_exchange({name: value for name, value in (RUN | fields).items() if value is not ...})


def summarize(differences: list[Difference]) -> list[tuple[str, int | None, str, str]]:
    return [(str(difference.kind), difference.status, difference.path, difference.detail) for difference in differences]


def test_what_is_as_the_spec_says_is_no_difference() -> None:
    assert drift([run(), run(exit_code=0, state="completed"), exchange("GET /api/v1/computations/a", None)], SPEC) == []


@pytest.mark.parametrize(
    ("fields", "kind", "path", "detail"),
    [
        ({"owner": ...}, "missing field", "$.owner", ""),
        ({"host": {"a": 1}}, "undocumented field", "$.host", "object"),
        ({"created": "1646943238"}, "wrong type", "$.created", "string instead of integer"),
        ({"created": 1.5}, "wrong type", "$.created", "number instead of integer"),
        ({"created": True}, "wrong type", "$.created", "boolean instead of integer"),
        ({"end_status": None}, "wrong type", "$.end_status", "null instead of string"),
        ({"parameters": {}}, "wrong type", "$.parameters", "object instead of array"),
        ({"parameters": [{"name": 3, "value": ""}]}, "wrong type", "$.parameters[].name", "integer instead of string"),
        ({"state": "paused"}, "unlisted value", "$.state", "a string not listed in the spec"),
        ({"created": -1}, "wrong format", "$.created", "violates minimum"),
        ({"created": 2**63}, "wrong format", "$.created", "violates maximum"),
    ],
)
def test_a_field_that_differs(fields: dict[str, Any], kind: str, path: str, detail: str) -> None:
    assert summarize(drift([run(**fields)], SPEC)) == [(kind, 200, path, detail)]


def test_a_whole_number_is_an_integer_however_it_is_written() -> None:
    assert drift([run(created=1646943238.0)], SPEC) == []


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (answered_exchange(RUN, status=202), ("undocumented success", 202, "", "")),
        (answered_exchange({"message": "locked"}, status=423), ("undocumented status", 423, "", "")),
        (answered_exchange([RUN]), ("wrong type", 200, "$", "array instead of object")),
        (answered_exchange({}, status=404), ("missing field", 404, "$.message", "")),
        (
            exchange("GET /api/v1/computations/a", 200, b"<p>", answer_headers={"content-type": "text/html"}),
            ("wrong content", 200, "", "text/html instead of application/json"),
        ),
        (
            exchange("GET /api/v1/computations/a", 200, b"{}", answer_headers={"content-type": "a secret"}),
            ("wrong content", 200, "", "no content type instead of application/json"),
        ),
        (
            exchange("GET /api/v1/computations/a", 200, b"{", answer_headers=JSON),
            ("wrong content", 200, "", "not JSON"),
        ),
        (
            answered_exchange({}, "DELETE /api/v1/computations/a", 204),
            ("wrong content", 204, "", "a body where the spec has none"),
        ),
        (
            exchange("GET /api/v1/computations/a", 200, b"", answer_headers=JSON | {"content-length": "0"}),
            ("wrong content", 200, "", "not JSON"),
        ),
    ],
)
def test_an_answer_that_differs_as_a_whole(seen: Exchange, expected: tuple[str, int, str, str]) -> None:
    message = answered_exchange({"message": "computation not found"}, status=404)
    assert summarize(drift([message, seen], SPEC)) == [expected]


def test_what_was_not_read_whole_is_not_judged() -> None:
    cut = exchange("GET /api/v1/computations/a", 200, b'{"id":', answer_headers=JSON, is_cut=True)
    streamed = exchange("GET /api/v1/computations/a", 200, b"", answer_headers=JSON | {"content-length": "9"})
    assert drift([cut, streamed], SPEC) == []


def test_differences_are_counted_by_place() -> None:
    listed = answered_exchange([RUN | {"created": None}, RUN | {"created": "x"}], "GET /api/v1/capsules/a/computations")
    others = [answered_exchange([], "GET /api/v1/capsules/a/computations") for _ in range(3)]
    [difference] = drift([listed, *others], SPEC)
    assert difference.detail == "null instead of integer; string instead of integer"
    assert (difference.operation, difference.path, difference.times, difference.of) == (
        "list_capsule_computations",
        "$[].created",
        1,
        4,
    )


def test_an_operation_that_is_not_served() -> None:
    seen = [exchange("GET /api/v1/computations/a", 405), exchange("GET /api/v1/computations/b", 404, b"no page")]
    seen += [exchange("GET /api/v1/capsules/a", 401), answered_exchange({"message": "not found"}, "GET /api/v1/x", 404)]
    seen += [answered_exchange({"message": "not found"}, "POST /api/v1/data_assets", 404)]
    differences = drift(seen, SPEC)
    high = [
        (difference.kind, difference.operation, difference.times)
        for difference in differences
        if difference.kind is Kind.NOT_SERVED
    ]
    assert high == [(Kind.NOT_SERVED, "create_data_asset", 1), (Kind.NOT_SERVED, "get_computation", 2)]
    assert [difference.operation for difference in differences if difference.kind is not Kind.NOT_SERVED] == [
        "get_capsule"
    ]


def test_the_documents_are_compared_by_method_and_path() -> None:
    item = {"get": {"operationId": "theirs"}}
    paths = {path.removeprefix("/api/v1"): dict(item) for path, item in SPEC["paths"].items()}
    paths["/capsules/{id}"] = paths.pop("/capsules/{capsule_id}") | {"put": {}}
    del paths["/custom_metadata"]
    differences = drift([], SPEC, {"openapi": "3.0.0", "paths": paths | {"/workstations": item}})
    assert [(str(difference.kind), difference.operation) for difference in differences] == [
        ("operation not in the spec", "GET /workstations"),
        ("operation not in the spec", "PUT /capsules/{id}"),
        ("operation not in its document", "get_custom_metadata"),
    ]


def test_a_spec_of_another_style() -> None:
    spec = {
        "openapi": "3.0.3",
        "paths": {
            "/api/v1/computations/{computation_id}": {
                "get": {"responses": {"2XX": {"$ref": "#/components/responses/Run"}, "default": {"description": "?"}}}
            }
        },
        "components": {
            "responses": {"Run": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Run"}}}}},
            "schemas": {
                "Named": {"required": ["name"], "properties": {"name": {"type": "string", "nullable": True}}},
                "Run": {
                    "type": "object",
                    "allOf": [
                        {"$ref": "#/components/schemas/Named"},
                        {"required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}}},
                    ],
                    "properties": {"at": {"oneOf": [{"type": "integer"}, {"type": "string", "format": "date-time"}]}},
                },
            },
        },
    }
    good = {"name": None, "id": RUN["id"], "at": "2026-11-24T09:30:00Z"}
    assert (
        drift(
            [
                answered_exchange(good),
                answered_exchange(good | {"at": 5}),
                exchange("GET /api/v1/computations/a", 418, b""),
            ],
            spec,
        )
        == []
    )
    assert summarize(drift([answered_exchange({"id": "x", "at": "noon", "more": 1})], spec)) == [
        ("missing field", 200, "$.name", ""),
        ("wrong format", 200, "$.at", "not in the format date-time"),
        ("wrong format", 200, "$.id", "not in the format uuid"),
        ("undocumented field", 200, "$.more", "integer"),
    ]


MAP = {
    "openapi": "3.1.0",
    "paths": {
        "/api/v1/computations/{computation_id}": {
            "get": {
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "properties": {
                                        "of_numbers": {"additionalProperties": {"type": "integer"}},
                                        "of_anything": {"type": "object"},
                                        "open": {"properties": {"a": {}}, "additionalProperties": True},
                                        "fixed": {"properties": {"a": {}}, "additionalProperties": False},
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    },
}


def test_keys_of_maps_are_values_and_not_names() -> None:
    body = {"of_numbers": {"k1": "s", "k2": 2}, "of_anything": {"k": {"k": 1}}, "open": {"k": 1}}
    assert summarize(drift([answered_exchange(body)], MAP)) == [
        ("wrong type", 200, "$.of_numbers.*", "string instead of integer")
    ]


SECRET = "s3cret value"
VALUES: list[Any] = [SECRET, [SECRET], {SECRET: SECRET}, [{SECRET: [SECRET]}]]
OUTPUTS: list[Callable[..., str]] = [json_text, markdown]


def table(*arguments: Any) -> str:
    console = Console(file=StringIO(), width=WIDEST, force_terminal=False)
    write_table(compare(*arguments), console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def printed(differences: list[Difference], width: int) -> list[str]:
    console = Console(file=StringIO(), width=width, force_terminal=False)
    write_table(Drift(URL, "1", differences, {"get_computation": 4}, []), console)
    lines: list[str] = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return [line.rstrip() for line in lines[lines.index("get_computation") + 1 :]]


def test_a_row_is_one_line_in_a_pipe_and_some_words_below_each_other_on_a_narrow_terminal() -> None:
    path, detail = f"$.results[].{'a_long_name.' * 4}source", "null instead of string; integer instead of string"
    wide = Difference(Kind.WRONG_TYPE, "get_computation", 200, path, detail, 12, 400)
    assert [re.split(" {2,}", line) for line in printed([wide], WIDEST)[1:]] == [
        ["high", "wrong type", "200", path, detail, "12 of 400"]
    ]
    assert printed([wide], 80) == [
        "high    wrong type, status 200, seen in 12 of 400", f"        {path}", f"        {detail}"
    ]  # fmt: skip
    short = Difference(Kind.MISSING_FIELD, "get_computation", 200, "$.owner", times=1, of=4)
    assert printed([short], 80) == printed([short], WIDEST)


@pytest.mark.parametrize("value", VALUES, ids=["text", "list", "object", "deep"])
@pytest.mark.parametrize("spec", [SPEC, MAP], ids=["shipped", "maps"])
def test_no_value_is_ever_shown(value: Any, spec: dict[str, Any]) -> None:
    fields = [
        *RUN,
        "parameters",
        "processes",
        "data_assets",
        "of_numbers",
        "of_anything",
        "open",
        "fixed",
        "new",
        SECRET,
    ]
    seen = [run(**{field: value}) for field in fields]
    seen += [answered_exchange(value), answered_exchange(value, status=404), answered_exchange(value, status=299)]
    seen += [answered_exchange({"message": value}, status=400)]
    seen += [exchange("GET /api/v1/computations/a", 200, SECRET.encode(), answer_headers={"content-type": SECRET})]
    output = table(URL, seen, spec) + markdown(compare(URL, seen, spec)) + json_text(compare(URL, seen, spec))
    assert "$.new" in output
    assert "(unusual name)" in output
    assert SECRET not in output


def test_hostile_answers_do_no_harm() -> None:
    bodies = [
        b"[" * 100_000,
        b'{"name":"\\ud800","created":1e999,"run_time":NaN}',
        b"\xff",
        b'{"\\ud800\\u001b[1m|":1}',
    ]
    seen = [exchange("GET /api/v1/computations/a", 200, body, answer_headers=JSON) for body in bodies]
    result = compare(URL, seen, SPEC)
    for text in (table(URL, seen, SPEC), markdown(result), json_text(result)):
        text.encode()
        assert "\x1b" not in text
    assert {difference.kind for difference in result.differences} >= {
        Kind.WRONG_CONTENT,
        Kind.WRONG_TYPE,
        Kind.MISSING_FIELD,
    }


def test_every_kind_has_a_rule() -> None:
    assert set(RULES) == set(Kind)
    assert {severity for severity, _ in RULES.values()} == set(Severity)


SEEN = [
    run(state="paused", host="h"),
    run(owner=...),
    answered_exchange({"message": "gone"}, "GET /api/v1/capsules/a", 410),
]


def test_the_table() -> None:
    lines = [" ".join(line.split()) for line in table(URL, SEEN, SPEC).splitlines()]
    assert lines[0] == (
        f"{URL} against spec 4.8.0: 4 differences (2 high, 1 medium, 1 low) in 3 responses of 2 operations."
    )
    assert lines[1].startswith("Not called: archive_capsule, archive_data_asset, ")
    assert lines[3:] == [
        "get_computation",
        "severity what status where detail seen",
        "high missing field 200 $.owner 1 of 2",
        "high unlisted value 200 $.state a string not listed in the spec 1 of 2",
        "low undocumented field 200 $.host string 1 of 2",
        "",
        "get_capsule",
        "severity what status where detail seen",
        "medium undocumented status 410 1 of 1",
    ]


def test_markdown() -> None:
    page = markdown(compare(URL, SEEN, SPEC))
    assert page.startswith(f"# Drift\n\n{URL} against spec 4.8.0: 4 differences")
    assert (
        "\n## get\\_capsule\n\n| severity | what | status | where | detail | seen |\n|---|---|---|---|---|---|\n"
        "| medium | undocumented status | 410 |  |  | 1 of 1 |\n"
    ) in page


def test_json() -> None:
    content = json.loads(json_text(compare(URL, SEEN, SPEC)))
    assert (content["version"], content["url"], content["spec_version"]) == (1, URL, "4.8.0")
    assert content["seen"] == {"get_capsule": 1, "get_computation": 2}
    assert content["differences"][0] == {
        "kind": "missing field",
        "operation": "get_computation",
        "status": 200,
        "path": "$.owner",
        "detail": "",
        "times": 1,
        "of": 2,
        "severity": "high",
        "why": "clients read the field without checking that it is present",
    }


def test_the_fake_does_not_differ_from_the_spec(deployment: Deployment) -> None:
    caller = deployment.http()
    for path in (
        f"/capsules/{deployment.capsule}",
        f"/capsules/{deployment.capsule}/computations",
        f"/capsules/{deployment.capsule}/app_panel",
        f"/computations/{deployment.computation}",
        f"/data_assets/{deployment.data_asset}",
        "/data_assets?limit=5",
        "/custom_metadata",
        "/capsules/none",
    ):
        caller.ask("GET", path)
    caller.ask("POST", "/data_assets/search", json={"limit": 50})
    theirs = caller.ask("GET", f"{deployment.gate.target.url}/openapi.json")
    result = compare(URL, deployment.gate.exchanges, SPEC, SPEC)
    assert theirs.status == 200
    assert result.differences == []
    assert result.seen["search_data_assets"] >= 2
