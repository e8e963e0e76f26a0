"""Where paths lead to, and what is said when they lead nowhere."""

import pytest

from mock_server.errors import MethodNotAllowedError, NotFoundError
from mock_server.operations.paths import PathTable, names_in

PATHS = ("/worlds", "/worlds/{world}", "/worlds/{world}/files", "/worlds/{world}/files/{path:path}", "/worlds/new")


@pytest.fixture
def table() -> PathTable[str]:
    table = PathTable[str]()
    for path in PATHS:
        table.add("GET", path, path)
    table.add("PUT", "/worlds", "put")
    return table


@pytest.mark.parametrize(
    ("path", "leads_to", "values"),
    [
        ("worlds", "/worlds", []),
        ("worlds/a", "/worlds/{world}", ["a"]),
        ("worlds/new", "/worlds/new", []),
        ("worlds/a/files", "/worlds/{world}/files", ["a"]),
        ("worlds/a/files/b", "/worlds/{world}/files/{path:path}", ["a", "b"]),
        ("worlds/a/files/b/c//d/", "/worlds/{world}/files/{path:path}", ["a", "b/c//d/"]),
        ("worlds/a/files/", "/worlds/{world}/files/{path:path}", ["a", ""]),
    ],
)
def test_a_path_leads_to_what_was_added(table: PathTable[str], path: str, leads_to: str, values: list[str]) -> None:
    assert table.find("GET", path.split("/")) == (leads_to, values)
    assert len(names_in(leads_to)) == len(values)


@pytest.mark.parametrize("path", ["", "/", "world", "worlds/", "worlds//files", "worlds/new/files", "worlds/a/b"])
def test_a_path_that_leads_nowhere(table: PathTable[str], path: str) -> None:
    with pytest.raises(NotFoundError):
        table.find("GET", path.split("/"))


def test_a_path_without_an_operation_of_its_own() -> None:
    table = PathTable[str]()
    table.add("GET", "/a/b", "b")
    with pytest.raises(NotFoundError):
        table.find("GET", ["a"])


def test_another_method_is_told_which_there_are(table: PathTable[str]) -> None:
    with pytest.raises(MethodNotAllowedError) as refused:
        table.find("DELETE", ["worlds"])
    assert refused.value.allowed == "GET, PUT"


def test_the_names_in_a_path() -> None:
    assert names_in("/worlds/{world}/files/{path:path}") == ("world", "path")
