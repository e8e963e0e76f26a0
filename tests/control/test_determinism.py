"""The same seed and the same calls give the same bytes, ids, times and headers included; another seed does not."""

import re
from collections.abc import Callable
from typing import Any

from tests import ids
from tests.conftest import USER, Client, HandClock, Server
from tests.control.changing import Doings, steer
from tests.control.conftest import Plane

UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

SIGNATURE = re.compile(rb"(?<=X-Amz-Signature=)[0-9a-f]{64}")


def told(url: str, world: str, seed: int | None = None) -> list[Any]:
    """What a server answers to all calls in one of its worlds, made from `seed` if it is given."""
    token = USER if world == "default" else f"{USER}@{world}"
    with Plane(url) as plane, Client(url, token) as client:
        if seed is not None:
            plane.ask("POST", "/worlds", 201, json={"name": world, "random_seed": seed, "replace": True})
        steer(plane.of(world))
        doings = Doings(client, plane.of(world))
        doings.all()
        return [without(answer, url) for answer in doings.answers]


def without(answer: Any, url: str) -> Any:
    """An answer without what comes from the request: the address of the server, and signatures, which cover it."""
    if not isinstance(answer, tuple):
        return answer
    status, headers, content = answer
    return status, headers, SIGNATURE.sub(b"", content.replace(url.encode(), b""))


def of_any_world(answer: Any) -> Any:
    if not isinstance(answer, tuple):
        return answer
    return *answer[:2], re.sub(rb"/_files/[vw]/", b"", answer[2])


def ids_in(answers: list[Any]) -> set[bytes]:
    return {key for answer in answers if isinstance(answer, tuple) for key in UUID.findall(answer[2])}


def test_the_calls_are_a_good_mix(server: Server) -> None:
    answers = told(server.url, "default")
    statuses = [answer[0] for answer in answers if isinstance(answer, tuple)]
    assert {200, 204, 400, 404, 405, 503} <= set(statuses)
    assert len(answers) > 70
    assert statuses.count(503) > 3
    names = {name for answer in answers if isinstance(answer, tuple) for name, _ in answer[1]}
    assert {"date", "content-type", "content-length", "etag", "allow"} <= names


def test_two_servers(start: Callable[..., Server], clock: HandClock) -> None:
    one = told(start(random_seed=7).url, "default")
    clock.advance(12345)
    other = told(start(random_seed=7).url, "default")
    assert one == other


def test_two_worlds_of_a_server(server: Server, clock: HandClock) -> None:
    one = told(server.url, "w", 7)
    clock.advance(12345)
    assert one == told(server.url, "w", 7)
    other = told(server.url, "v", 7)
    # URLs of files tell the world.
    assert [of_any_world(answer) for answer in one] == [of_any_world(answer) for answer in other]
    assert one != other


def test_a_reset_world(server: Server, clock: HandClock) -> None:
    one = told(server.url, "default")
    clock.advance(12345)
    with Plane(server.url) as plane:
        plane.ask("POST", "/worlds/default/reset")
    assert told(server.url, "default") == one


def test_signed_urls_of_a_reset_world(server: Server) -> None:
    with Client(server.url) as client, Plane(server.url) as plane:
        plane.ask("PUT", "/worlds/default/clock", json={"mode": "frozen", "at": "2030-01-01T00:00:00Z"})
        path = f"/computations/{ids.PAST_RUN}/results/urls?path=output"
        one = client.ask("GET", path)
        plane.ask("POST", "/worlds/default/reset")
        plane.ask("PUT", "/worlds/default/clock", json={"mode": "frozen", "at": "2030-01-01T00:00:00Z"})
        assert client.ask("GET", path) == one


def test_a_restarted_server(start: Callable[..., Server], tmp_path: Any) -> None:
    fresh = told(start(random_seed=7, data_dir=tmp_path / "one").url, "default")
    server = start(random_seed=7, data_dir=tmp_path / "two")
    server.app.worlds.close()
    assert told(start(random_seed=99, data_dir=tmp_path / "two").url, "default") == fresh


def test_another_seed(server: Server) -> None:
    one, other = (told(server.url, "w", seed) for seed in (7, 8))
    seeded = ids_in(one) & ids_in(other)
    assert len(ids_in(one) - seeded) > 10
    assert len(ids_in(other) - seeded) > 10
    assert [answer[0] for answer in one if isinstance(answer, tuple)] != [
        answer[0] for answer in other if isinstance(answer, tuple)
    ]
