"""A deployment that is imported, and served from the file, answers as it did."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import integers

from mock_server.documents.seed_file import read
from mock_server.importing.people import token_of
from tests.cli.conftest import command
from tests.conftest import Client, Server
from tests.importing.answers import all_answers, differences
from tests.importing.random_worlds import ADMIN, RandomWorld

pytestmark = pytest.mark.slow

EVERYTHING = ("--capsules", "", "--data-assets", "", "--files", "small", "--keep", "all", "--rate", "10000")

# A smaller number is no simpler world.
ANY_WORLD = settings(
    max_examples=12, phases=[Phase.reuse, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def imported(server: Server, token: str, out: Path, *options: str) -> None:
    done = command("import", "--url", server.url, *options, "--out", str(out), CODEOCEAN_TOKEN=token)
    assert done.code == 0, done.err


@ANY_WORLD
@given(number=integers(0, 10**9))
def test_every_user_is_answered_the_same(start: Callable[..., Server], number: int) -> None:
    world = RandomWorld(number)
    with TemporaryDirectory() as folder:
        first = start(seed=str(world.write(Path(folder))))
        before = {}
        for email, token in world.tokens.items():
            with Client(first.url, token) as client:
                before[email] = all_answers(client, world.ids, favorites=token == ADMIN)
        out = Path(folder) / "world.yaml"
        imported(first, ADMIN, out, *EVERYTHING)
        second = start(seed=str(out))
        for email, token in world.tokens.items():
            own = "cop_demo_user" if token == ADMIN else token_of(email)
            with Client(second.url, own) as client:
                after = all_answers(client, world.ids, favorites=token == ADMIN)
            assert list(differences(before[email], after)) == []


@ANY_WORLD
@given(number=integers(0, 10**9))
def test_a_user_who_is_no_administrator_is_answered_the_same(start: Callable[..., Server], number: int) -> None:
    """What they could not see is not in the file, and they can see nothing that they could not."""
    world = RandomWorld(number, has_members=True)
    ada = world.tokens[world.emails[1]]
    with TemporaryDirectory() as folder:
        first = start(seed=str(world.write(Path(folder))))
        with Client(first.url, ada) as client:
            ids = _listed(client, world)
            before = all_answers(client, ids)
        out = Path(folder) / "world.yaml"
        imported(first, ada, out, *EVERYTHING)
        second = start(seed=str(out))
        with Client(second.url, "cop_demo_user") as client:
            after = all_answers(client, ids)
        assert list(differences(before, after)) == []


def test_metadata_that_break_younger_fields_stay_as_they_are(start: Callable[..., Server], tmp_path: Path) -> None:
    seed = tmp_path / "old.yaml"
    seed.write_text("""
version: 1
users: [{id: a, email: ada@example.com, name: Ada}]
tokens: [{token: cop_ada, user: ada@example.com}]
custom_metadata:
  enforced: false
  fields: [{name: subject id, type: string, required: true}, {name: level, type: string, allowed_values: [raw]}]
data_assets:
  - {id: old, name: old, mount: old, owner: ada@example.com, created: 1, custom_metadata: {level: cooked, year: 2019}}
""")
    first = start(seed=str(seed))
    out = tmp_path / "world.yaml"
    imported(first, "cop_ada", out, "--data-assets", "")
    exported = command("export", "--url", first.url, "--out", str(tmp_path / "exported.yaml"))
    assert exported.code == 0, exported.err
    for path in (out, tmp_path / "exported.yaml"):
        assert not read(str(path)).custom_metadata.enforced
    with Client(start(seed=str(out)).url, "cop_demo_user") as client:
        assert client.ask("GET", "/data_assets/old")["custom_metadata"] == {"level": "cooked", "year": 2019}
        client.ask("PUT", "/data_assets/old", 400, json={"custom_metadata": {"level": "cooked"}})


def _listed(client: Client, world: RandomWorld) -> dict[str, list[str]]:
    """All ids but those of a user's own runs of what they may not see any more, which nothing lists."""
    hidden = {
        id_
        for kind in ("capsules", "pipelines")
        for id_ in world.ids[kind]
        if client.get(f"/{kind}/{id_}/computations").status_code != 200
    }
    return world.ids | {"computations": [run["id"] for run in world.runs if run["capsule"] not in hidden]}
