"""Two recordings side by side: what differs, in lines that can be read."""

import difflib
import json
from collections.abc import Iterator
from typing import Any

from tools.replay.recorder import Line

SHOWN = 10
"""How many kinds of difference are printed in full."""

WIDTH = 160


def differences(one: list[Line], other: list[Line]) -> list[str]:
    """What differs, one text for each request; empty when the recordings are equal."""
    ours, theirs = _by_section(one), _by_section(other)
    sections = [*ours, *(section for section in theirs if section not in ours)]
    found = [_compared(ours.get(section, []), theirs.get(section, [])) for section in sections]
    return [text for texts in found for text in texts]


def report(found: list[str], compared: int) -> str:
    """The first kinds of difference, each with the first request that shows it, and how many answers differ."""
    if not found:
        return f"{compared} answers are the same to the byte."
    kinds: dict[str, list[str]] = {}
    for text in found:
        title, _, details = text.partition("\n")
        kinds.setdefault(details, []).append(title)
    shown = [
        "\n".join([titles[0], details, *([f"  ({len(titles) - 1} more in the same way)"] if titles[1:] else [])])
        for details, titles in list(kinds.items())[:SHOWN]
    ]
    rest = [titles[0] for titles in list(kinds.values())[SHOWN:]]
    return "\n".join(
        [*shown, *([f"{len(rest)} more kinds:"] if rest else []), *rest, f"{len(found)} of {compared} answers differ."]
    )


def _by_section(lines: list[Line]) -> dict[tuple[str, str], list[Line]]:
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        found.setdefault((line["server"], line["section"]), []).append(line)
    return found


def _compared(one: list[Line], other: list[Line]) -> Iterator[str]:
    """What differs in a section. Includes requests that only one recording has."""
    requests = [[_request(line) for line in lines] for lines in (one, other)]
    matcher = difflib.SequenceMatcher(None, requests[0], requests[1], autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        ours, theirs = one[start:end], other[other_start:other_end]
        for pair in zip(ours, theirs, strict=False):
            if details := list(_differing(*pair)):
                yield "\n  ".join([_title(pair[0]), *details])
        for which, alone in (("first", ours[len(theirs) :]), ("second", theirs[len(ours) :])):
            yield from (f"{_title(line)}\n  sent by the {which} alone" for line in alone)


def _request(line: Line) -> str:
    return f"{line['method']} {line['target']}"


def _title(line: Line) -> str:
    return f"{line['server']}: {line['section']}: {_request(line)[:WIDTH]}"


def _differing(one: Line, other: Line) -> Iterator[str]:
    for name in ("method", "target", "token", "sent", "status", "cut"):
        if one.get(name) != other.get(name):
            yield f"{name}: {_brief(one.get(name))} → {_brief(other.get(name))}"
    if one["headers"] != other["headers"]:
        yield from _lines(*(["{}: {}".format(*pair) for pair in line["headers"]] for line in (one, other)))
    if json.dumps(one["body"]) != json.dumps(other["body"]):
        yield from _bodies(one["body"], other["body"])


def _bodies(one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict) and "json" in one and "json" in other:
        yield from _values("body", one["json"], other["json"])
    else:
        yield from _lines(
            *((body if isinstance(body, str) else json.dumps(body)).splitlines() for body in (one, other))
        )


def _values(where: str, one: Any, other: Any) -> Iterator[str]:
    """Where two JSON values differ, deep inside; the order of members counts."""
    if isinstance(one, dict) and isinstance(other, dict):
        yield from _members(where, one, other)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from _values(f"{where}[{number}]", *pair)
    elif json.dumps(one) != json.dumps(other):
        yield f"{where}: {_brief(one)} → {_brief(other)}"


def _members(where: str, one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    for name in one:
        if name in other:
            yield from _values(f"{where}.{name}", one[name], other[name])
        else:
            yield f"{where}.{name}: gone: {_brief(one[name])}"
    for name in other:
        if name not in one:
            yield f"{where}.{name}: new: {_brief(other[name])}"
    if [name for name in one if name in other] != [name for name in other if name in one]:
        yield f"{where}: the members stand in another order"


def _lines(one: list[str], other: list[str]) -> Iterator[str]:
    for line in difflib.unified_diff(one, other, lineterm="", n=0):
        if not line.startswith(("---", "+++", "@@")):
            yield line[:WIDTH]


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}…"
