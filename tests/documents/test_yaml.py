"""The YAML that is taken: the core schema of YAML 1.2, within limits, and read in time that grows with its length."""

import json
import math
from typing import Any

import pytest

from mock_server import yaml_lines
from mock_server.yaml_lines import MAX_SCALAR, MAX_VALUES, YamlError, parse
from tests.processor import seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1:59:59", "1:59:59"),
        ("1_000", "1_000"),
        ("2026-03-01", "2026-03-01"),
        ("yes", "yes"),
        ("off", "off"),
        ("=", "="),
        ("-a", "-a"),
        ("0b11", "0b11"),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("-12", -12),
        ("+12", 12),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        ("1e999", math.inf),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("~", None),
        ("Null", None),
        ("TRUE", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("! 12", "12"),
        ("!!str 12", "12"),
        ("!!int 12", 12),
        ("!!float 12", 12),
        ("!!null ''", None),
        ("!!map {a: 1}", {"a": 1}),
        ("!!seq [a]", ["a"]),
        ("{1: a, '1': b}", {1: "a", "1": "b"}),
        ("{a: , b: }", {"a": None, "b": None}),
        ("a: &a {b: 1, c: 2}\nd: {<<: *a, c: 3}", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("a: {<<: [{b: 1}, {b: 2, c: 2}]}", {"a": {"b": 1, "c": 2}}),
        ("a: {'<<': 1}", {"a": {"<<": 1}}),
        ("&k a: 1\nb: *k", {"a": 1, "b": "a"}),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    found = parse(text).content
    assert found == value
    assert type(found) is type(value)


FACE, UMLAUT = "\N{GRINNING FACE}", "\N{LATIN SMALL LETTER A WITH DIAERESIS}"

JSON = {
    f"{FACE} \N{MUSICAL SYMBOL G CLEF}": [f"{UMLAUT}{FACE}", "", {}, []],
    "escapes": '\\ud83d\\ude00 \\ " / \b\f\n\r\t\0 \\N{GRINNING FACE}',
    "for YAML the end of a line": "a\x85b\u2028c\u2029d",
    "for YAML no character": "a\x7fb\x80c\x9fd\ufeffe\ufffef\uffffg",
    "no comment": "a # b: c",
    "values": [True, False, None, 0, -1, 1.5, -2e10, 1e-7],
}
"""What JSON and YAML 1.1 write differently."""


@pytest.mark.parametrize("is_ascii", [True, False])
@pytest.mark.parametrize("layout", [{}, {"indent": "\t"}, {"indent": 2}, {"separators": (",", ":")}], ids=str)
def test_json_is_read_as_json(is_ascii: bool, layout: dict[str, Any]) -> None:
    text = json.dumps(JSON, ensure_ascii=is_ascii, **layout)
    assert parse(text).content == JSON
    assert parse(f"\r\n\t {text}\n").content == JSON


def test_json_of_other_writers_is_read() -> None:
    assert parse('{"a"\t:\t"\\/\\uD83D\\uDE00\\u00e4"\t}').content == {"a": f"/{FACE}{UMLAUT}"}
    document = parse('{\n\t"\\ud83d\\ude00": [\n\t\t1,\n\t\t2]}')
    assert document.line_of((FACE, 1)) == 4


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83d-\\ude00", "\\\\\\ud83d"])
def test_half_a_character_is_refused(half: str) -> None:
    with pytest.raises(YamlError, match="invalid Unicode character escape code") as caught:
        parse(f'{{"a":\n"{half}"}}')
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"{'a': '\ud83d\ude00'}", {"a": r"\ud83d\ude00"}),
        (r"{a: \ud83d\ude00}", {"a": r"\ud83d\ude00"}),
        (r'[1"\ud83d\ude00"]', [r'1"\ud83d\ude00"']),
        ("- '\\ud83d\\ude00\t'\n- \\ud83d\\ude00", ["\\ud83d\\ude00\t", r"\ud83d\ude00"]),
        ('{"a": "b\n  c"}', {"a": "b c"}),
    ],
)
def test_what_only_looks_like_json_is_read_as_yaml(text: str, value: Any) -> None:
    assert parse(text).content == value


@pytest.mark.parametrize("part", ['"', '"\\', '{"a":', "1", '"",', "\t", r'"\ud83d\ude00",', "[", '""'])
def test_what_begins_as_json_takes_time_that_grows_with_its_length(part: str) -> None:
    def read() -> None:
        with pytest.raises(YamlError):
            parse("[" + part * (200_000 // len(part)) + "'")

    assert seconds(read) < 2


def test_not_a_number_is_a_float() -> None:
    assert math.isnan(parse("[.nan]").content[0])


def test_sexagesimal_numbers_are_texts_and_take_no_time() -> None:
    """300 kB of `1:59:59:…` once blocked a server for 7.5 seconds."""
    scalar = "1" + ":59" * 100_000
    assert seconds(lambda: parse(f"a: {scalar}")) < 1
    assert parse(f"a: {scalar}").content == {"a": scalar}


@pytest.mark.parametrize("number", ["{}", "0x{}", "0o{}", "-1.{}", "1e{}"])
def test_numbers_have_at_most_400_characters(number: str) -> None:
    with pytest.raises(YamlError, match="a number has more than 400 characters"):
        parse(f"a: {number.format('1' * 300_000)}")


def test_a_scalar_has_no_more_characters_than_the_longest_text() -> None:
    assert len(parse("x" * MAX_SCALAR).content) == MAX_SCALAR
    with pytest.raises(YamlError, match="a scalar has more than 1000000 characters") as caught:
        parse(f"a: 1\nb: '{'x' * (MAX_SCALAR + 1)}'")
    assert caught.value.line == 2


@pytest.mark.parametrize("text", ["[{}]", "{{a: [{}]}}", "x: &x [{}]\ny: *x\nz: *x"])
def test_a_text_has_no_more_values_than_allowed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_lines, "MAX_VALUES", 1000)
    assert parse(text.format("1," * 300)).content
    with pytest.raises(YamlError, match="it holds more than 1000 values"):
        parse(text.format("1," * 1000))
    assert MAX_VALUES == 4_000_000


@pytest.mark.parametrize(
    "text",
    [
        "secret: [", "secret: secret\nsecret: 1", "*secret", "!secret x", "? [secret]\n: 1", "{<<: secret}",
        "!!int secret", "\tsecret: 1", "secret\n---\nsecret", "'secret", "secret: secret: 1", "%secret\n---\na",
        "&secret &secret a", "!secret!secret x", "@secret", "a: |secret",
    ],
)  # fmt: skip
def test_no_message_repeats_the_text(text: str) -> None:
    with pytest.raises(YamlError) as caught:
        parse(text)
    assert "secret" not in caught.value.message


def test_lines_are_found_through_lists_mappings_and_merges() -> None:
    document = parse("a:\n  - b: 1\n    c: &c\n      d: 2\n  - <<: *c\n    e: 3\n  - <<: [{f: 1}, {g:\n 2}]\n")
    places: dict[tuple[str | int, ...], int] = {
        ("a",): 2, ("a", 0, "c", "d"): 4, ("a", 1, "d"): 4, ("a", 1, "e"): 6, ("a", 2, "f"): 7, ("a", 2, "g"): 8,
        ("a", 1, "computation", "e"): 6, ("a", 9): 2, ("z",): 1,
    }  # fmt: skip
    assert {place: document.line_of(place) for place in places} == places
