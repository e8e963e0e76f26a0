"""The ring of requests."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.journal import Journal, Record


def record(number: int) -> Record:
    return Record(
        time=float(number),
        real=float(number),
        took=0.0,
        method="GET",
        path=b"/",
        query=b"",
        headers=[],
        body=b"",
        operation=None,
        keys=(),
        caller=None,
        status=200,
        outcome=200,
        fault=None,
        answer=b"",
        answer_headers=[],
    )


@given(st.integers(0, 5), st.integers(0, 12), st.integers(0, 12) | st.integers())
def test_it_keeps_the_newest(size: int, noted: int, after: int) -> None:
    journal = Journal(size)
    everything = [(number, record(number)) for number in range(1, noted + 1)]
    for _, one in everything:
        journal.note(one)
    kept = everything[max(0, noted - size) :]
    assert journal.records() == kept
    assert journal.records(after) == [(number, one) for number, one in kept if number > after]
    assert (journal.last, journal.dropped) == (noted, noted - len(kept))
    assert journal.keeps == (size > 0)


def test_it_counts_from_one_again_once_it_is_cleared() -> None:
    journal = Journal(2)
    for number in range(5):
        journal.note(record(number))
    journal.clear()
    assert (journal.records(), journal.last, journal.dropped) == ([], 0, 0)
    journal.note(record(7))
    assert journal.records() == [(1, record(7))]


def test_all_who_wait_are_woken_once() -> None:
    async def waiting() -> None:
        journal = Journal(0)
        woken = [journal.changed() for _ in range(3)]
        woken[1].cancel()
        journal.note(record(1))
        await asyncio.gather(woken[0], woken[2])
        later = journal.changed()
        assert not later.done()
        journal.clear()
        await later

    asyncio.run(waiting())
