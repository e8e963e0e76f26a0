"""JSON values drawn from a JSON Schema: mostly what it allows, now and then not."""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tools.fuzz import values

Pools = Mapping[str, Sequence[Any]]
"""Good values by the name of the field that they go into."""

PATTERNED = {"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$": ("w1", "w2", "a.b-c_d"), "^[0-9]{7}$": ("1234567",)}
MOST_DEPTH = 12


class Sampler:
    """Draws values from the schemas of one document. `oddness`: the share of places that get an odd value."""

    def __init__(self, document: Mapping[str, Any], pools: Pools, oddness: float = 0.06) -> None:
        self._document = document
        self._pools = pools
        self._oddness = oddness

    def value(self, rng: random.Random, schema: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
        """A value for the field `name` with this schema."""
        if rng.random() < self._oddness:
            return values.anything(rng)
        if name in self._pools and rng.random() < 0.7:
            return rng.choice(self._pools[name])
        schema = self._resolved(schema)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self.value(rng, rng.choice(schema[key]), name, depth + 1)
        if "allOf" in schema:
            return self.value(rng, schema["allOf"][0], name, depth + 1)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return rng.choice(schema["enum"])
        return self._of_type(rng, schema, name, depth)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            found: Any = self._document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        return schema

    def _of_type(self, rng: random.Random, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        match schema.get("type"):
            case "object":
                return self._object(rng, schema, depth)
            case "array":
                return self._array(rng, schema, name, depth)
            case "string":
                return self._text(rng, schema)
            case "integer" | "number" as kind:
                return _number(rng, schema, whole=kind == "integer")
            case "boolean":
                return rng.random() < 0.5
            case "null":
                return None
        return values.anything(rng)

    def _object(self, rng: random.Random, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        share = 0.35 if depth < MOST_DEPTH else 0
        found = {
            name: self.value(rng, inner, name, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if name in required or rng.random() < share
        }
        more = schema.get("additionalProperties")
        if isinstance(more, Mapping) and rng.random() < 0.5:
            found[values.text(rng)] = self.value(rng, more, "", depth + 1)
        return found

    def _array(self, rng: random.Random, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        size = rng.choice((0, 1, 1, 2, 3)) if depth < MOST_DEPTH else 0
        size = max(size, schema.get("minItems", 0))
        return [self.value(rng, schema.get("items", {}), name, depth + 1) for _ in range(size)]

    def _text(self, rng: random.Random, schema: Mapping[str, Any]) -> str:
        pattern = schema.get("pattern")
        if pattern in PATTERNED:
            return rng.choice(PATTERNED[pattern])
        word = rng.choice(("iris", "reads", "Reference", "a b", "x1", "1", "3.5", "RNA-seq", "10s", "true"))
        return word if not pattern or re.search(pattern, word) else values.text(rng)


def _number(rng: random.Random, schema: Mapping[str, Any], *, whole: bool) -> int | float:
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 1000))
    edges = (low, high, low + 1, low - 1, high + 1, (low + high) / 2)
    drawn = rng.choice(edges) if rng.random() < 0.3 else rng.uniform(low, min(high, low + 20))
    return int(drawn) if whole else drawn
