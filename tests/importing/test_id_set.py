"""The set of ids that takes little memory."""

from sys import getsizeof

from hypothesis import given
from hypothesis.strategies import lists, text, tuples

from mock_server.importing.id_set import IdSet


@given(lists(tuples(text(max_size=3), text(max_size=3))))
def test_it_holds_what_a_set_of_pairs_holds(pairs: list[tuple[str, str]]) -> None:
    ids, known = IdSet(), set[tuple[str, str]]()
    for pair in pairs:
        assert (pair in ids) == (pair in known)
        assert ids.add(*pair) == (pair not in known)
        known.add(pair)


def test_it_grows_by_a_few_bytes_for_each() -> None:
    ids = IdSet()
    for number in range(50_000):
        assert ids.add("asset", str(number))
    assert all(("asset", str(number)) in ids for number in range(50_000))
    assert not any(("asset", str(number)) in ids for number in range(50_000, 60_000))
    assert getsizeof(ids._slots) < 40 * 50_000
