"""Bytes of files: any range is a part of the same whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.domain.content import BLOCK, LINE, TEXT_SUFFIXES, Content, Generated, Text

LARGEST = 2 * BLOCK + 200

seeds = st.sampled_from(("a/image.tif", "a/table.csv", "noise", "a/é.txt"))
near_blocks = st.sampled_from((0, BLOCK, 2 * BLOCK)).flatmap(lambda edge: st.integers(max(0, edge - 70), edge + 70))
positions = st.integers(0, LARGEST) | near_blocks | st.integers(0, 200)


def read(content: Content, start: int, stop: int) -> bytes:
    return b"".join(content.read(start, stop))


@given(seeds, positions, positions, positions)
@settings(max_examples=200, deadline=None)
def test_any_range_is_a_slice_of_the_whole(seed: str, size: int, start: int, stop: int) -> None:
    content = Generated(seed, size)
    whole = read(content, 0, size)
    assert len(whole) == size
    assert read(content, start, stop) == whole[start:stop]


@given(seeds, st.integers(0, 2**53))
@settings(max_examples=50, deadline=None)
def test_a_file_of_any_size_is_read_at_its_end(seed: str, size: int) -> None:
    content = Generated(seed, size)
    start = max(0, size - 100)
    assert len(read(content, start, size)) == size - start
    assert read(content, start, size + 1000) == read(content, start, size)
    assert read(content, size, size + 1) == b""


@given(seeds, st.integers(0, 300), st.integers(0, 300))
@settings(max_examples=50, deadline=None)
def test_a_shorter_file_of_the_same_seed_begins_alike(seed: str, one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert read(Generated(seed, longer), 0, longer)[:shorter] == read(Generated(seed, shorter), 0, shorter)


def test_pieces_are_no_larger_than_a_block() -> None:
    pieces = list(Generated("x", 3 * BLOCK).read(10, 3 * BLOCK))
    assert [len(piece) for piece in pieces] == [BLOCK - 10, BLOCK, BLOCK]
    assert len(set(pieces)) == 3


def test_blocks_are_read_only_when_asked_for() -> None:
    assert len(next(Generated("x", 2**53).read(0, 2**53))) == BLOCK


@pytest.mark.parametrize("suffix", [*sorted(TEXT_SUFFIXES), ".CSV"])
def test_text_has_lines_of_the_same_length(suffix: str) -> None:
    size = BLOCK + 10 * LINE
    text = read(Generated(f"asset/reads{suffix}", size), 0, size).decode("ascii")
    lines = text.split("\n")
    assert lines.pop() == ""
    assert len(lines) == size // LINE
    assert {len(line) for line in lines} == {LINE - 1}
    assert len(set(lines)) == len(lines)
    assert text.replace("\n", "").isalnum()


@pytest.mark.parametrize("seed", ["asset/image.tif", "asset/reads.fastq.gz", "asset/noise", "a.csv/noise"])
def test_other_files_are_noise(seed: str) -> None:
    assert len(set(read(Generated(seed, BLOCK), 0, BLOCK))) == 256


def test_other_seeds_give_other_bytes() -> None:
    assert read(Generated("a", 100), 0, 100) != read(Generated("b", 100), 0, 100)


def test_an_etag_stands_for_the_bytes() -> None:
    etags = {
        content.etag for content in (Generated("a", 1), Generated("a", 2), Generated("b", 1), Text("a"), Text("b"))
    }
    assert len(etags) == 5
    assert Generated("a", 1).etag == Generated("a", 1).etag
    assert Text("").etag == "d41d8cd98f00b204e9800998ecf8427e"


def test_text_is_counted_and_cut_in_bytes() -> None:
    text = Text("aé😀\n")
    assert text.size == 1 + 2 + 4 + 1
    assert read(text, 0, text.size) == "aé😀\n".encode()
    assert read(text, 1, 3) == "é".encode()
    assert read(text, 4, 6) == "😀".encode()[1:3]
    assert read(text, 7, 1000) == b"\n"


@given(st.text(max_size=30), st.integers(0, 100), st.integers(0, 100))
def test_any_range_of_text_is_a_slice_of_its_bytes(text: str, start: int, stop: int) -> None:
    content = Text(text)
    assert content.size == len(text.encode())
    assert read(content, start, stop) == text.encode()[start:stop]
