"""Requests to the dashboard: its pages with other questions, its forms with other fields."""

import random
from urllib.parse import quote, urlencode

from tools.fuzz import values
from tools.fuzz.control_cases import SEEDS
from tools.fuzz.documents import ScenarioFiles
from tools.fuzz.request import HOST, Request, Step, fixed
from tools.fuzz.world_facts import Field, Form, WorldFacts
from tools.fuzz.worlds import FAULTY, FAULTY_SNAPSHOT, SNAPSHOTS, WORLDS

AREA = "/_ui"
FIRST = "/_ui/worlds/default"
HEADERS = (
    (b"HX-Request", b"true"), (b"Sec-Fetch-Site", b"cross-site"), (b"Origin", b"http://evil.example"),
    (b"Origin", b"null"), (b"Referer", b"http://x/_ui/worlds/default/world"),
    (b"Cookie", b"a=b; \xff; codeocean_mock_session=x"), (b"Accept", b"*/*"),
    (b"Cookie", b"codeocean_mock_user_80=%00"), (b"Last-Event-ID", b"x"), (b"Accept-Language", b"x" * 3000),
)  # fmt: skip


class PageCases:
    """Steps of cases for `/_ui`."""

    area = AREA

    def __init__(self, facts: WorldFacts) -> None:
        self._pages = (*facts.pages, "/_ui", "/_ui/", "/", "/_ui/login", "/_ui/static/no.css")
        self._forms = facts.forms
        self._scenarios = ScenarioFiles(dict(facts.scenarios))

    def steps(self, rng: random.Random, world: str) -> tuple[Step, ...]:
        """What is done over one connection in a world."""
        return tuple(fixed(self.request(rng, world)) for _ in range(rng.choice((1, 1, 2, 3))))

    def request(self, rng: random.Random, world: str) -> Request:
        """One request."""
        request = (
            self._page(rng, world) if rng.random() < 0.55 else self._submitted(rng, rng.choice(self._forms), world)
        )
        return request.having(rng.choice(HEADERS)) if rng.random() < 0.15 else request

    def _page(self, rng: random.Random, world: str) -> Request:
        path = rng.choice(self._pages) if rng.random() < 0.9 else f"{FIRST}/journal/{rng.choice((1, 2, 50, 10**30))}"
        path = path.replace(FIRST, f"/_ui/worlds/{world}")
        draw = rng.random()
        if draw < 0.3:
            names = (
                "query",
                "type",
                "archived",
                "page",
                "path",
                "operation",
                "status",
                "entity",
                "next",
                "user",
                "state",
            )
            pairs = [(rng.choice(names), values.text(rng)) for _ in range(rng.choice((1, 2)))]
            path += ("&" if "?" in path else "?") + _encoded(pairs).decode()
        target = path.encode()
        if draw > 0.9:
            steps = target.split(b"/")
            steps[rng.randrange(len(steps))] = quote(
                values.text(rng).encode("utf-8", "surrogatepass"), safe=""
            ).encode()
            target = b"/".join(steps) or b"/"
        method = rng.choice((b"GET",) * 12 + (b"HEAD", b"POST", b"PUT", b"OPTIONS"))
        return Request(method, target if target.startswith(b"/") else b"/" + target)

    def _submitted(self, rng: random.Random, form: Form, world: str) -> Request:
        if "/faults" in form.action:
            world = FAULTY
        action = form.action.replace(FIRST, f"/_ui/worlds/{world}")
        pairs = [(field.name, self._value(rng, field, action, world)) for field in form.fields if rng.random() < 0.9]
        if rng.random() < 0.7:
            pairs.append(("confirmed", "yes"))
        if rng.random() < 0.1:
            pairs.append((values.text(rng), values.text(rng)))
        body = _encoded(pairs)
        if form.method == "GET":
            return Request(b"GET", action.encode() + b"?" + body)
        if rng.random() < 0.1:
            body = values.bytes_changed(rng, body)
        kind = (b"Content-Type", b"application/x-www-form-urlencoded")
        return Request(b"POST", action.encode(), (kind, (b"Origin", b"http://" + HOST)), body)

    def _value(self, rng: random.Random, field: Field, action: str, world: str) -> str:
        if field.name == "text":
            return self._scenarios.draw(rng).decode("utf-8", "replace")
        if "snapshots" in action or field.name == "snapshot":
            return FAULTY_SNAPSHOT if world == FAULTY else rng.choice(SNAPSHOTS)
        if field.name == "name" and action.endswith(("/switch", "/make")):
            return rng.choice((*WORLDS, values.text(rng)))
        if field.name == "seed":
            return rng.choice(SEEDS)
        if field.options and rng.random() < 0.8:
            return rng.choice(field.options)
        return field.value or str(rng.randrange(5)) if rng.random() < 0.6 else values.text(rng)


def _encoded(pairs: list[tuple[str, str]]) -> bytes:
    return urlencode(
        [(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs], errors="surrogatepass"
    ).encode()
