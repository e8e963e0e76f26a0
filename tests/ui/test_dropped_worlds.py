"""Pages whose world is dropped while they are made."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mock_server.store.search import pages
from tests.conftest import Server
from tests.ui.conftest import Browser


@pytest.mark.parametrize("path", ["/capsules", "/pipelines", "/data_assets", "/data_assets?query=iris"])
def test_a_list_whose_world_is_dropped_while_it_is_searched_is_not_found(
    start: Callable[..., Server],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    path: str,
) -> None:
    server = start()
    server.app.worlds.create("short")

    def interrupted(*_: Any, **__: Any) -> Iterator[None]:
        yield
        server.app.worlds.drop("short")
        yield

    monkeypatch.setattr(pages, "page", interrupted)
    with Browser(server.url) as browser:
        answer = browser.get(f"/_ui/worlds/short{path}")
    assert (answer.status_code, "there is no such world" in answer.text) == (404, True)
    assert caplog.records == []
