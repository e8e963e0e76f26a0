"""Writing a seed file: YAML to be read and committed, an entity at a time.

The same fields give the same bytes. What is written means the same to a reader of YAML 1.1, which takes more words for
numbers, dates and truth values than `yaml_lines` does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TextIO

from pydantic import JsonValue

from mock_server.yaml_lines import is_text

INDENT = "  "

WIDTH = 120
"""The characters of a line that a list or mapping may fill; a longer one is written by lines."""

LONGEST_SHORT_KEY = 1000
"""A key of more characters is marked by a `?`: YAML ends the search for its colon after 1024."""

SHORT = 64
"""The characters of a text whose form is remembered."""

_PLAIN = re.compile(r"[\w/](?:[^:#]|:(?! |$)|(?<! )#)*+")
"""What YAML takes for one text without quotes, when all of it can be printed and no blank ends it."""

_NOT_IN_FLOW = re.compile(r"[\[\]{},:?]")

_AMBIGUOUS = re.compile(r"[-+.\d][-+.\d_:eExXobTtZz ]*|[yYnN]|(?i:yes|no|on|off|true|false|null)")
"""Numbers, dates, times and words of YAML 1.1."""

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class SeedWriter:
    """Writes a seed file from its beginning to its end, and keeps nothing of what it has written.

    `heading` are lines of a comment at the top. The file stays open.
    """

    def __init__(self, file: TextIO, heading: Sequence[str] = ()) -> None:
        self._file = file
        self._section: str | None = None
        self._is_empty = self._after_line = False
        self._write(_comment(heading, ""))

    def value(self, name: str, fields: JsonValue) -> None:
        """Write a whole key of the top level."""
        if self._section is not None:
            self.close()
            self._file.write("\n")
        self._write(_under(name, fields, ""))

    def section(self, name: str) -> None:
        """Begin a list at the top level; its elements are the entries that follow."""
        self.close()
        self._section = name
        self._is_empty = True

    def entry(self, fields: Mapping[str, Any], comment: Sequence[str] = ()) -> None:
        """Write the next element of the list, below the lines of a comment."""
        lines = [*_comment(comment, INDENT), *_element(dict(fields), INDENT)]
        if self._is_empty:
            self._write(["", f"{_scalar(self._section or '')}:"])
        elif len(lines) > 1 or not self._after_line:
            self._write([""])
        self._is_empty, self._after_line = False, len(lines) == 1
        self._write(lines)

    def close(self) -> None:
        """End what was begun."""
        if self._section is not None and self._is_empty:
            self._write([f"{_scalar(self._section)}: []"])
        self._section = None

    def _write(self, lines: Sequence[str] | Iterator[str]) -> None:
        self._file.writelines(f"{line}\n" for line in lines)


def _comment(lines: Sequence[str], indent: str) -> list[str]:
    return [f"{indent}# {_escaped(line, {})}".rstrip() for line in lines]


def _under(key: str, value: Any, indent: str) -> Iterator[str]:
    """The lines of a key and its value."""
    name = _scalar(key)
    if len(name) > LONGEST_SHORT_KEY:
        yield f"{indent}? {name}"
        head = f"{indent}:"
    else:
        head = f"{indent}{name}:"
    yield from _value(head, value, indent + INDENT)


def _element(value: Any, indent: str) -> Iterator[str]:
    """The lines of an element of a list."""
    if isinstance(value, dict) and value and _flow(value, WIDTH - len(indent) - 2) is None:
        dash = f"{indent}- "
        for key, below in value.items():
            first, *rest = _under(key, below, indent + INDENT)
            yield dash + first[len(dash) :]
            yield from rest
            dash = indent + INDENT
    else:
        yield from _value(f"{indent}-", value, indent + INDENT)


def _value(head: str, value: Any, indent: str) -> Iterator[str]:
    """The lines of a value after its key or dash; those below the first begin with `indent`."""
    if isinstance(value, str) and _is_block(value):
        yield f"{head} |" if value.endswith("\n") else f"{head} |-"
        yield from (f"{indent}{line}" if line else "" for line in value.removesuffix("\n").split("\n"))
        return
    flow = _flow(value, WIDTH - len(head) - 1)
    if flow is not None:
        yield f"{head} {flow}"
    elif isinstance(value, dict):
        yield head
        for key, below in value.items():
            yield from _under(key, below, indent)
    else:
        yield head
        for below in value:
            yield from _element(below, indent)


def _flow(value: Any, room: int) -> str | None:
    """A value in one line; None for a collection that has no room there, or is better read by lines."""
    if isinstance(value, dict):
        parts, opening, closing = _flow_pairs(value, room), "{", "}"
    elif isinstance(value, list | tuple):
        parts, opening, closing = _flow_elements(value, room), "[", "]"
    else:
        return _scalar(value)
    return None if parts is None else f"{opening}{', '.join(parts)}{closing}"


def _flow_pairs(value: dict[str, Any], room: int) -> list[str] | None:
    parts = []
    for key, below in value.items():
        flow = None if isinstance(below, str) and _is_block(below) else _flow(below, room)
        if flow is None:
            return None
        parts.append(f"{_scalar(key, in_flow=True)}: {_in_flow(below, flow)}")
        room -= len(parts[-1]) + 2
        if room < 0:
            return None
    return parts


def _flow_elements(value: Sequence[Any], room: int) -> list[str] | None:
    parts = []
    for below in value:
        if (isinstance(below, dict | list | tuple) and below) or (isinstance(below, str) and _is_block(below)):
            return None
        parts.append(_in_flow(below, _flow(below, room) or ""))
        room -= len(parts[-1]) + 2
        if room < 0:
            return None
    return parts


def _in_flow(value: Any, flow: str) -> str:
    return _scalar(value, in_flow=True) if isinstance(value, str) else flow


def _is_block(text: str) -> bool:
    """Whether a text is written as a block of lines, as they are."""
    if "\n" not in text or text[0] in " \t\n" or text.endswith("\n\n"):
        return False
    return text.replace("\t", " ").replace("\n", " ").isprintable()


def _scalar(value: Any, *, in_flow: bool = False) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
    return _text(value, in_flow=in_flow) if len(value) > SHORT else _short_text(value, in_flow=in_flow)


def _text(text: str, *, in_flow: bool) -> str:
    return text if _is_plain(text, in_flow=in_flow) else f'"{_escaped(text, _ESCAPES)}"'


# Names of fields, and many of their values, come again and again.
_short_text = lru_cache(4096)(_text)


def _is_plain(text: str, *, in_flow: bool) -> bool:
    return (
        _PLAIN.fullmatch(text) is not None
        and text.isprintable()
        and not text.endswith(" ")
        and _AMBIGUOUS.fullmatch(text) is None
        and is_text(text)
        and not (in_flow and _NOT_IN_FLOW.search(text))
    )


def _escaped(text: str, short: Mapping[str, str]) -> str:
    """The text with escapes: short ones where there are, and others for what cannot be printed."""
    return "".join(short.get(char) or (char if char.isprintable() else _escape(ord(char))) for char in text)


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
