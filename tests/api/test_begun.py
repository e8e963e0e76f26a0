"""What is begun is answered as it began, however far a fast clock has come by then."""

from collections.abc import Callable, Iterator

import pytest

from tests import ids
from tests.conftest import Client, HandClock, Server


@pytest.fixture
def clock() -> HandClock:
    """Real time that goes on by a minute whenever somebody looks."""

    class FastClock(HandClock):
        def __call__(self) -> float:
            self.now += 60
            return self.now

    return FastClock()


@pytest.fixture
def client(start: Callable[..., Server]) -> Iterator[Client]:
    with Client(start().url) as client:
        yield client


def test_a_run_is_initializing(client: Client) -> None:
    run = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    assert (run["state"], run["run_time"], run.get("end_status")) == ("initializing", 0, None)
    assert client.ask("GET", f"/computations/{run['id']}")["state"] == "completed"


def test_a_data_asset_is_a_draft(client: Client) -> None:
    fields = {"name": "n", "tags": [], "mount": "n", "source": {"computation": {"id": ids.PAST_RUN}}}
    made = client.ask("POST", "/data_assets", json=fields)
    assert made["state"] == "draft"
    assert client.ask("GET", f"/data_assets/{made['id']}")["state"] == "ready"


def test_a_release_is_created(client: Client) -> None:
    job = client.ask("POST", f"/capsules/{ids.CAPSULE}/release")
    assert (job["status"], job["duration"]) == ("created", 0)
    assert client.ask("GET", f"/capsules/{ids.CAPSULE}/release/{job['job_id']}")["status"] != "created"
