"""What docs/search.md says, as plain Python over objects in memory: slow, and nothing like the SQL."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

WEIGHTS = (8, 4, 2, 1)
LONGEST = 20


@dataclass
class Thing:
    """A data asset or a capsule, with who may see it."""

    id: str
    created: int
    owner: str
    name: str = ""
    tags: list[str] = field(default_factory=list)
    description: str = ""
    type: str = "dataset"
    external: bool = False
    archived: bool = False
    size: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)
    contained: list[str] = field(default_factory=list)
    subjects: set[str] = field(default_factory=set)
    fans: set[str] = field(default_factory=set)


@dataclass
class User:
    """Somebody who searches."""

    id: str
    subjects: set[str]
    admin: bool = False


def same(value: Any) -> str:
    """Values that compare equal, as one text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value == int(value):
        value = int(value)
    folded = unicodedata.normalize("NFKC", str(value)).casefold()
    return unicodedata.normalize("NFKC", folded)


def words(text: Any) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in same(text)).split()


def words_of_name(name: Any) -> list[str]:
    found = "".join(character if character.isalnum() or character in "-_" else " " for character in same(name)).split()
    return [word.lstrip("-_") for word in found if word.strip("-_")]


def follow(there: list[str], phrase: list[str]) -> bool:
    return any(there[at : at + len(phrase)] == phrase for at in range(len(there) - len(phrase) + 1))


def holds_phrase(text: Any, value: Any) -> bool:
    return bool(words(value)) and follow(words(text), words(value))


def name_has(name: str, value: Any) -> bool:
    """Whether a name has the words of a text, or a word that begins with it."""
    there, phrase = words_of_name(name), words_of_name(value)
    begins = len(phrase) == 1 and len(phrase[0]) <= LONGEST and any(word.startswith(phrase[0]) for word in there)
    return bool(phrase) and (begins or follow(there, phrase))


def part_of_name(name: str, value: Any) -> bool:
    """As `name:` and the filter on the name: a short text is a part, of a long one the words are words of the name."""
    if len(same(value)) <= LONGEST:
        return same(value) in same(name)
    return bool(words_of_name(value)) and follow(words_of_name(name), words_of_name(value))


def flat(metadata: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(key, one) for key, value in metadata.items() for one in (value if isinstance(value, list) else [value])]


def mentioning(thing: Thing, value: str) -> tuple[bool, ...]:
    """Which of name, tags, description and custom metadata mention a word or phrase."""
    texts = thing.tags, [thing.description], [one for _, one in flat(thing.metadata)]
    return name_has(thing.name, value), *(any(holds_phrase(text, value) for text in field) for field in texts)


def score(thing: Thing, free: list[str]) -> int:
    phrases = dict.fromkeys(map(same, free))
    return sum(
        weight for value in phrases for weight, has in zip(WEIGHTS, mentioning(thing, value), strict=True) if has
    )


def mentions(thing: Thing, value: str) -> bool:
    return any(mentioning(thing, value))


def has_field(thing: Thing, name: str, value: str) -> bool:
    wanted = same(value)
    if name == "name":
        return part_of_name(thing.name, value)
    there: dict[str, list[str]] = {
        "tag": thing.tags,
        "run_script": [thing.provenance.get("run_script", "")],
        "commit_id": [thing.provenance.get("commit", "")],
        "contained_data_id": thing.contained,
    }
    return wanted in [same(one) for one in there[name]]


def passes(thing: Thing, wanted: dict[str, Any]) -> bool:
    key, limits = wanted["key"], wanted.get("range")
    values = wanted.get("values") or ([wanted["value"]] if "value" in wanted else [])
    if key == "name":
        fits = any(part_of_name(thing.name, value) for value in values)
    elif key == "description":
        fits = any(holds_phrase(thing.description, value) for value in values)
    elif key == "tags":
        fits = any(same(value) == same(tag) for value in values for tag in thing.tags)
    else:
        there = [value for name, value in flat(thing.metadata) if name == key]
        if limits is None:
            fits = any(same(value) == same(one) for value in values for one in there)
        else:
            low, high = limits.get("min"), limits.get("max")
            fits = any(
                (low is None or one >= low) and (high is None or one <= high)
                for one in there
                if isinstance(one, int | float) and not isinstance(one, bool)
            )
    return fits != bool(wanted.get("exclude"))


def visible(thing: Thing, user: User, asked: dict[str, Any]) -> bool:
    own = thing.owner == user.id
    if not (user.admin or own or thing.subjects & user.subjects):
        return False
    ownership = asked.get("ownership")
    if ownership == "shared":
        return not own
    if ownership == "private":
        return own and not thing.subjects
    return own or ownership is None


def fits(thing: Thing, user: User, asked: dict[str, Any]) -> bool:
    """Whether a search of `user` finds the object. `free` and `fields` are the parts of its query."""
    origin = "external" if thing.external else "internal"
    return (
        visible(thing, user, asked)
        and thing.archived == bool(asked.get("archived"))
        and asked.get("type") in (None, thing.type)
        and asked.get("origin") in (None, origin)
        and (not asked.get("favorite") or user.id in thing.fans)
        and (not asked["free"] or any(mentions(thing, value) for value in asked["free"]))
        and all(any(has_field(thing, name, value) for value in values) for name, values in asked["fields"].items())
        and all(passes(thing, wanted) for wanted in asked.get("filters") or ())
    )


def order(things: list[Thing], asked: dict[str, Any], window: int) -> list[str]:
    """The ids in the order of the search."""
    newest = sorted(things, key=lambda thing: (thing.created, thing.id), reverse=True)
    sort = asked.get("sort_field")
    if sort is not None:
        keys: dict[str, Callable[[Thing], Any]] = {
            "created": lambda thing: thing.created,
            "name": lambda thing: thing.name,
            "type": lambda thing: thing.type,
        }
        key: Callable[[Thing], Any] = keys.get(sort, lambda thing: thing.size or 0)
        newest.sort(key=lambda thing: (key(thing), thing.id), reverse=asked.get("sort_order") == "desc")
    elif any(map(words, asked["free"])):
        complete = [thing for thing in newest if has_all_words(thing, asked["free"])]
        rest = [thing for thing in newest if not has_all_words(thing, asked["free"])]
        return [thing.id for tier in (complete, rest) for thing in by_relevance(tier, asked["free"], window)]
    return [thing.id for thing in newest]


def has_all_words(thing: Thing, free: list[str]) -> bool:
    return all(mentions(thing, value) for value in free if words(value))


def by_relevance(newest: list[Thing], free: list[str], window: int) -> list[Thing]:
    """Each window of the newest things, sorted by relevance."""
    windows = [newest[start : start + window] for start in range(0, len(newest), window)]
    return [thing for part in windows for thing in sorted(part, key=lambda thing: score(thing, free), reverse=True)]
