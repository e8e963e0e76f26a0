"""What a session and its first set-up cost. Times differ from machine to machine; imports and requests do not."""

from pathlib import Path

from tests.plugin.sessions import session

IMPORTS = """
import sys

LOADED = frozenset(sys.modules)

def test_without_a_world():
    note(loaded=[*LOADED], new=[*(set(sys.modules) - LOADED)])

def test_with_one(codeocean_world):
    note(loaded=[], new=[*(set(sys.modules) - LOADED)])
"""

REQUESTS = """
from mock_server.client.connection import Connection

sent = []
send = Connection.send

def counted(connection, method, path, **more):
    sent.append(f"{method} {path}")
    return send(connection, method, path, **more)

Connection.send = counted

def test_it(codeocean_world):
    note(sent=sent, name=codeocean_world.name)

def test_it_again(codeocean_world):
    note(sent=sent, name=codeocean_world.name)
"""

OF_THE_PLUGIN = {"mock_server", *(f"mock_server.{name}" for name in ("errors", "ids", "shared_server", "version"))}

NEVER = {
    "jinja2",
    "jsonschema",
    "schemathesis",
    "sqlalchemy",
    "sqlmodel",
    "typer",
    "cryptography",
    "boto3",
    "docker",
    "yaml",
}
"""What takes long to import, and a server in this process does not need for a world."""

MOST_OF_OURS, MOST = 212, 655
"""How many modules the first set-up may import: our own, and all of them."""


def test_the_plugin_alone_imports_next_to_nothing_and_a_first_world_no_more_than_it_needs(tmp_path: Path) -> None:
    without, with_one = session(tmp_path, IMPORTS).noted
    assert {name for name in without["loaded"] if name.startswith("mock_server")} == {  # type: ignore[attr-defined]
        *OF_THE_PLUGIN,
        "mock_server.pytest_plugin",
    }
    assert not without["new"]
    new = {str(name) for name in with_one["new"]}  # type: ignore[attr-defined]
    assert "mock_server.embedded" in new
    assert not NEVER & new
    assert len([name for name in new if name.startswith("mock_server")]) <= MOST_OF_OURS
    assert len(new) <= MOST


def test_a_set_up_is_one_request_and_so_is_what_undoes_it(tmp_path: Path) -> None:
    first, second = session(tmp_path, REQUESTS).noted
    assert first["sent"] == ["POST /worlds"]
    assert second["sent"] == ["POST /worlds", f"DELETE /worlds/{first['name']}", "POST /worlds"]


REWRITTEN = """
import sys

def test_it(codeocean_world):
    loaders = {name: type(getattr(module, "__loader__", None)).__name__ for name, module in sys.modules.items()}
    rewritten = [name for name, loader in loaders.items() if loader == "AssertionRewritingHook"]
    note(rewritten=[name for name in rewritten if name.startswith(("mock_server", "contract_tests"))])
"""


def test_pytest_rewrites_no_assert_of_the_server(tmp_path: Path) -> None:
    [noted] = session(tmp_path, REWRITTEN).noted
    assert set(noted["rewritten"]) <= {*OF_THE_PLUGIN, "mock_server.pytest_plugin"}  # type: ignore[call-overload]
