"""A page as a browser without scripts sees it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

VOID = {"meta", "link", "input", "img", "br", "hr", "wbr"}


@dataclass
class Form:
    """A form: where it goes, how, and what it sends as it stands."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """An answer of the dashboard, taken apart."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer, self.status, self.html = answer, answer.status_code, answer.text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.forms: list[Form] = []
        self.open: list[str] = []
        self._words: list[str] = []
        self._select: str | None = None
        self._area: str | None = None
        self.feed(self.html)
        self.close()
        self.text = " ".join(" ".join(self._words).split())

    @property
    def links(self) -> list[str]:
        """Where its links lead, without fragments."""
        found = [given["href"] for tag, given in self.elements if tag == "a" and given.get("href")]
        return [urljoin(str(self.answer.url), href or "").partition("#")[0] for href in found]

    @property
    def paths(self) -> list[str]:
        """Where its links lead on this server."""
        return ["/" + link.partition("://")[2].partition("/")[2] for link in self.links]

    def form(self, ending: str) -> Form:
        """The first form whose action ends like that."""
        return next(form for form in self.forms if form.action.endswith(ending))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "form":
            self.forms.append(Form(given.get("action") or str(self.answer.url), given.get("method") or "get"))
        name = given.get("name")
        if tag == "input" and name and self.forms and given.get("type") != "checkbox":
            self.forms[-1].fields[name] = given.get("value") or ""
        elif tag == "textarea" and name and self.forms:
            self._area = name
            self.forms[-1].fields[name] = ""
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and self.forms and "selected" in given:
            self.forms[-1].fields[self._select] = given.get("value") or ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self._area = None if tag == "textarea" else self._area
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self._words.append(data)
        if self._area is not None:
            self.forms[-1].fields[self._area] += data.removeprefix("\n")
