"""Secret values never appear in a log, wherever it is cut."""

from hypothesis import given
from hypothesis import strategies as st

from mock_server.runner.masking import MASK, Mask

LETTERS = st.text("abc", min_size=4, max_size=9)


@given(st.lists(LETTERS, max_size=3), st.lists(st.text("abc", max_size=8), max_size=12))
def test_a_log_in_pieces_is_masked_as_a_whole_one(values: list[str], pieces: list[str]) -> None:
    mask = Mask(values)
    shown = b"".join(mask.feed(piece.encode()) for piece in pieces) + mask.rest()
    assert shown == Mask(values).all_of("".join(pieces).encode())
    assert not any(value.encode() in part for value in values for part in shown.split(MASK))


@given(st.lists(LETTERS, min_size=1, max_size=3), st.text("abc", max_size=20))
def test_a_line_that_has_ended_is_not_held_back(values: list[str], line: str) -> None:
    mask = Mask(values)
    assert mask.feed(f"{line}\n".encode()).endswith(b"\n")
    assert mask.rest() == b""
