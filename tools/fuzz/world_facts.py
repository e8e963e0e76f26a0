"""What the fuzzer learns of a fresh server before it begins: ids, pages, forms, a snapshot. It is always the same."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from tools.environments import ROOT

TOKEN = "cop_demo_user"
MOST_PAGES = 150
SNAPSHOT = "origin"
FILES = (
    "output",
    "table.csv",
    "figures",
    "figures/overview.svg",
    "nextflow",
    "iris.csv",
    "docs/README.md",
    "model.pt",
    "",
)


@dataclass(frozen=True)
class Field:
    """A field of a form: its name, its value, and the values that can be chosen."""

    name: str
    value: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """A form of a page."""

    action: str
    method: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class WorldFacts:
    """What requests are made of."""

    api: Mapping[str, Any]
    control: Mapping[str, Any]
    scenarios: Mapping[str, Any]
    ids: Mapping[str, tuple[str, ...]]
    pages: tuple[str, ...]
    forms: tuple[Form, ...]
    snapshot: bytes


def learn(url: str) -> WorldFacts:
    """Look around on a server that has just been started."""
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        client.put(f"/_mock/worlds/default/snapshots/{SNAPSHOT}").raise_for_status()
        pages = dict(_pages(client))
        forms = {form: None for path, html in pages.items() for form in _Forms.of(path, html)}
        return WorldFacts(
            api=json.loads((ROOT / "openapi" / "openapi.json").read_text()),
            control=client.get("/_mock/openapi.json").raise_for_status().json(),
            scenarios=json.loads((ROOT / "docs" / "seed.schema.json").read_text()),
            ids=_ids(client),
            pages=tuple(pages),
            forms=tuple(forms),
            snapshot=client.get(f"/_mock/snapshots/{SNAPSHOT}/file").raise_for_status().content,
        )


def _ids(client: httpx.Client) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for kind in ("capsules", "pipelines", "data_assets"):
        answer = client.post(f"/api/v1/{kind}/search", json={"limit": 1000}, auth=(TOKEN, ""))
        found[kind] = tuple(sorted(one["id"] for one in answer.raise_for_status().json()["results"]))
    runs = set()
    for key in (*found["capsules"], *found["pipelines"]):
        answer = client.get(f"/api/v1/capsules/{key}/computations", auth=(TOKEN, ""))
        runs |= {run["id"] for run in answer.raise_for_status().json()}
    return {**found, "computations": tuple(sorted(runs))}


def _pages(client: httpx.Client) -> Iterator[tuple[str, str]]:
    """Pages of the dashboard by their paths, found by following links."""
    waiting, seen = ["/_ui/worlds/default"], {"/_ui/worlds/default"}
    for path in waiting:
        html = _html(client, path)
        yield path, html
        for link in _Links.of(path, html):
            if link not in seen and link.startswith("/_ui/") and len(waiting) < MOST_PAGES:
                seen.add(link)
                waiting.append(link)


def _html(client: httpx.Client, path: str) -> str:
    """A page; nothing for what is no page, such as a stream that stays open."""
    with client.stream("GET", path, follow_redirects=True) as answer:
        if answer.headers.get("content-type", "").startswith("text/html"):
            answer.read()
            return answer.text
    return ""


class _Links(HTMLParser):
    """Collects where a page leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def of(cls, path: str, html: str) -> list[str]:
        parser = cls()
        parser.feed(html)
        links = (urlsplit(urljoin(f"http://host{path}", href)) for href in parser.found)
        return [f"{link.path}?{link.query}" if link.query else link.path for link in links if link.netloc == "host"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if value and name in ("href", "src", "sse-connect", "hx-get")]


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: tuple[str, str] | None = None
        self._fields: list[Field] = []
        self._select: str | None = None
        self._options: list[str] = []

    @classmethod
    def of(cls, path: str, html: str) -> list[Form]:
        parser = cls()
        parser.feed(html)
        return [Form(form.action or path, form.method, form.fields) for form in parser.found]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._form, self._fields = (given.get("action", ""), given.get("method", "get").upper()), []
        elif tag in ("input", "textarea") and name:
            self._fields.append(Field(name, given.get("value", "")))
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and "value" in given:
            self._options.append(given["value"])

    def handle_data(self, data: str) -> None:
        if self._select is not None and self.lasttag == "option" and data.strip():
            self._options.append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            self._fields.append(Field(self._select, "", tuple(self._options)))
            self._select = None
        elif tag == "form" and self._form:
            self.found.append(Form(*self._form, tuple(self._fields)))
            self._form = None
