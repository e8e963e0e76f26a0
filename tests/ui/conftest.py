"""A browser without scripts, in front of a server on a clock that only the test moves."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import Client, Server
from tests.process import PATIENCE
from tests.ui.html import Page

WORLD = "/_ui/worlds/default"


class Browser(httpx.Client):
    """Follows links, keeps cookies, fills in forms."""

    def __init__(self, url: str) -> None:
        super().__init__(base_url=url, follow_redirects=True, timeout=PATIENCE, verify=False)

    def page(self, path: str = "", status: int = 200) -> Page:
        """A page of the default world."""
        return self.at(f"{WORLD}{path}", status)

    def at(self, url: str, status: int = 200) -> Page:
        """A page at any path."""
        answer = self.get(url)
        assert answer.status_code == status, answer.text[:2000]
        return Page(answer)

    def submit(self, page: Page, ending: str, status: int = 200, /, **fields: Any) -> Page:
        """Fill in the form of a page that is sent there, and send it."""
        form = page.form(ending)
        sent = form.fields | {name: str(value) for name, value in fields.items()}
        answer = self.post(form.action, data=sent, headers={"Referer": str(page.answer.url)})
        assert answer.status_code == status, answer.text[:2000]
        return Page(answer)

    def agree(self, page: Page, status: int = 200) -> Page:
        """Say yes on a page that asks."""
        [form] = [form for form in page.forms if "confirmed" in form.fields]
        answer = self.post(form.action, data=form.fields, headers={"Referer": str(page.answer.url)})
        assert answer.status_code == status, answer.text[:2000]
        return Page(answer)

    def act(self, path: str, ending: str, /, **fields: Any) -> Page:
        """Send a form of a page of the default world, and say yes when it asks."""
        return self.agree(self.submit(self.page(path), ending, **fields))


@pytest.fixture
def browser(server: Server) -> Iterator[Browser]:
    with Browser(server.url) as browser:
        yield browser


def started(client: Client, capsule: str, **params: Any) -> str:
    """The id of a run that was just started."""
    key: str = client.ask("POST", "/computations", json={"capsule_id": capsule} | params)["id"]
    return key


def captured(client: Client, run: str, **params: Any) -> str:
    """The id of a data asset that was just captured from a run."""
    body = {"name": "captured", "mount": "captured", "tags": [], "source": {"computation": {"id": run}}}
    key: str = client.ask("POST", "/data_assets", json=body | params)["id"]
    return key
