"""Trees of files: listing, finding, cutting out and storing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from mock_server.domain.content import Generated, Text
from mock_server.domain.files import LARGEST, Entry, FileTree, Item
from mock_server.domain.generated_folders import SimulatedFolder

TREE = FileTree(
    (
        Entry("b.txt", Text("é")),
        Entry("a/deep/one.csv", Generated("s/one.csv", 70)),
        Entry("a/two.bin", Generated("s/two.bin", 5)),
        Entry("ab/three.txt", Text("three")),
        Entry("c/many", SimulatedFolder("many", 150, 10_001)),
    )
)

# Names that begin alike, and some that sort before and behind the slash.
names = st.sampled_from(("a", "ab", "a.b", "a-", "a b", "B", "é", ".x", "0"))
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
contents = st.text(max_size=5).map(Text) | st.builds(Generated, st.just("g/x.bin"), st.integers(0, 2**53))
folders = st.builds(SimulatedFolder, st.sampled_from(("x", "y")), st.integers(1, 250), st.integers(0, 2**53))


def clashes(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")


@st.composite
def trees(draw: st.DrawFn, *, simulated: bool = False) -> FileTree:
    """A tree in which no path is a file and a folder at once."""
    kept: list[str] = []
    for path in draw(st.lists(paths, max_size=12)):
        if not any(clashes(path, other) for other in kept):
            kept.append(path)
    sources = contents | folders if simulated else contents
    return FileTree(tuple(Entry(path, draw(sources)) for path in kept))


def walk(tree: FileTree, folder: str = "") -> tuple[dict[str, int], set[str]]:
    """All files with their sizes, and all folders, as listings tell of them."""
    files: dict[str, int] = {}
    below: set[str] = set()
    for item in tree.listing(folder) or []:
        assert item.path == f"{folder}/{item.name}".lstrip("/")
        if item.size is None:
            more_files, more_folders = walk(tree, item.path)
            assert more_files
            files |= more_files
            below |= {item.path} | more_folders
        else:
            files[item.path] = item.size
    return files, below


def names_and_sizes(items: list[Item] | None) -> list[tuple[str, int | None]]:
    assert items is not None
    return [(item.name, item.size) for item in items]


def test_a_listing_shows_one_level_by_name() -> None:
    assert TREE.listing("") == [
        Item("a", "a", None),
        Item("ab", "ab", None),
        Item("b.txt", "b.txt", 2),
        Item("c", "c", None),
    ]
    assert TREE.listing("a") == [Item("deep", "a/deep", None), Item("two.bin", "a/two.bin", 5)]
    assert TREE.listing("c") == [Item("many", "c/many", None)]
    assert len(TREE.listing("c/many") or []) == 2


@pytest.mark.parametrize(
    ("done", "of", "names"),
    [(0, 3, []), (1, 3, ["a", "b.txt"]), (2, 3, ["a", "ab", "b.txt"]), (3, 3, ["a", "ab", "b.txt", "c"])],
)
def test_a_part_of_a_tree_is_what_is_at_the_first_names_of_its_root(done: int, of: int, names: list[str]) -> None:
    part = TREE.part(done, of)
    assert [item.name for item in part.listing("") or []] == names
    assert all(part.listing(name) == TREE.listing(name) for name in names)


def test_files_and_bytes_are_counted() -> None:
    assert (TREE.files, TREE.size) == (4 + 150, 2 + 70 + 5 + 5 + 10_001)


def test_a_tree_without_files() -> None:
    empty = FileTree()
    assert (empty.files, empty.size, empty.listing("")) == (0, 0, [])
    assert empty.under("") == empty
    assert empty.under("a") is None


@pytest.mark.parametrize("path", ["x", "a/x", "a/deep/one.csv/x", "b", "b.txt/x", "ab/three", "c/many/x", "c/man"])
def test_what_is_not_there_gives_none(path: str) -> None:
    assert TREE.listing(path) is None
    assert TREE.find(path) is None
    assert TREE.under(path) is None


def test_a_file_has_no_listing_and_a_folder_no_content() -> None:
    assert TREE.listing("b.txt") is None
    assert TREE.find("") is None
    assert TREE.find("a") is None
    assert TREE.find("c/many") is None


def test_one_file_can_be_cut_out() -> None:
    cut = TREE.under("a/deep/one.csv")
    assert cut == FileTree((Entry("one.csv", Generated("s/one.csv", 70)),))


def test_a_simulated_folder_is_cut_out_at_any_level() -> None:
    folder, *_ = TREE.listing("c/many") or []
    for path in ("c", "c/many", folder.path):
        cut = TREE.under(path)
        assert cut is not None
        assert names_and_sizes(cut.listing("")) == names_and_sizes(TREE.listing(path))
    file, *_ = TREE.listing(folder.path) or []
    cut = TREE.under(file.path)
    assert cut is not None
    assert cut.listing("") == [Item(file.name, file.name, file.size)]
    assert cut.find(file.name) == TREE.find(file.path)


@given(trees())
def test_walking_finds_exactly_the_files(tree: FileTree) -> None:
    files, _ = walk(tree)
    assert files == {entry.path: entry.source.size for entry in tree.entries}
    for entry in tree.entries:
        assert tree.find(entry.path) == entry.source


@given(trees(simulated=True))
@settings(max_examples=40, deadline=None)
def test_listings_agree_with_what_is_found(tree: FileTree) -> None:
    files, below = walk(tree)
    assert (len(files), sum(files.values())) == (tree.files, tree.size)
    for path, size in files.items():
        content = tree.find(path)
        assert content is not None
        assert content.size == size
        assert tree.listing(path) is None
    for path in below:
        assert tree.find(path) is None


@given(trees(simulated=True))
@settings(max_examples=60, deadline=None)
def test_a_folder_that_is_cut_out_lists_the_same(tree: FileTree) -> None:
    assert tree.under("") == tree
    files, below = walk(tree)
    for folder in below:
        cut = tree.under(folder)
        assert cut is not None
        assert names_and_sizes(cut.listing("")) == names_and_sizes(tree.listing(folder))
        assert walk(cut)[0] == {
            path[len(folder) + 1 :]: size for path, size in files.items() if path.startswith(folder + "/")
        }


@given(trees(simulated=True), paths)
@settings(max_examples=60, deadline=None)
def test_no_path_is_there_that_no_listing_shows(tree: FileTree, path: str) -> None:
    files, below = walk(tree)
    assert (tree.listing(path) is not None) == (path in below)
    assert (tree.find(path) is not None) == (path in files)
    assert (tree.under(path) is not None) == (path in files or path in below)


@given(trees(simulated=True))
def test_a_stored_tree_is_the_same(tree: FileTree) -> None:
    assert FileTree.from_json(from_json(to_json(tree.to_json()))) == tree


def test_files_and_bytes_beyond_64_bits_are_the_most_that_these_count() -> None:
    many = FileTree(tuple(Entry(f"d{n}", SimulatedFolder("x", 2**53, 2**53)) for n in range(1100)))
    assert (many.files, many.size) == (LARGEST, LARGEST) == (2**63 - 1, 2**63 - 1)
