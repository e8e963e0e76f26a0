"""One job for a data asset at a time, and none that is forgotten for another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.domain.files import FileTree
from mock_server.domain.object_places import ObjectsAt, own_folder
from mock_server.s3.endpoint import Endpoint
from mock_server.s3.places import Place, is_empty
from mock_server.s3.storage import Storage
from mock_server.services.objects import jobs, work
from mock_server.services.objects.jobs import Job, Kind
from mock_server.services.objects.work import Task
from mock_server.settings import Settings
from mock_server.store.queries import OBJECT_JOBS
from mock_server.store.stored_files import StoredFiles
from mock_server.world import World
from mock_server.worlds import Worlds
from tests.objects.deployment import setting_of
from tests.s3.conftest import new_bucket

KEY = "37a93748-ce90-4980-913b-2de0908d5212"


@pytest.fixture
def world() -> Iterator[World]:
    worlds = Worlds(Settings(data_dir=None))
    yield worlds.default
    worlds.close()


def written(world: World, *added: Job) -> Job:
    """What is to be done after all of these were asked for, one after the other."""
    for job in added:
        with world.write():
            jobs.add(world, KEY, job)
    row = OBJECT_JOBS.get(world.db, KEY)
    assert row is not None
    return Job.of(row)


COUNT = Job(Kind.COUNT, source=ObjectsAt("raw", "session-1"))


def test_what_was_to_be_removed_is_removed_by_the_job_in_its_place(world: World) -> None:
    assert written(world, Job(Kind.REMOVE), COUNT) == COUNT._replace(cleans=True)
    assert written(world, Job(Kind.REMOVE), COUNT, Job(Kind.TRANSFER, target=ObjectsAt("mine"))).cleans
    assert written(world, COUNT, Job(Kind.REMOVE)) == Job(Kind.REMOVE)


def test_what_was_to_be_filled_is_not(world: World) -> None:
    assert not written(world, Job(Kind.FILL), Job(Kind.TRANSFER, target=ObjectsAt("mine"))).cleans


def test_a_job_that_cleans_begins_with_that(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert endpoint.keys is not None
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", endpoint.keys.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", endpoint.keys.secret_access_key)
    raw, own = new_bucket(endpoint), new_bucket(endpoint)
    setting = setting_of(endpoint)
    storage = Storage(setting.where, own)
    try:
        endpoint.client.put_object(Bucket=raw, Key="session-1/a.txt", Body=b"abc")
        endpoint.client.put_object(Bucket=own, Key=f"{KEY}/left", Body=b"of another")
        job = Job(Kind.COUNT, source=ObjectsAt(raw, "session-1"), cleans=True)
        done = work.do(storage, Task(job, FileTree(), own_folder(own, KEY), StoredFiles(tmp_path), False), lambda: None)
        assert done.measured == (1, 3)
        assert is_empty(Place(endpoint, own))
    finally:
        storage.close()
