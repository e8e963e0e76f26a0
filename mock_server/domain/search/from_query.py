"""A query as conditions: of the words and phrases without a field one has to match, as clients of the service have
observed, and of the values of each field one.
"""

from typing import NamedTuple

from mock_server.domain.search.conditions import TEXT_FIELDS, All, AnyOf, Condition, Is, Mentions, NameContains, Not
from mock_server.domain.search.query import Query
from mock_server.domain.search.text import fold, words, words_in

EXACT = ("id", "tag", "doi", "run_script", "commit_id", "contained_data_id")
"""Fields whose whole value has to match."""

ATTACHED = "attached"
"""The trait of capsules and pipelines that holds the ids of their data assets."""

LONGEST_NAME = 20
"""The service finds no name by a longer term (observed by a client, which truncates its terms)."""


class QueryConditions(NamedTuple):
    """The conditions of a query: those of the words and phrases without a field, and those of the fields."""

    free: tuple[Condition, ...]
    fields: tuple[Condition, ...]
    phrases: tuple[tuple[str, ...], ...]
    """What relevance goes by: the words and phrases without a field."""

    def all(self, others: tuple[Condition, ...]) -> All:
        """What objects have to fulfil, `others` included."""
        return All((*((AnyOf(self.free),) if self.free else ()), *self.fields, *others))

    def tiers(self, others: tuple[Condition, ...]) -> tuple[All, ...]:
        """The same in the order of relevance: first the objects that have every word, then those that have not."""
        if len(self.phrases) < 2:
            return (self.all(others),)
        return All((*self.free, *self.fields, *others)), self.all((Not(All(self.free)), *others))


def conditions(query: Query, *, attached: bool, short_names: bool = False) -> QueryConditions:
    """The conditions of `query`. With `attached` a word that is the id of a data asset also finds what that is attached
    to; with `short_names` a term longer than `LONGEST_NAME` finds no name.
    """
    values = dict.fromkeys(map(fold, query.free))
    # What has neither a letter nor a digit finds nothing, and matters only when there is nothing else.
    free = [value for value in values if words(value)] or list(values)
    return QueryConditions(
        free=tuple(_free(value, attached) for value in free),
        fields=tuple(_field(name, values, short_names) for name, values in query.fields.items()),
        phrases=tuple(filter(None, map(words, free))),
    )


def _free(value: str, attached: bool) -> Condition:
    mentioned = Mentions(words(value), TEXT_FIELDS)
    return AnyOf((mentioned, Is(ATTACHED, (value,)))) if attached else mentioned


def _field(name: str, values: tuple[str, ...], short_names: bool) -> Condition:
    if name in EXACT:
        return Is(name, tuple(map(fold, values)))
    if name == "name":
        known = (value for value in values if len(value) <= LONGEST_NAME or not short_names)
        return AnyOf(tuple(NameContains(fold(value)) for value in known))
    return AnyOf(tuple(Mentions(words_in(name, value), ("more",)) for value in values))
