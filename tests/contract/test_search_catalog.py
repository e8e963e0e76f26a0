"""The data that searches are judged with: each order and each condition has an answer of its own there."""

from collections.abc import Iterator
from itertools import combinations

import pytest

from contract_tests.scenarios.search.catalog import Catalog, make_catalog
from contract_tests.scenarios.search.filters import ROWS, TOGETHER, TRAITS, Row, usable
from contract_tests.scenarios.search.items import FOUND, ITEMS
from contract_tests.scenarios.search.orders import FIELDS
from contract_tests.scenarios.search.words import RANKED
from mock_server import MockCodeOcean
from tests.contract import fake

KEYS = ("name", "description", "tags", "text", "number", "date", "many")


@pytest.fixture(scope="module")
def catalog(mock: MockCodeOcean) -> Iterator[Catalog]:
    with (
        fake.deployment(mock) as deployment,
        deployment.gate.running("test", "catalog"),
        make_catalog(deployment) as made,
    ):
        yield made


def test_no_two_orders_are_the_same_sequence(catalog: Catalog) -> None:
    orders = {(field, order): catalog.sorted_by(field, order) for field in FIELDS for order in ("asc", "desc")}
    for (one, keys), (other, others) in combinations(orders.items(), 2):
        assert keys != others, (one, other)


def test_every_order_has_ties(catalog: Catalog) -> None:
    for field in FIELDS:
        values = [getattr(catalog.rows[key], field) for key in FOUND]
        assert len(set(values)) < len(values), field


def test_what_is_compared_as_text_comes_in_another_order(catalog: Catalog) -> None:
    by_size = catalog.sorted_by("size", "asc")
    assert by_size != sorted(by_size, key=lambda key: str(catalog.rows[key].size))
    by_name = catalog.sorted_by("name", "asc")
    assert by_name != sorted(by_name, key=lambda key: ITEMS[key].name.casefold())
    numbers = [key for key in FOUND if "number" in ITEMS[key].values]
    assert sorted(numbers, key=lambda key: float(ITEMS[key].values["number"])) != sorted(
        numbers, key=lambda key: str(ITEMS[key].values["number"])
    )


def test_relevance_is_another_order_than_that_of_creation(catalog: Catalog) -> None:
    newest = catalog.sorted_by("created", "desc")
    different = [ranked for _, ranked in RANKED if list(ranked) != [key for key in newest if key in ranked]]
    reversed_too = [ranked for ranked in different if list(ranked) != [key for key in newest[::-1] if key in ranked]]
    assert len(reversed_too) > len(RANKED) / 2


def test_each_key_has_filters_of_every_form_that_find_something_and_not_all() -> None:
    for key in KEYS:
        mine = [row for row in ROWS if row.key == key and row.finds]
        forms = {form for row in mine for form in row.part}
        assert {"value", "values"} <= forms, key
        assert all(set(row.finds) < set(FOUND) for row in mine), key
    for key in ("number", "date"):
        ends = {
            tuple(sorted(row.part["range"])) for row in ROWS if row.key == key and "range" in row.part and row.finds
        }
        assert ends == {("max",), ("min",), ("max", "min")}, key


def test_no_two_filters_that_are_combined_find_the_same_or_nothing_together() -> None:
    for one, other in combinations(TOGETHER, 2):
        assert set(one.finds) != set(other.finds), (one, other)
    assert sum(bool({*one.finds} & {*other.finds}) for one, other in combinations(TOGETHER, 2)) > len(TOGETHER)


def test_no_two_conditions_of_different_fields_find_the_same() -> None:
    partial = [(trait, set(finds)) for trait, finds in TRAITS if finds and set(finds) != set(FOUND)]
    for (one, finds), (other, others) in combinations(partial, 2):
        assert finds != others, (one, other)


def test_the_same_text_is_found_elsewhere_by_another_key() -> None:
    """So that a filter that looks into another field is seen."""
    by_value: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in ROWS:
        if "value" in row.part:
            by_value.setdefault(str(row.part["value"]).casefold(), {})[row.key] = row.finds
    for text in ("mica", "basalt"):
        found = by_value[text]
        assert len(found) >= 3, text
        assert len(set(found.values())) == len(found), text


def test_a_deployment_without_a_field_for_a_kind_of_value_is_judged_by_the_rest(catalog: Catalog) -> None:
    poorer = Catalog(catalog.deployment, catalog.tag, catalog.rows, {"text": catalog.fields["text"]})
    rows: tuple[Row, ...] = ROWS
    assert {one["key"] for one, _ in usable(poorer, rows)} == {"name", "description", "tags", catalog.fields["text"]}
