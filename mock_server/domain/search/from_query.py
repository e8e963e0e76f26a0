"""A query as conditions: of the words and phrases without a field one has to match, as clients of the service have
observed, and of the values of each field one.
"""

from typing import NamedTuple

from mock_server.domain.search.conditions import TEXT_FIELDS, All, AnyOf, Condition, Is, Mentions, NameContains, Not
from mock_server.domain.search.query import Query
from mock_server.domain.search.text import Phrase, fold, phrase, words_in

EXACT = ("id", "tag", "doi", "run_script", "commit_id", "contained_data_id")
"""Fields whose whole value has to match."""

ATTACHED = "attached"
"""The trait of capsules and pipelines that holds the ids of their data assets."""

LONGEST_PART = 20
"""The maximum number of characters of a part of a name. A longer text matches names by whole words."""


class QueryConditions(NamedTuple):
    """The conditions of a query: those of the words and phrases without a field, and those of the fields."""

    free: tuple[Condition, ...]
    fields: tuple[Condition, ...]
    phrases: tuple[Phrase, ...]
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
    to; with `short_names` a term longer than `LONGEST_PART` finds no name, as a client of the service has observed.
    """
    phrases = {fold(value): phrase(value) for value in query.free}
    # What has neither a letter nor a digit finds nothing, and matters only when there is nothing else.
    free = {value: found for value, found in phrases.items() if found.words} or phrases
    return QueryConditions(
        free=tuple(_free(value, found, attached) for value, found in free.items()),
        fields=tuple(_field(name, values, short_names) for name, values in query.fields.items()),
        phrases=tuple(found for found in free.values() if found.words),
    )


def in_name(text: str) -> Condition:
    """The name contains a folded text: a short one anywhere, a long one as whole words. So the full name of an object
    does not find what was derived from it, as users of the service have observed.
    """
    return NameContains(text) if len(text) <= LONGEST_PART else Mentions(phrase(text), ("name",))


def _free(value: str, found: Phrase, attached: bool) -> Condition:
    mentioned = Mentions(found, TEXT_FIELDS)
    return AnyOf((mentioned, Is(ATTACHED, (value,)))) if attached else mentioned


def _field(name: str, values: tuple[str, ...], short_names: bool) -> Condition:
    texts = tuple(map(fold, values))
    if name in EXACT:
        return Is(name, texts)
    if name == "name":
        return AnyOf(tuple(in_name(text) for text in texts if len(text) <= LONGEST_PART or not short_names))
    return AnyOf(tuple(Mentions(Phrase(words_in(name, value), ()), ("more",)) for value in values))
