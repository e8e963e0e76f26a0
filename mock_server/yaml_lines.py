"""YAML with line numbers: what a text holds, and on which line.

Scalars are those of the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema): `yes`, `1_000`, `1:30`
and `2026-03-01` are texts. PyYAML's own constructors are not used: they read YAML 1.1, and work out `1:59:59:…` in
quadratic time. No message repeats anything of the text, which may be a file that was never meant for this program.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import yaml

MAX_DEPTH = 50
"""How deep a text may be nested. PyYAML's C loader dies on what is very deep."""

MAX_VALUES = 4_000_000
"""How many values a text may hold: those of an imported deployment with 100,000 data assets."""

MAX_REPEATED = 1_000_000
"""How many values a text may hold through its aliases: a few lines of them can stand for billions."""

MAX_SCALAR = 1_000_000
"""The characters of the longest scalar, which are those of the longest text of a file."""

MAX_NUMBER = 400
"""The characters of the longest number: the largest float has 309 digits."""

# The C loader where PyYAML has one: it reads the demo world in a fifth of the time.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_JSON = re.compile(
    r"""[ \t\r\n]*+[\[{](?:[ \t\r\n\[\]{}:,]++"""
    r"""|"(?:[^"\\\x00-\x1f]++|\\.)*+"(?!")"""
    r"""|(?:true|false|null|-?[0-9][0-9.eE+-]*+)(?![\w"]))*+"""
)
"""What has no tokens but those of JSON, so that all of its backslashes are in texts, and all of its tabs are not."""

_UNLIKE_JSON = re.compile(
    r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\.|[\t\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", re.IGNORECASE
)
"""What YAML 1.1, which PyYAML reads, takes for something else than JSON: two escapes that are one character, tabs, and
characters that end a line or may not be there.
"""

_MERGE = object()
"""The key `<<`, under which stand mappings to be merged in: not of the core schema, but what seeds are written with."""

_STANDARD = "tag:yaml.org,2002:"

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **{sign + word: math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **{f"-{word}": -math.inf for word in (".inf", ".Inf", ".INF")},
}
_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), float),
    (re.compile(r"0o[0-7]+"), lambda text: int(text, 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text, 16)),
)
_NUMERIC = frozenset("0123456789+-.")
"""What a number begins with."""

_TYPES: dict[str, tuple[type, ...]] = {
    f"{_STANDARD}null": (type(None),),
    f"{_STANDARD}bool": (bool,),
    f"{_STANDARD}int": (int,),
    f"{_STANDARD}float": (float, int),
}
"""What a tag asks a scalar to be."""


class YamlError(Exception):
    """Text that is not YAML, or not the YAML that is taken here; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


class Position(NamedTuple):
    """Where in a text something stands; both count from 1."""

    line: int
    column: int


@dataclass
class Document:
    """What a text holds."""

    content: Any
    text: str

    def line_of(self, place: tuple[str | int, ...]) -> int:
        """The line of the deepest part of `place` that the text really has."""
        return _line(self._node_at(place))

    def position_in(self, place: tuple[str | int, ...], inner: Position) -> Position:
        """Where a position inside of the text at `place` stands in the whole. Where the text is written otherwise than
        it is read, as folded or with escapes, that is where it begins.
        """
        node = self._node_at(place)
        start = Position(_line(node), node.start_mark.column + 1)
        if not isinstance(node, yaml.ScalarNode):
            return start
        is_block = node.style in ("|", ">")
        number = start.line + inner.line - (0 if is_block else 1)
        written, read = self.text.split("\n"), str(node.value).split("\n")
        if number > len(written) or inner.line > len(read) or not (is_block or len(read) == 1):
            return start
        line, expected = written[number - 1].removesuffix("\r"), read[inner.line - 1]
        at = len(line) - len(expected) if is_block else line.find(expected, start.column - 1)
        if at < 0 or line[at : at + len(expected)] != expected or (line[:at].strip() and is_block):
            return start
        return Position(number, at + inner.column)

    def _node_at(self, place: tuple[str | int, ...]) -> yaml.Node:
        node = self._root
        for step in place:
            if isinstance(node, yaml.MappingNode):
                # A step that is no key names the type that a part was taken for.
                node = _found(node, str(step)) or node
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                break
        return node

    @cached_property
    def _root(self) -> yaml.Node:
        # Late: most texts have nothing wrong in them, and nodes take three times as long to make as values.
        root = yaml.compose(self.text, Loader=_Loader)
        assert root is not None  # A text without any value was refused.
        return root


def parse(text: str) -> Document:
    """What `text` holds. Raises `YamlError`."""
    if _JSON.fullmatch(text):
        text = _UNLIKE_JSON.sub(_like_json, text)
    try:
        return Document(_Values(_Loader(text)).read(), text)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise YamlError(mark.line + 1 if mark else 1, f"is not YAML: {problem.problem}") from None
    except yaml.reader.ReaderError as problem:
        line = text.encode()[: problem.position].count(b"\n") + 1  # The C loader counts bytes.
        raise YamlError(line, f"is not YAML: {problem.reason}") from None


def _like_json(found: re.Match[str]) -> str:
    """The same in a form that YAML reads as JSON does, and on the same line."""
    part = found[0]
    if found[1]:
        return bytes.fromhex(found[1] + found[2]).decode("utf-16-be")
    if part.startswith("\\"):
        return part
    return " " if part == "\t" else f"\\u{ord(part):04x}"


class _Collection:
    """A list or mapping that is being read: its anchor, and how many values came before it."""

    __slots__ = ("anchor", "before", "items", "key", "wants_key")

    def __init__(self, items: dict[Any, Any] | list[Any], anchor: str | None, before: int) -> None:
        self.items, self.anchor, self.before = items, anchor, before
        self.wants_key, self.key = isinstance(items, dict), None

    def add(self, value: Any, event: yaml.Event) -> None:
        """Take in the next value: an element, a key, or what stands under the key before it."""
        items = self.items
        if isinstance(items, list):
            items.append(value)
        elif self.wants_key:
            self.wants_key, self.key = False, self._key(value, event)
        else:
            self.wants_key = True
            items[self.key] = value

    def _key(self, value: Any, event: yaml.Event) -> Any:
        key = _MERGE if value == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0] else value
        if isinstance(key, dict | list):
            raise YamlError(_line(event), "is not YAML: found a key that is not a scalar")
        # YAML forbids it; PyYAML takes the last one and says nothing.
        if key in self.items:
            raise YamlError(_line(event), "has the same key twice")
        return key

    def whole(self, event: yaml.Event) -> Any:
        """The collection when its end has been read. What it merges gives way to its own keys."""
        if not isinstance(self.items, dict) or _MERGE not in self.items:
            return self.items
        merged = self.items.pop(_MERGE)
        parts = merged if isinstance(merged, list) else [merged]
        found: dict[Any, Any] = {}
        for part in reversed(parts):
            if not isinstance(part, dict):
                raise YamlError(_line(event), "is not YAML: expected a mapping or list of mappings for merging")
            found |= part
        return found | self.items


class _Values:
    """Makes the value of a text from its events, in one pass and without recursion."""

    def __init__(self, loader: Any) -> None:
        self._next = loader.get_event
        self._open: list[_Collection] = [_Collection([], None, 0)]
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = self._repeated = 0
        self._read: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._begin,
            yaml.SequenceStartEvent: self._begin,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.DocumentStartEvent: self._document,
        }

    def read(self) -> Any:
        """The value of the only document. Raises `YamlError`, and what PyYAML raises."""
        while True:
            event = self._next()
            step = self._read.get(type(event))
            if step is not None:
                step(event)
            elif isinstance(event, yaml.StreamEndEvent):
                break
        documents = self._open[0].items
        if not documents:
            raise YamlError(1, "is empty")
        return documents[0]

    def _document(self, event: yaml.Event) -> None:
        if self._open[0].items:
            raise YamlError(_line(event), "is not YAML: expected a single document in the stream")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        value = _scalar(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._take(value, event, 1)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if any(collection.anchor == event.anchor for collection in self._open):
            raise _not_taken(event, "an alias stands inside of what it names")
        if event.anchor not in self._anchors:
            raise YamlError(_line(event), "is not YAML: found undefined alias")
        value, size = self._anchors[event.anchor]
        self._repeated += size
        if self._repeated > MAX_REPEATED:
            raise _not_taken(event, f"its aliases stand for more than {MAX_REPEATED} values")
        self._take(value, event, size)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", f"{_STANDARD}{'map' if mapping else 'seq'}"):
            raise _not_taken(event, "it has a tag that is not of the core schema")
        if self._open[-1].wants_key:
            raise YamlError(_line(event), "is not YAML: found a key that is not a scalar")
        # The first is the text itself.
        if len(self._open) > MAX_DEPTH:
            raise _not_taken(event, f"it is nested more than {MAX_DEPTH} levels deep")
        self._open.append(_Collection({} if mapping else [], event.anchor, self._count))

    def _end(self, event: yaml.CollectionEndEvent) -> None:
        collection = self._open.pop()
        value = collection.whole(event)
        if collection.anchor:
            self._anchors[collection.anchor] = (value, self._count - collection.before + 1)
        self._take(value, event, 1)

    def _take(self, value: Any, event: yaml.Event, size: int) -> None:
        self._count += size
        if self._count > MAX_VALUES:
            raise _not_taken(event, f"it holds more than {MAX_VALUES} values")
        self._open[-1].add(value, event)


def _scalar(event: yaml.ScalarEvent) -> Any:
    """The value of a scalar. Raises `YamlError`."""
    text: str = event.value
    if len(text) > MAX_SCALAR:
        raise _not_taken(event, f"a scalar has more than {MAX_SCALAR} characters")
    if event.tag is None:
        return _plain(event, text) if event.implicit[0] else text
    if event.tag in ("!", f"{_STANDARD}str"):
        return text
    if event.tag not in _TYPES:
        raise _not_taken(event, "it has a tag that is not of the core schema")
    value = _plain(event, text)
    if type(value) not in _TYPES[event.tag]:
        raise YamlError(
            _line(event), f"is not YAML: a value is not the {event.tag.removeprefix(_STANDARD)} that its tag says"
        )
    return value


def _plain(event: yaml.ScalarEvent, text: str) -> Any:
    """What a scalar without quotes and tag stands for."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _NUMERIC:
        for pattern, read in _NUMBERS:
            if pattern.fullmatch(text):
                if len(text) > MAX_NUMBER:
                    raise _not_taken(event, f"a number has more than {MAX_NUMBER} characters")
                return read(text)
    return text


def is_text(plain: str) -> bool:
    """Whether a scalar without quotes and tag is the text that it looks like."""
    if plain in _WORDS:
        return False
    return plain[0] not in _NUMERIC or not any(pattern.fullmatch(plain) for pattern, _ in _NUMBERS)


def _found(node: yaml.MappingNode, name: str) -> yaml.Node | None:
    """What stands under a key of a mapping, or of one that is merged into it."""
    merged: list[yaml.Node] = []
    for key, value in node.value:
        if key.value == name:
            return value  # type: ignore[no-any-return]
        if key.value == "<<":
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
    found = (_found(part, name) for part in merged if isinstance(part, yaml.MappingNode))
    return next((part for part in found if part is not None), None)


def _not_taken(at: yaml.Event, why: str) -> YamlError:
    return YamlError(_line(at), f"is not YAML that is taken here: {why}")


def _line(at: yaml.Event | yaml.Node) -> int:
    return int(at.start_mark.line) + 1 if at.start_mark else 1
