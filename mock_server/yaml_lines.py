"""YAML with line numbers: what stands in a file, and on which line."""

from typing import Any, NamedTuple

import yaml

MAX_DEPTH = 50
"""How deep a file may be nested. PyYAML's C loader dies on what is very deep."""

MAX_REPEATED = 1_000_000
"""How many values a file may hold through its aliases: a few lines of them can stand for billions."""

# The C loader where PyYAML has one: it reads the demo world in a fifth of the time.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(Exception):
    """Text that is not YAML, or not the YAML that is taken here; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


class Document(NamedTuple):
    """What a file holds, as values and as nodes that know their lines."""

    content: Any
    root: yaml.Node

    def line_of(self, place: tuple[str | int, ...]) -> int:
        """The line of the deepest part of `place` that the file really has."""
        node = self.root
        for step in place:
            if isinstance(node, yaml.MappingNode):
                values = {key.value: value for key, value in node.value}
                # A step that is no key names the type that a part was taken for.
                node = values.get(str(step), node)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                break
        return _line(node)


def parse(text: str) -> Document:
    """What `text` holds. Raises `YamlError`."""
    try:
        _check_size(text)
        loader = _Loader(text)
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise YamlError(mark.line + 1 if mark else 1, f"is not YAML: {problem.problem}") from None
    except yaml.reader.ReaderError as problem:
        line = text.encode()[: problem.position].count(b"\n") + 1  # The C loader counts bytes.
        raise YamlError(line, f"is not YAML: {problem.reason}") from None
    if root is None:
        raise YamlError(1, "is empty")
    return Document(_construct(loader, root), root)


def _check_size(text: str) -> None:
    """Raise `YamlError` for what would take too much to read: too deep, or too much with all aliases written out."""
    open_: list[tuple[str | None, int]] = []  # The collections around, each with its anchor and where it begins.
    sizes: dict[str | None, int] = {}  # How many values each anchor stands for.
    values = repeated = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            # One inside of what it names has no size yet; it is refused later.
            repeated += sizes.get(event.anchor, 0)
            values += sizes.get(event.anchor, 0)
        elif isinstance(event, yaml.CollectionStartEvent):
            open_.append((event.anchor, values))
            values += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_.pop()
            sizes[anchor] = values - before
        elif isinstance(event, yaml.ScalarEvent):
            values += 1
            sizes[event.anchor] = 1
        if len(open_) > MAX_DEPTH:
            raise _not_taken(event, f"it is nested more than {MAX_DEPTH} levels deep")
        if repeated > MAX_REPEATED:
            raise _not_taken(event, f"its aliases stand for more than {MAX_REPEATED} values")


def _not_taken(at: yaml.Event | yaml.Node, why: str) -> YamlError:
    return YamlError(_line(at), f"is not YAML that is taken here: {why}")


def _construct(loader: Any, node: yaml.Node, depth: int = 0) -> Any:
    """The value of `node`. PyYAML's constructors fail in many types of exception, most without a line; so the values
    are made one by one, and the node that fails is known.
    """
    if depth > MAX_DEPTH:
        raise _not_taken(node, "an alias stands inside of what it names")
    if isinstance(node, yaml.MappingNode) and node.tag == loader.DEFAULT_MAPPING_TAG:
        _refuse_repetition(node)
        loader.flatten_mapping(node)
        return {_key(loader, key): _construct(loader, value, depth + 1) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode) and node.tag == loader.DEFAULT_SEQUENCE_TAG:
        return [_construct(loader, item, depth + 1) for item in node.value]
    try:
        return loader.construct_object(node)
    except Exception as problem:
        detail = problem.problem if isinstance(problem, yaml.MarkedYAMLError) else f"bad value: {problem}"
        raise YamlError(_line(node), f"is not YAML: {detail}") from None


def _key(loader: Any, node: yaml.Node) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        raise YamlError(_line(node), "is not YAML: found unhashable key")
    return _construct(loader, node)


def _refuse_repetition(node: yaml.MappingNode) -> None:
    """YAML forbids a key that stands twice; PyYAML takes the last one and says nothing."""
    seen = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                raise YamlError(_line(key), f"has the key {key.value} twice")
            seen.add(key.value)


def _line(at: yaml.Event | yaml.Node) -> int:
    return int(at.start_mark.line) + 1 if at.start_mark else 1
