"""The entry of each data asset, capsule and pipeline in the search index, made from its row.

`doc` is the number of an object in the index; the order of these numbers is that of the seconds of creation, then of
the ids. `facets` holds the object's traits as tokens, `numbers` those of its custom metadata with their keys. The lines
`name_words` and so on are what `domain.search.text.line` returns.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from mock_server.domain.access import EVERYONE
from mock_server.domain.search.text import fold, line, plain, words, words_in, words_of_name
from mock_server.store.columns import Key, Unique, columns

SORTED_BY = ("name", "type", "size", "last_accessed")
"""The columns that a search can sort by, beside the time of creation."""


@dataclass
class Entry:
    """An entry. None means that a column does not apply to objects of that kind."""

    doc: Key[int]
    id: Unique[str]
    kind: str
    created: int
    name: str
    type: str | None
    size: int | None
    last_accessed: int | None
    folded_name: str
    name_words: str
    tags_words: str
    description_words: str
    more_words: str
    facets: str
    numbers: str


COLUMNS = tuple(columns(Entry))


@dataclass(slots=True)
class Shared:
    """Whom an object is shared with, and whose favourite it is: subjects and user ids."""

    subjects: list[str]
    fans: list[str]


@lru_cache(maxsize=16_384)
def facet(trait: str, value: str) -> str:
    """The token for one trait of an object with one value."""
    return "f" + blake2b(f"{trait}\0{value}".encode(), digest_size=7).hexdigest()


def metadata_trait(key: str) -> str:
    """The name of the trait that is a custom metadata field."""
    return f"metadata:{key}"


def listing(kind: str, *, archived: bool) -> str:
    """The value of the trait that says which list an object is in."""
    return f"{'archived' if archived else 'active'} {kind}"


def listed_for(which: str, subject: str) -> str:
    """The value of the trait that says who sees an object in which list. It is one trait, as nearly every search needs
    both, and intersecting two long lists takes longer than reading one.
    """
    return f"{which} for {subject}"


def owning(user_id: str) -> str:
    """The subject that is the owner of an object, beside those that it is shared with."""
    return f"owner:{user_id}"


def of_data_asset(row: Mapping[str, Any], shared: Shared) -> dict[str, Any]:
    """The entry of a data asset, all but its `doc`; `row` holds the columns as they are stored."""
    more = json.loads(row["more"])
    tags = json.loads(row["tags"])
    metadata: dict[str, Any] = more.get("custom_metadata") or {}
    values = [(key, one) for key, value in metadata.items() for one in (value if isinstance(value, list) else [value])]
    numbers = [(key, one) for key, one in values if isinstance(one, int | float) and not isinstance(one, bool)]
    provenance = more.get("provenance") or {}
    traits = [
        ("type", row["type"]),
        ("origin", "external" if row["external"] else "internal"),
        *(("run_script", fold(value)) for value in _given(provenance.get("run_script"))),
        *(("commit_id", fold(value)) for value in _given(provenance.get("commit"))),
        *(("contained_data_id", fold(part["id"])) for part in more.get("contained_data_assets") or ()),
        *(("made_from", fold(key)) for key in _origins(more)),
        *((metadata_trait(key), plain(one)) for key, one in values),
    ]
    found = _common(row, "data_asset", tags, traits, shared)
    found["type"] = row["type"]
    found["size"] = row["size"] or 0
    found["more_words"] = line(words(plain(one)) for _, one in values)
    found["numbers"] = json.dumps(numbers)
    return found


def of_capsule(row: Mapping[str, Any], shared: Shared) -> dict[str, Any]:
    """The entry of a capsule or pipeline, all but its `doc`."""
    more = json.loads(row["more"])
    article: dict[str, Any] = more.get("article") or {}
    authors = more.get("authors") or []
    texts = {
        "field": [more.get("field")],
        "journal": [article.get("journal_name"), article.get("journal")],
        "article": [article.get("name"), article.get("citation")],
        "author": [author.get("name") for author in authors],
        "affiliation": [author.get("affiliation") for author in authors],
    }
    dois = [article.get("doi"), *(version.get("doi") for version in more.get("versions") or ())]
    traits = [
        ("status", row["status"]),
        ("id", fold(row["id"])),
        *(("doi", fold(value)) for value in dois if value),
        *(("attached", fold(mount["id"])) for mount in json.loads(row["attached"])),
    ]
    found = _common(row, row["kind"], json.loads(row["tags"]), traits, shared)
    found["last_accessed"] = int(row["last_accessed"] or 0)
    lines = [(field, text) for field, values in texts.items() for text in _given(*values)]
    found["more_words"] = line([*(words(text) for _, text in lines), *(words_in(field, text) for field, text in lines)])
    return found


def _common(
    row: Mapping[str, Any], kind: str, tags: list[str], traits: list[tuple[str, str]], shared: Shared
) -> dict[str, Any]:
    list_ = listing(kind, archived=bool(row["archived"]))
    all_traits = [
        ("listing", list_),
        *(("listed_for", listed_for(list_, subject)) for subject in _audience(row["owner"], shared)),
        ("owner", row["owner"]),
        *(("shared", "yes") for _ in shared.subjects[:1]),
        *(("favorite_of", user) for user in shared.fans),
        *(("tag", fold(tag)) for tag in tags),
        *traits,
    ]
    tokens = dict.fromkeys(facet(*trait) for trait in all_traits)
    return {
        "id": row["id"],
        "kind": kind,
        "created": int(row["created"]),
        "name": row["name"],
        "type": None,
        "size": None,
        "last_accessed": None,
        "folded_name": fold(row["name"]),
        "name_words": line([words_of_name(row["name"])]),
        "tags_words": line(map(words, tags)),
        "description_words": line([words(row["description"] or "")]),
        "more_words": "",
        "facets": f" {' '.join(tokens)} ",
        "numbers": "[]",
    }


def _audience(owner: str, shared: Shared) -> list[str]:
    """The subjects that see an object, without those that everyone includes: shorter lists are read in less time."""
    return [EVERYONE] if EVERYONE in shared.subjects else [owning(owner), *shared.subjects]


def _origins(more: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the run and the data assets that a data asset was made from, and of those that it combines."""
    provenance = more.get("provenance") or {}
    yield from _given(provenance.get("computation"), *(provenance.get("data_assets") or ()))
    yield from _given(*(part["id"] for part in more.get("contained_data_assets") or ()))


def _given(*values: Any) -> Iterator[str]:
    """Those of the values that are non-empty texts; seed files may contain anything."""
    return (value for value in values if isinstance(value, str) and value)
