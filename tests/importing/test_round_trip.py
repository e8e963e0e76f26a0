"""A deployment that is imported, and served from the file, answers as it did."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import integers

from mock_server.importing.people import token_of
from tests.cli.conftest import command
from tests.conftest import Client, Server
from tests.importing.answers import all_answers, differences
from tests.importing.random_worlds import ADMIN, RandomWorld

EVERYTHING = ("--capsules", "", "--data-assets", "", "--files", "small", "--keep", "all", "--rate", "10000")


def imported(server: Server, token: str, out: Path, *options: str) -> None:
    done = command("import", "--url", server.url, *options, "--out", str(out), CODEOCEAN_TOKEN=token)
    assert done.code == 0, done.err


# A smaller number is no simpler world.
@settings(
    max_examples=12, phases=[Phase.reuse, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(number=integers(0, 10**9))
def test_every_user_is_answered_the_same(start: Callable[..., Server], number: int) -> None:
    world = RandomWorld(number)
    ids = {
        "capsules": [one["id"] for one in world.capsules],
        "pipelines": [one["id"] for one in world.pipelines],
        "data_assets": [one["id"] for one in world.assets],
        "computations": [one["id"] for one in world.runs],
    }
    with TemporaryDirectory() as folder:
        first = start(seed=str(world.write(Path(folder))))
        before = {}
        for email, token in world.tokens.items():
            with Client(first.url, token) as client:
                before[email] = all_answers(client, ids, favorites=token == ADMIN)
        out = Path(folder) / "world.yaml"
        imported(first, ADMIN, out, *EVERYTHING)
        second = start(seed=str(out))
        for email, token in world.tokens.items():
            own = "cop_demo_user" if token == ADMIN else token_of(email)
            with Client(second.url, own) as client:
                after = all_answers(client, ids, favorites=token == ADMIN)
            assert list(differences(before[email], after)) == []
