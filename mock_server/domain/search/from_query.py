"""A query as conditions: all terms have to match, of one field's values any one."""

from mock_server.domain.search.conditions import TEXT_FIELDS, All, AnyOf, Condition, Is, Mentions, NameContains
from mock_server.domain.search.query import Query
from mock_server.domain.search.text import fold, words, words_in

EXACT = ("id", "tag", "doi", "run_script", "commit_id", "contained_data_id")
"""Fields whose whole value has to match."""

ATTACHED = "attached"
"""The trait of capsules and pipelines that holds the ids of their data assets."""

LONGEST_NAME = 20
"""The service finds no name by a longer term (observed by a client, which truncates its terms)."""


def conditions(query: Query, *, attached: bool, short_names: bool = False) -> All:
    """The conditions of `query`. With `attached` a word that is the id of a data asset also finds what that is attached
    to; with `short_names` a term longer than `LONGEST_NAME` finds no name.
    """
    free = (_free(value, attached) for value in query.free)
    return All((*free, *(_field(name, values, short_names) for name, values in query.fields.items())))


def phrases(query: Query) -> tuple[tuple[str, ...], ...]:
    """What relevance goes by: the words and phrases without a field."""
    return tuple(found for value in query.free if (found := words(value)))


def _free(value: str, attached: bool) -> Condition:
    mentioned = Mentions(words(value), TEXT_FIELDS)
    return AnyOf((mentioned, Is(ATTACHED, (fold(value),)))) if attached else mentioned


def _field(name: str, values: tuple[str, ...], short_names: bool) -> Condition:
    if name in EXACT:
        return Is(name, tuple(map(fold, values)))
    if name == "name":
        known = (value for value in values if len(value) <= LONGEST_NAME or not short_names)
        return AnyOf(tuple(NameContains(fold(value)) for value in known))
    return AnyOf(tuple(Mentions(words_in(name, value), ("more",)) for value in values))
