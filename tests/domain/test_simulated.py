"""Simulated folders: counts and bytes add up, and what is listed is there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.domain.content import Generated
from mock_server.domain.generated_folders import FANOUT, Node, SimulatedFolder, of_bucket

MANY = 10**9
LARGE = 2**53

seeds = st.text(max_size=10)
folders = st.builds(SimulatedFolder, seeds, st.integers(1, MANY), st.integers(0, LARGE))
choices = st.lists(st.integers(0, FANOUT - 1), min_size=5, max_size=5)


def whole(folder: SimulatedFolder, path: str = "") -> dict[str, int]:
    """All files below `path`, with the sizes that are listed."""
    here = folder.folder(path)
    assert here is not None
    files: dict[str, int] = {}
    for node in here.children():
        inside = f"{path}/{node.name}" if path else node.name
        files |= whole(folder, inside) if node.folder else {inside: node.size}
    return files


def check_level(folder: SimulatedFolder) -> list[Node]:
    nodes = folder.children()
    assert 0 < len(nodes) <= FANOUT
    assert sum(node.files for node in nodes) == folder.files
    assert sum(node.size for node in nodes) == folder.size
    assert all(node.files > 0 and node.size >= 0 for node in nodes)
    assert all(node.files == 1 for node in nodes if not node.folder)
    assert [node.name for node in nodes] == sorted({node.name for node in nodes})
    return nodes


@given(folders, choices)
@settings(max_examples=200, deadline=None)
def test_counts_and_bytes_add_up_at_every_level(folder: SimulatedFolder, choice: list[int]) -> None:
    here: SimulatedFolder | None = folder
    path = ""
    for number in choice:
        assert here is not None
        nodes = check_level(here)
        node = nodes[number % len(nodes)]
        assert here.child(node.name) == node
        path = f"{path}/{node.name}".lstrip("/")
        if not node.folder:
            break
        here = folder.folder(path)
        assert here is not None
        assert (here.files, here.size) == (node.files, node.size)
        assert folder.file(path) is None
    else:
        pytest.fail("a thousand million files fit into five levels")
    content = folder.file(path)
    assert content is not None
    assert content.size == node.size
    assert folder.folder(path) is None


@pytest.mark.parametrize("files", [1, 2, 99, 100, 101, 199, 200, 201, 1_234, 10_001])
def test_every_listed_file_is_found(files: int) -> None:
    folder = SimulatedFolder("asset", files, 7 * files + 3)
    listed = whole(folder)
    assert (len(listed), sum(listed.values())) == (folder.files, folder.size)
    found = {path: folder.file(path) for path in listed}
    assert {path: content.size for path, content in found.items() if content} == listed
    assert len({content.seed for content in found.values() if content}) == files


def test_a_folder_without_files_is_empty() -> None:
    folder = SimulatedFolder("asset", 0, 0)
    assert folder.children() == []
    assert folder.child("sample-00.csv") is None
    assert folder.folder("") == folder


@pytest.mark.parametrize("files", [30, 3000])
def test_what_is_not_listed_is_none(files: int) -> None:
    folder = SimulatedFolder("asset", files, 10**6)
    first = min(whole(folder))
    for path in ("x", "~", "!", "x/y", f"{first}/x", f"{first}x", first[:-1], first.upper(), f"{first}/"):
        assert folder.file(path) is None
        assert folder.folder(path) is None
    assert folder.file("") is None


@given(st.integers(1, 300), st.text(max_size=20))
def test_a_made_up_name_is_none(files: int, name: str) -> None:
    folder = SimulatedFolder("asset", files, 1000)
    known = {node.name for node in folder.children()}
    assert (folder.child(name) is not None) == (name in known)
    assert folder.file(f"x{name}") is None
    assert folder.folder(f"x{name}") is None


@given(folders)
@settings(deadline=None)
def test_the_same_rule_gives_the_same_tree(folder: SimulatedFolder) -> None:
    again = SimulatedFolder(folder.seed, folder.files, folder.size)
    assert again.children() == folder.children()


def test_files_of_one_folder_have_uneven_sizes_and_contents() -> None:
    folder = SimulatedFolder("asset", 50, 10**6)
    nodes = folder.children()
    assert len({node.size for node in nodes}) > 25
    contents = {b"".join(Generated(f"asset/{node.name}", 100).read(0, 100)) for node in nodes}
    assert len(contents) == 50
    assert SimulatedFolder("other", 50, 10**6).children() != nodes


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_bucket_that_nobody_declared_is_believable(bucket: str, prefix: str) -> None:
    folder = of_bucket(bucket, prefix)
    assert 0 < folder.files < 100
    assert folder.size >= folder.files
    check_level(folder)
    assert folder == of_bucket(bucket, prefix)


def test_a_bucket_depends_on_its_name_and_prefix() -> None:
    asked = [("one", ""), ("two", ""), ("one", "a"), ("one", "b"), ("two", "a")]
    assert len({of_bucket(bucket, prefix) for bucket, prefix in asked}) == len(asked)
    assert len({(f.files, f.size) for f in (of_bucket(bucket, prefix) for bucket, prefix in asked)}) == len(asked)
