"""Ids and draws: the same for the same seed, and never twice."""

from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from mock_server.ids import Ids, random_seed

seeds = st.integers(0, 2**63 - 1)
bounds = st.floats(-(10.0**9), 10.0**9)


def numbers(ids: Ids, *parts: str, count: int = 20) -> list[float]:
    draws = ids.draws(*parts)
    return [draws.uniform(0, 1) for _ in range(count)]


@given(seeds, st.integers(0, 2**63))
def test_the_same_seed_gives_the_same_values(seed: int, number: int) -> None:
    assert Ids(seed).uuid(number) == Ids(seed).uuid(number)
    assert numbers(Ids(seed), "run", str(number)) == numbers(Ids(seed), "run", str(number))
    assert Ids(seed).digest("key") == Ids(seed).digest("key")


@given(seeds, seeds)
def test_another_seed_gives_other_values(one: int, other: int) -> None:
    if one != other:
        assert Ids(one).uuid(1) != Ids(other).uuid(1)
        assert numbers(Ids(one), "run") != numbers(Ids(other), "run")
        assert Ids(one).digest("key") != Ids(other).digest("key")


@given(seeds, st.integers(0, 2**63))
def test_an_id_is_a_version_4_uuid(seed: int, number: int) -> None:
    text = Ids(seed).uuid(number)
    key = UUID(text)
    assert (key.version, key.variant, str(key)) == (4, RFC_4122, text)


def test_no_id_is_given_twice() -> None:
    ids = Ids(7)
    assert len({ids.uuid(number) for number in range(10_000)}) == 10_000


def test_ids_do_not_depend_on_what_was_drawn_before() -> None:
    ids = Ids(7)
    ids.uuid(1)
    numbers(ids, "x")
    assert ids.uuid(2) == Ids(7).uuid(2)


@given(seeds, st.tuples(bounds, bounds).map(sorted))
def test_draws_are_in_their_range(seed: int, edges: list[float]) -> None:
    low, high = edges
    draws = Ids(seed).draws("x")
    for _ in range(20):
        assert low <= draws.uniform(low, high) <= high


def test_draws_do_not_repeat_and_fill_their_range() -> None:
    drawn = numbers(Ids(7), "x", count=10_000)
    assert len(set(drawn)) == len(drawn)
    assert 0.49 < sum(drawn) / len(drawn) < 0.51
    tenths = [sum(int(number * 10) == tenth for number in drawn) for tenth in range(10)]
    assert min(tenths) > 850
    assert sum(tenths) == len(drawn)


def test_draws_of_other_parts_are_others() -> None:
    ids = Ids(7)
    drawn = [numbers(ids, *parts)[0] for parts in (("a",), ("b",), ("a", "b"), ("ab",), ("b", "a"))]
    assert len(set(drawn)) == len(drawn)


def test_draws_do_not_disturb_each_other() -> None:
    ids = Ids(7)
    one, other = ids.draws("one"), ids.draws("other")
    mixed = [(one.uniform(0, 1), other.uniform(0, 1)) for _ in range(20)]
    assert mixed == list(zip(numbers(Ids(7), "one"), numbers(Ids(7), "other"), strict=True))


def test_digests_are_32_bytes() -> None:
    ids = Ids(7)
    digests = {ids.digest(), ids.digest("a"), ids.digest("a", "b"), ids.digest("ab"), ids.digest("é")}
    assert len(digests) == 5
    assert {len(digest) for digest in digests} == {32}


def test_fresh_seeds_fit_the_database_and_differ() -> None:
    drawn = {random_seed() for _ in range(100)}
    assert len(drawn) == 100
    assert all(0 <= seed < 2**63 for seed in drawn)
