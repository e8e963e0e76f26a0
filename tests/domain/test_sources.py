"""What a captured result says of where it comes from."""

import re

from mock_server.domain.naming import is_uuid
from mock_server.domain.sources import commit_of, docker_image_of

KEY = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"


def test_a_commit_belongs_to_its_capsule() -> None:
    assert re.fullmatch("[0-9a-f]{40}", commit_of(KEY))
    assert commit_of(KEY) == commit_of(KEY)
    assert commit_of(KEY) != commit_of("other")


def test_an_image_belongs_to_its_capsule() -> None:
    assert is_uuid(docker_image_of(KEY))
    assert docker_image_of(KEY) == docker_image_of(KEY) != docker_image_of("other")
