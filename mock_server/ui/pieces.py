"""Pieces of HTML of which pages are full, drawn by functions: a macro of a template costs ten times as much."""

import re
from datetime import UTC, datetime
from functools import lru_cache

from markupsafe import Markup, escape

from mock_server.clock import LATEST
from mock_server.domain.lifecycle import Plan
from mock_server.services.runs import Run
from mock_server.ui import formats, paths, timeline
from mock_server.wire.computations import Computation

OVERVIEW = "overview"

SECTIONS = {
    OVERVIEW: "Overview",
    "capsules": "Capsules",
    "pipelines": "Pipelines",
    "computations": "Computations",
    "data_assets": "Data assets",
    "journal": "Journal",
    "world": "World",
}

LONG = 32
"""Letters of a word that may be too long for a phone."""

REMEMBERED = 4096
"""How many pieces of a kind are remembered: lists and open pages show the same times and states over and over."""


@lru_cache(REMEMBERED)
def at(seconds: float) -> Markup:
    """A point in time, for people and machines."""
    moment = datetime.fromtimestamp(min(seconds, LATEST), UTC)
    iso = moment.isoformat(timespec="milliseconds").removesuffix("+00:00")
    return Markup(f'<time datetime="{iso}Z">{iso[:10]} {iso[11:19]}</time>')


@lru_cache(REMEMBERED)
def badge(text: str | int, tone: str) -> Markup:
    """A word or two in a colour."""
    return Markup(f'<span class="badge {escape(tone)}">{escape(text)}</span>')


def state(shown: Computation) -> Markup:
    """How a run stands, or how it went where that was no success."""
    text = shown.end_status if shown.end_status and shown.end_status != "succeeded" else shown.state
    return badge(text, formats.tone(text))


@lru_cache(REMEMBERED)
def navigation(world: str, section: str) -> Markup:
    """Links to the sections of the dashboard."""
    links = []
    for name, label in SECTIONS.items():
        path = paths.of_world(world, name) if name != OVERVIEW else paths.of_world(world)
        current = ' aria-current="page"' if name == section else ""
        links.append(f'<li><a href="{escape(path)}"{current}>{label}</a></li>')
    return Markup(f"<ul>{''.join(links)}</ul>")


@lru_cache(REMEMBERED)
def tied(name: str, field: str, *, wrong: bool, first: bool, helped: bool) -> Markup:
    """The attributes of the input `name` with the id `field` that tie it to its help and to what is `wrong` in it; the
    `first` that is wrong gets the focus.
    """
    about = [f"{field}-wrong"] * wrong + [f"{field}-help"] * helped
    parts = [
        f'id="{escape(field)}" name="{escape(name)}"',
        *(['aria-invalid="true"'] if wrong else []),
        *([f'aria-describedby="{escape(" ".join(about))}"'] if about else []),
        *(["autofocus"] if first else []),
    ]
    return Markup(" ".join(parts))


def in_words(field: str, label: str, text: str) -> Markup | str:
    """What is wrong in a field, beside it; empty when nothing is."""
    if not text:
        return ""
    return Markup(f'<span class="wrong" id="{escape(field)}-wrong">{escape(label)}: {escape(text)}</span>')


def helping(field: str, text: str) -> Markup | str:
    """The text that helps with a field, beside it; empty for none."""
    return Markup(f'<span class="quiet" id="{escape(field)}-help">{escape(text)}</span>') if text else ""


def driver(run: Run) -> Markup | str:
    """Who drives a run; empty for one that goes on by itself or has ended."""
    if run.driver is None:
        return ""
    runner, attempts = run.driver
    if runner:
        attempt = f", attempt {attempts}" if attempts > 1 else ""
        return Markup(f"<span>executed by <bdi>{escape(runner)}</bdi>{attempt}</span>")
    if attempts or run.shown.state == "initializing":
        attempt = f" (attempt {attempts + 1})" if attempts else ""
        return Markup(f"<span>waiting for a runner{attempt}</span>")
    return Markup("<span>driven by hand</span>")


@lru_cache(REMEMBERED)
def person(address: str) -> Markup:
    """Somebody's address, of which no word is broken: where there is no room for it, what is behind the @ comes below.
    One of long words is broken anywhere.
    """
    words = [word for word in re.split("(?=@)", address, maxsplit=1) if word]
    if max(map(len, words), default=0) > LONG:
        return Markup(f"<bdi>{escape(address)}</bdi>")
    parts = "<wbr>".join(f"<span>{escape(word)}</span>" for word in words)
    return Markup(f'<bdi class="person">{parts}</bdi>')


def strip(run: Run, now: float) -> Markup:
    """How a run goes, in a few pixels; words say the same beside it."""
    return _strip(run.plan, None if run.ended else now)


@lru_cache(REMEMBERED)
def _strip(plan: Plan, now: float | None) -> Markup:
    drawn = timeline.strip(plan, now or 0.0, ended=now is None)
    parts = [f'<rect class="{kind}" x="{x}" width="{width}" height="10"/>' for x, width, kind in drawn]
    return Markup(
        '<svg class="strip" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="planned" width="1000" height="10"/>{"".join(parts)}</svg>'
    )


def ran(run: Run) -> Markup | str:
    """How long a run took, or takes so far."""
    return Markup('<span class="quiet">no planned end</span>') if run.endless else formats.lasting(run.shown.run_time)


def tags(names: list[str] | None) -> Markup | str:
    """Tags as a list; nothing for none."""
    if not names:
        return ""
    return Markup(f'<ul class="tags" aria-label="Tags">{"".join(map(_tag, names))}</ul>')


@lru_cache(REMEMBERED)
def _tag(name: str) -> str:
    return f"<li><bdi>{escape(name)}</bdi></li>"


def hidden(name: str, value: str) -> Markup:
    """A field of a form that nobody sees."""
    return Markup(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">')


@lru_cache(REMEMBERED)
def here(path: str, target: str = "main", fresh: str = "") -> Markup:
    """Where a form is sent, in place where scripts run: the part of the page with the id `target` is drawn anew, with
    `fresh` other parts.
    """
    path = escape(path)
    parts = ["#notes:innerHTML", *(["#bar"] if target != "bar" else []), *([fresh] if fresh else [])]
    return Markup(
        f'action="{path}" hx-post="{path}" hx-target="#{target}" hx-select="#{target}" hx-swap="outerHTML show:none"'
        f' hx-select-oob="{escape(",".join(parts))}"'
    )
