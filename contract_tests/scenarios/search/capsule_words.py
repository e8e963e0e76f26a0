"""Words of capsules and pipelines, which the API cannot make: what a search finds is worked out from what is there."""

from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import expect
from contract_tests.scenarios.search.collection import Collection, Rows, judge_each

LONGEST_PART = 20
"""Characters up to which a text is found anywhere in a name."""

ROWS = 6
"""Capsules whose words are looked for."""

WEIGHTS = (("name", 8), ("tags", 4), ("description", 2))
"""What a word counts in each text; elsewhere 1."""

WORDS = 8
"""Words that are looked for, beside ids."""


@check("search_capsules", "search_pipelines", full=True)
def words_of_capsules(deployment: Deployment) -> None:
    """Words of capsules and pipelines are found in the fields that they stand in, and in no other, the most relevant
    first; filters find them and exclude them.
    """
    judge_each(deployment, _check_words, _check_filters)


def _check_words(collection: Collection) -> None:
    rows = collection.rows()
    for word in _some_words(rows):
        _check_word(collection, rows, word)
    for one, other in combinations(_some_words(rows)[:3], 2):
        either = {*collection.ids(query=f'"{one}"'), *collection.ids(query=f'"{other}"')}
        collection.expect_found(either, "search.query.words", query=f'"{one}" "{other}"')
        both = {*collection.ids(query=f'name:"{one}"')} & {*collection.ids(query=f'"{other}"')}
        collection.expect_found(both, "search.query.words_and_fields", query=f'"{other}" name:"{one}"')


def _some_words(rows: Rows) -> list[str]:
    """Words, tags, ids and DOIs of some rows, every other one in capitals."""
    found: list[str] = []
    for row in rows[:ROWS]:
        for text in (row["name"], row.get("description") or "", row.get("field") or "", *(row.get("tags") or ())):
            words = _words(text)
            found += [words[0], max(words, key=len)] if words else []
    few = list(dict.fromkeys(found))
    few = few[:: max(1, len(few) // WORDS)]
    whole = [rows[0]["id"], rows[-1]["slug"], *[doi for row in rows for doi in _dois(row)][:1]]
    return [word.upper() if number % 2 else word for number, word in enumerate(dict.fromkeys([*few, *whole]))]


def _check_word(collection: Collection, rows: Rows, word: str) -> None:
    folded = word.casefold()
    actual, expected = collection.ids(query=f'"{word}"'), _ranked(rows, folded)
    if actual != expected:
        # Authors are found too, and are not shown.
        written_by = {*collection.ids(query=f'author:"{word}"'), *collection.ids(query=f'affiliation:"{word}"')}
        expected = _ranked(rows, folded, written_by)
    given = f"a search for {collection.kind}s with {word} gives {actual}, not {expected}"
    expect(actual == expected, given, "search.query.words", "search.order.relevance")
    for name, matches in _FIELDS.items():
        having = [row["id"] for row in rows if matches(row, folded)]
        rule = _rule(name, word) if having else "search.field.only_its_own"
        collection.expect_found(having, rule, query=f'{name}:"{word}"')


def _rule(field: str, word: str) -> str:
    """The rule that says what a field finds."""
    if field == "name":
        return "search.name.inside" if len(word) <= LONGEST_PART else "search.name.long"
    return "search.field.whole_value" if field in ("tag", "id", "doi") else "search.field.texts"


def _ranked(rows: Rows, word: str, written_by: Iterable[str] = ()) -> list[str]:
    """The ids of what a word finds, the most relevant first, of equal ones the newest; `written_by` are those whose
    authors it finds.
    """
    scores = {row["id"]: _score(row, word, row["id"] in written_by) for row in rows}

    def rank(row: dict[str, Any]) -> tuple[int, int, str]:
        return scores[row["id"]], row["created"], row["id"]

    return [row["id"] for row in sorted(rows, key=rank, reverse=True) if scores[row["id"]]]


def _check_filters(collection: Collection) -> None:
    rows = collection.rows()
    every = {row["id"] for row in rows}
    for word in _some_words(rows)[:6:2]:
        for key, name in (("name", "name"), ("tags", "tag"), ("description", "description")):
            matches = _mentions if key == "description" else _FIELDS[name]
            having = {row["id"] for row in rows if matches(row, word.casefold())}
            one = {"key": key, "value": word}
            collection.expect_found(having, f"search.filter.{key}", filters=[one])
            several = {"key": key, "values": ["nosuchword", word]}
            collection.expect_found(having, "search.filter.values", filters=[several])
            collection.expect_found(every - having, "search.filter.exclude", filters=[one | {"exclude": True}])
    for rule, wrong in (
        ("filter.undeclared", {"key": "field", "value": "x"}),
        ("refused.filter_form", {"key": "name"}),
        ("refused.range_of_text", {"key": "tags", "range": {"min": 1}}),
    ):
        collection.expect_refused({"filters": [wrong]}, f"the filter {wrong}", f"search.{rule}")


def _words(text: str) -> list[str]:
    return "".join(character if character.isalnum() else " " for character in text.casefold()).split()


def _follow(text: str | None, phrase: str) -> bool:
    """Whether the words of a phrase are words of a text, one behind the other."""
    return f" {' '.join(_words(phrase))} " in f" {' '.join(_words(text or ''))} "


def _name_words(name: str) -> list[str]:
    return "".join(one if one.isalnum() or one in "-_" else " " for one in name.casefold()).split()


def _dois(row: dict[str, Any]) -> list[str]:
    texts = [(row.get("article") or {}).get("doi"), *(version.get("doi") for version in row.get("versions") or ())]
    return [text for text in texts if text]


def _article(row: dict[str, Any], *names: str) -> list[str]:
    article = row.get("article") or {}
    return [article[name] for name in names if isinstance(article.get(name), str)]


def _mentions(row: dict[str, Any], word: str) -> bool:
    """Whether the description has a word."""
    return _follow(row.get("description"), word)


_FIELDS: dict[str, Callable[[dict[str, Any], str], bool]] = {
    "name": lambda row, word: (
        word in row["name"].casefold() if len(word) <= LONGEST_PART else _follow_in_name(row["name"], word)
    ),
    "tag": lambda row, word: word in [tag.casefold() for tag in row.get("tags") or ()],
    "id": lambda row, word: word == row["id"].casefold(),
    "doi": lambda row, word: word in [doi.casefold() for doi in _dois(row)],
    "field": lambda row, word: _follow(row.get("field"), word),
    "journal": lambda row, word: any(_follow(text, word) for text in _article(row, "journal_name", "journal")),
    "article": lambda row, word: any(_follow(text, word) for text in _article(row, "name", "citation")),
}
"""Whether a row has a word in a field of the search language."""


def _follow_in_name(name: str, phrase: str) -> bool:
    return f" {' '.join(_name_words(phrase))} " in f" {' '.join(_name_words(name))} "


def _score(row: dict[str, Any], word: str, written_by: bool) -> int:
    """The relevance of a row for one word or phrase; 0 when it does not match."""
    names, phrase = _name_words(row["name"]), _name_words(word)
    begins = len(phrase) == 1 and len(phrase[0]) <= LONGEST_PART and any(one.startswith(phrase[0]) for one in names)
    texts = {
        "name": begins or _follow_in_name(row["name"], word),
        "tags": any(_follow(tag, word) for tag in row.get("tags") or ()),
        "description": _mentions(row, word),
    }
    more = written_by or any(_FIELDS[name](row, word) for name in ("field", "journal", "article"))
    return sum(weight for text, weight in WEIGHTS if texts[text]) + more
