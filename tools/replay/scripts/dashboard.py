"""The dashboard: every page that a link leads to, what its forms do, and pages that stay up to date."""

import http.client
import re
from html import unescape
from urllib.parse import urlencode

from tests import ids
from tools.replay.exchange import Answer, Headers, Request, opened
from tools.replay.recorder import USER, Recorder
from tools.replay.servers import FROZEN

MOST = 120
"""How many pages a walk looks at."""

MINE = f"{USER}@seen"
HERE = "/_ui/worlds/seen"
PLAIN = (
    "/", "/_ui", "/_ui/", "/_ui/login", "/_ui/nowhere", "/_ui/worlds/nobody", "/_ui/static/nothing.js",
    f"{HERE}/journal/99999",
    f"{HERE}/capsules/1234567", f"{HERE}/computations/{ids.NOBODYS}", f"{HERE}/capsules?query=tag:alignment+name:star",
    f"{HERE}/data_assets?query=nothing&type=model", f"{HERE}/data_assets?page=1",
    f"{HERE}/computations?state=unfinished&name=run&capsule=a",
    f"{HERE}/computations/{ids.PAST_RUN}/files?path=table.csv",
    f"{HERE}/computations/{ids.PAST_RUN}/files?path=nothing",
    f"{HERE}/computations/compare?run={ids.PAST_RUN}&run={ids.FASTQC_RUN}",
    f"{HERE}/computations/compare?run={ids.PAST_RUN}&run={ids.FASTQC_RUN}&path=output",
    f"{HERE}/computations/compare?run={ids.PAST_RUN}",
    f"{HERE}/computations/{ids.PAST_RUN}/raw?path=table.csv&download=1",
    f"{HERE}/computations/{ids.PAST_RUN}/raw?path=no",
    f"{HERE}/data_assets/{ids.REFERENCE}/files?path=genome.fasta", f"{HERE}/data_assets/{ids.IRIS}/raw?path=iris.csv",
    f"{HERE}/journal/polling?entity={ids.PAST_RUN}", f"{HERE}/journal/polling?at_least=soon", f"{HERE}/journal/unused",
    f"{HERE}/journal?status=4xx", f"{HERE}/journal?operation=run_capsule&user=demo-user@example.com",
    "/docs", "/openapi.json",
)  # fmt: skip
FOREIGN = (
    ("Origin", "https://example.com"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Site", "same-site"), ("Host", "example.com"),
)  # fmt: skip
"""Headers of forms that pages of other sites send."""
LIVE = ("", "/journal", f"/computations/{ids.PAST_RUN}", f"/data_assets/{ids.IRIS}")


class Browser:
    """A browser without scripts: it keeps cookies, and the token that the forms of older commits carry."""

    def __init__(self, to: Recorder) -> None:
        self._to = to
        self._cookies: dict[str, str] = {}
        self._form_token: dict[str, object] = {}

    def page(self, target: str) -> Answer:
        """A page."""
        return self.send("GET", target)

    def submit(self, target: str, **fields: object) -> Answer:
        """A form, sent twice when it asks whether it is meant."""
        form = self._form_token | fields
        answer = self.send("POST", target, urlencode(form).encode())
        if b'name="confirmed"' in answer.body:
            answer = self.send("POST", target, urlencode(form | {"confirmed": "yes"}).encode())
        if answer.status == 303:
            self.page(answer.header("location"))
        return answer

    def send(self, method: str, target: str, body: bytes | None = None, headers: Headers = ()) -> Answer:
        """A request with the cookies that the server has set so far."""
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = (("Cookie", cookies), *headers) if cookies else headers
        if body is not None:
            headers = (*headers, ("Content-Type", "application/x-www-form-urlencoded"))
        answer = self._to.send(Request(method, target, None, body, headers))
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                cookie, _, kept = value.partition(";")[0].partition("=")
                self._cookies[cookie] = kept.strip('"')
        if found := re.search(rb'name="form_token" value="(\w+)"', answer.body):
            self._form_token = {"form_token": found[1].decode()}
        return answer

    def walk(self, start: str) -> None:
        """Every page of the same world that links lead to."""
        seen: set[str] = set()
        waiting = [start]
        while waiting and len(seen) < MOST:
            target = waiting.pop(0)
            if target not in seen:
                seen.add(target)
                page = self.page(target).body.decode(errors="replace")
                links = (unescape(link).partition("#")[0] for link in re.findall(r'(?:href|src)="(/_ui/[^"]+)"', page))
                waiting += [link for link in links if link.startswith((HERE, "/_ui/static"))]


def record(to: Recorder) -> None:
    """The dashboard of a world of its own."""
    to.section = "pages of the dashboard"
    to.control("POST /worlds", {"name": "seen", "random_seed": 5, "clock": FROZEN})
    _something_to_see(to)
    browser = Browser(to)
    for target in PLAIN:
        browser.page(target)
    browser.walk(HERE)
    to.section = "forms of the dashboard"
    _forms(browser)
    _driving(to, browser)
    _users(browser)
    _tour(browser)
    _worlds(browser)
    to.section = "pages that stay up to date"
    _something_to_see(to)
    _live(to)


def _something_to_see(to: Recorder) -> None:
    run = to.api("POST /computations", {"capsule_id": ids.CAPSULE}, token=MINE).text("id")
    to.control("POST /worlds/seen/clock/advance", {"by": "1m"})
    body = {"name": "captured", "mount": "c", "tags": ["a"], "source": {"computation": {"id": run}}}
    to.api("POST /data_assets", body, token=MINE)
    to.control("POST /worlds/seen/clock/advance", {"by": "1m"})
    to.api("POST /computations", {"capsule_id": ids.SLOW, "unknown": 1}, token=MINE)
    to.api(f"GET /computations/{ids.NOBODYS}", token=MINE)
    to.control("POST /worlds/seen/faults", {"name": "f", "operation": "get_capsule", "times": 1, "status": 503})
    to.api(f"GET /capsules/{ids.CAPSULE}", token=MINE)


def _forms(browser: Browser) -> None:
    for name, value in FOREIGN:
        browser.send("POST", f"{HERE}/world/reset", b"confirmed=yes", ((name, value),))
    started = browser.submit(f"{HERE}/capsules/{ids.CAPSULE}/runs", **{"parameter.0": 5, "parameter.1": "mine"})
    browser.submit(f"{HERE}/capsules/{ids.CAPSULE}/runs", **{"parameter.0": 5000})
    for place in (f"{HERE}/capsules/{ids.CAPSULE}/choose", f"{HERE}/pipelines/{ids.PIPELINE}/choose"):
        browser.submit(place, search=1, find="iris")
        browser.submit(place, add=ids.IRIS, **{"parameter.0": 5})
        browser.page(place)
    browser.submit(f"{HERE}/pipelines/{ids.PIPELINE}/runs", **{"process.0.0": 8, "nextflow_profile": "quick"})
    browser.submit(f"{HERE}/capsules/{ids.FAILS}/runs", ordered="one\n two \n", data_assets=f"{ids.IRIS} flowers")
    run = started.header("location") or f"{HERE}/computations/missing"
    browser.submit(f"{run}/rename", name="My run")
    browser.submit(f"{run}/rename", name=" ")
    browser.submit(f"{run}/stop")
    browser.submit(f"{run}/delete")
    for number in (1, 2, 99999):
        browser.submit(f"{HERE}/journal/{number}/replay")
        browser.page(f"{HERE}/journal/{number}/replay")
    past = f"{HERE}/computations/{ids.PAST_RUN}"
    browser.submit(f"{past}/capture", name="My table", mount="table", tags="a, b c,", path="")
    browser.submit(f"{past}/capture", name="", mount="")
    for form in ("capture", "rename"):
        browser.page(f"{past}/{form}")
    _clock(browser)
    _faults(browser)
    _scenarios(browser)


def _clock(browser: Browser) -> None:
    for fields in ({"by": "1m"}, {"next_change": 1}, {"by": "5x"}):
        browser.submit(f"{HERE}/clock/step", **fields)
    # Under a clock that runs no two recordings would be the same.
    for pace in ("freeze", "x"):
        browser.submit(f"{HERE}/clock/pace", pace=pace)
    browser.submit(f"{HERE}/world/clock/mode", mode="frozen", at="2030-01-01")
    browser.submit(f"{HERE}/world/clock/mode", mode="scaled")
    browser.submit(f"{HERE}/world/clock/advance", by="1h")
    browser.submit(f"{HERE}/world/clock/advance", by="5x")
    for form in ("mode", "advance"):
        browser.page(f"{HERE}/world/clock/{form}")


def _faults(browser: Browser) -> None:
    browser.submit(f"{HERE}/world/faults", name="g", operation="get_capsule", status=503, headers="Retry-After: 5")
    browser.submit(f"{HERE}/world/faults", status=5)
    for preset in ("rate-limit", "nosuch"):
        browser.submit(f"{HERE}/faults/preset", preset=preset)
    for paused in ("1", ""):
        browser.submit(f"{HERE}/faults/pause", name="g", paused=paused)
        browser.page(f"{HERE}/world")
    for name in ("g", "nobody", ""):
        browser.submit(f"{HERE}/faults/remove", name=name)
    browser.page(f"{HERE}/world/faults")


def _scenarios(browser: Browser) -> None:
    browser.submit(f"{HERE}/world/scenarios", text="version: 1\nscenarios: [{name: a, exit_code: 2}]")
    browser.submit(f"{HERE}/world/scenarios", text="version: 1\nscenarios: [{name: a, nosuch: 2}]")
    for scenario, span in (("fails", "next"), ("a", "all"), ("nosuch", "all")):
        browser.submit(f"{HERE}/scenarios/choose", scenario=scenario, span=span)
    browser.page(f"{HERE}/world")
    for name in ("nobody", "next-run", ""):
        browser.submit(f"{HERE}/scenarios/forget", name=name)
    browser.page(f"{HERE}/world/scenarios")


def _tour(browser: Browser) -> None:
    browser.page(f"{HERE}/journal?fault=*")
    browser.page(HERE)
    browser.submit(f"{HERE}/tour/dismiss")


def _users(browser: Browser) -> None:
    for token in ("cop_demo_viewer", "cop_demo_readonly", "cop_demo_noscope", USER):
        browser.submit(f"{HERE}/user", token=token if token == USER else f"{token}@seen")
        for path in ("", "/capsules", f"/capsules/{ids.CAPSULE}", "/data_assets", f"/computations/{ids.PAST_RUN}"):
            browser.page(f"{HERE}{path}")
        browser.submit(f"{HERE}/capsules/{ids.CAPSULE}/runs")


def _driving(to: Recorder, browser: Browser) -> None:
    kinds = ("computation", "data_asset")
    scenarios = [{"name": f"driven-{kind}", "kind": kind, "like": "driven", "when": {"name": "*"}} for kind in kinds]
    to.control("PUT /worlds/seen/scenarios", {"scenarios": scenarios})
    run = f"{HERE}/computations/{to.api('POST /computations', {'capsule_id': ids.CAPSULE}, token=MINE).text('id')}"
    for state in ("running", "running", "finalizing", "running", "nothing"):
        browser.submit(f"{run}/progress", state=state)
    for text in ("one\ntwo", ""):
        browser.submit(f"{run}/lines", text=text)
    for path in ("a.txt", "output", ""):
        browser.submit(f"{run}/results", path=path, content="text")
    for page in ("", "/log", "/progress", "/lines", "/results", "/finish"):
        browser.page(f"{run}{page}")
    for code in ("x", 1, 2):
        browser.submit(f"{run}/finish", exit_code=code)
    browser.page(f"{run}/log")
    body = {"name": "n", "mount": "n", "tags": [], "source": {"aws": {"bucket": "b"}}}
    asset = f"{HERE}/data_assets/{to.api('POST /data_assets', body, token=MINE).text('id')}"
    for fields in ({"state": "failed"}, {"state": "ready"}, {"state": "failed", "failure_reason": "late"}):
        browser.submit(f"{asset}/finish", **fields)
    browser.page(f"{asset}/finish")
    browser.page(f"{HERE}/capsules/{ids.CAPSULE}/runs")
    browser.page(f"{HERE}/pipelines/{ids.PIPELINE}/runs")


def _worlds(browser: Browser) -> None:
    browser.page(f"{HERE}/worlds")
    browser.submit(f"{HERE}/world/snapshots/save", name="seen")
    browser.submit(f"{HERE}/world/snapshots/save", name="no good")
    browser.submit(f"{HERE}/journal/clear")
    browser.submit(f"{HERE}/world/snapshots/load", name="seen")
    browser.submit(f"{HERE}/world/snapshots/load", name="nothing")
    browser.submit(f"{HERE}/world/snapshots/delete", name="seen")
    browser.submit(f"{HERE}/worlds/make", name="made", seed="empty", random_seed=1, mode="")
    browser.submit(f"{HERE}/worlds/make", name="made")
    browser.submit(f"{HERE}/switch", name="seen")
    browser.submit("/_ui/worlds/made/world/drop")
    browser.submit(f"{HERE}/world/reset")
    browser.submit(f"{HERE}/world/clock/advance", to="2100-01-01")
    browser.submit(f"{HERE}/clock/real")
    for path in ("worlds/make", "world/snapshots/save"):
        browser.page(f"{HERE}/{path}")
    browser.submit("/_ui/worlds/default/world/drop")
    browser.submit("/_ui/logout")


def _live(to: Recorder) -> None:
    """Streams, from the first event to the end of their world."""
    requests = [Request("GET", f"{HERE}{path}/live") for path in LIVE]
    streams = [opened(to.port, request) for request in requests]
    answers = [_first(stream) for stream in streams]
    to.control("DELETE /worlds/seen")
    for request, (response, beginning) in zip(requests, answers, strict=True):
        to.note(request, Answer(response.status, response.getheaders(), beginning + response.read()))
    for stream in streams:
        stream.close()


def _first(stream: http.client.HTTPConnection) -> tuple[http.client.HTTPResponse, bytes]:
    """The answer on a connection, and its first byte: from then on all of the page is on its way."""
    response = stream.getresponse()
    return response, response.read(1)
