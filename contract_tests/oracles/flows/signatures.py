"""Signatures of URLs: each part of a signed URL is changed by itself, and the unchanged URL opens as it says."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckFailed, expect
from contract_tests.oracles.flows.fixtures import temporary_run, value_at, wait_for_run
from contract_tests.oracles.flows.storage_errors import Moments, require_elements, require_expired, require_gone
from contract_tests.transport.exchange import Exchange

RESULTS = (
    "run_capsule",
    "get_computation",
    "list_computation_results",
    "get_result_file_urls",
    "get_result_file_download_url",
    "delete_computation",
)

CONTENT = b"0123456789"

TYPES: Mapping[str, str] = {
    "signed/table one.csv": "text/csv",
    "signed/K\N{LATIN SMALL LETTER U WITH DIAERESIS}che.TXT": "text/plain; charset=utf-8",
    "signed/page.html": "text/html; charset=utf-8",
    "signed/data.json": "application/json",
    "signed/picture.svg": "image/svg+xml",
    "signed/reads.bam": "binary/octet-stream",
    "signed/README": "binary/octet-stream",
}
"""Files by path, each with the content type that storage gives it."""

ONE, TWO = "signed/table one.csv", "signed/data.json"

ANSWERED = {
    "attachment": "get_result_file_urls.answer.download_url",
    "inline": "get_result_file_urls.answer.view_url",
    "legacy": "get_result_file_download_url.answer.url",
}
"""The rules of the fields that URLs are answered in, by the way to open them."""

PARAMETERS = {f"X-Amz-{name}" for name in ("Algorithm", "Credential", "Date", "Expires", "Signature", "SignedHeaders")}
PARAMETERS |= {"response-content-disposition"}
"""The parameters of a signed URL, as S3 calls them."""

REFUSED = (400, 403)
"""How storage refuses a request that is not the one that was signed."""

ATTEMPTS = 5
"""How often a URL is asked for that ends too early, where the clock moves by itself."""


class SignedFile(NamedTuple):
    """A file of a run, whose URLs are asked for anew each time: they may expire at any moment."""

    deployment: Deployment
    run: str
    path: str

    def urls(self) -> dict[str, str]:
        """Return its signed URLs by the disposition that they are for."""
        where = f"/computations/{self.run}/results"
        caller, params = self.deployment.http(), {"path": self.path}
        new = caller.ask("GET", f"{where}/urls", 200, params=params).json()
        old = caller.ask("GET", f"{where}/download_url", 200, params=params).json()
        return {
            "attachment": str(value_at(new, "download_url")),
            "inline": str(value_at(new, "view_url")),
            "legacy": str(value_at(old, "url")),
        }

    def open(self, status: int, way: str = "attachment", **headers: str) -> Exchange:
        """Open it by a fresh URL. Raises `CheckFailed` unless one of a few attempts returns `status`."""
        return self._opened(status, lambda: self.urls()[way], headers)

    def open_in_another_order(self, way: str) -> Exchange:
        """Open it by a fresh URL whose parameters are sent in another order: a signature covers them by their names.
        Raises `CheckFailed` as `open` does.
        """
        return self._opened(200, lambda: _reversed(self.urls()[way]), {})

    def _opened(self, status: int, fresh: Callable[[], str], headers: Mapping[str, str]) -> Exchange:
        for _ in range(ATTEMPTS):
            opened = _send(self.deployment, "GET", fresh(), headers)
            if opened.status == status:
                return opened
        raise CheckFailed(f"{self.path} opened with {headers or 'no header'} returned {opened.status}, not {status}")


def _send(deployment: Deployment, method: str, url: str, headers: Mapping[str, str]) -> Exchange:
    return deployment.anybody().ask(method, url, headers={"Accept-Encoding": "identity", **headers}, raw=True)


@contextmanager
def _files(deployment: Deployment) -> Iterator[dict[str, SignedFile]]:
    """The files of `TYPES`, written by a run of the check's own."""
    deployment.steered()
    wrote = [{"path": path, "text": CONTENT.decode()} for path in TYPES]
    scenario = deployment.scenario("signed", own_results=False, results=wrote)
    with deployment.scenarios(scenario), temporary_run(deployment) as run:
        wait_for_run(deployment, run)
        yield {path: SignedFile(deployment, run, path) for path in TYPES}


def _with_query(url: str, query: list[tuple[str, str]]) -> str:
    return f"{url.partition('?')[0]}?{urlencode(query, quote_via=quote)}"


def _reversed(url: str) -> str:
    return _with_query(url, parse_qsl(urlsplit(url).query, keep_blank_values=True)[::-1])


def _changed_parameters(url: str) -> Iterator[tuple[str, str]]:
    """Yield the URL with one parameter changed, missing, or too many, each with what was done to it."""
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    for number, (name, value) in enumerate(query):
        before, after = query[:number], query[number + 1 :]
        yield f"without {name}", _with_query(url, before + after)
        for changed in _changed_values(name, value):
            yield f"with the {name} {changed!r}", _with_query(url, [*before, (name, changed), *after])
    more = (("response-content-type", "text/html"), ("versionId", "1"), ("X-Amz-Security-Token", "x"), ("acl", ""))
    for name, value in more:
        yield f"with a {name}", _with_query(url, [*query, (name, value)])


def _changed_values(name: str, value: str) -> Iterator[str]:
    yield value[:-1]
    yield f"{value}0"
    if name == "X-Amz-Signature":
        yield value.upper()
        yield value[::-1]
    elif name == "X-Amz-Credential":
        key, scope = value.split("/", 1)
        yield f"{key[::-1]}/{scope}"
        yield f"{key}/{scope.replace('us-', 'eu-')}"
    elif name == "X-Amz-Expires":
        yield str(int(value) + 1)
        yield "604800"
    elif name == "response-content-disposition":
        way, _, rest = value.partition(";")
        yield f"{'inline' if way == 'attachment' else 'attachment'};{rest}"
        yield f"{way}; filename*=UTF-8''other.html"


def _changed_paths(url: str, other: str, capital: str) -> Iterator[tuple[str, str]]:
    """Yield the URL with another path, each with what was done to it. `other` is the URL of another file."""
    path, _, query = url.partition("?")
    yield "of another file", f"{other.partition('?')[0]}?{query}"
    yield "of a file in another folder", f"{capital}?{query}"
    yield "with the name in upper case", f"{path[:-3]}{path[-3:].upper()}?{query}"
    yield "with a longer name", f"{path}0?{query}"
    yield "with a slash at its end", f"{path}/?{query}"
    yield "with a doubled slash", f"{path.replace('/signed/', '//signed/')}?{query}"


def _other_hosts(url: str) -> Iterator[str]:
    """Other names and ports of the same machine, and another machine's."""
    port = urlsplit(url).port or 80
    hosts = (f"localhost:{port}", f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}", "elsewhere.example")
    yield from (host for host in hosts if host != urlsplit(url).netloc)


@check(*RESULTS, full=True)
def signatures_cover_every_part(deployment: Deployment) -> None:
    """A signed URL opens its file, and nothing when its path, a parameter, its method or its host is another."""
    with _files(deployment) as files:
        file, other = files[ONE], files[TWO]
        for way, url in file.urls().items():
            log = SignedFile(deployment, file.run, "output").urls()["attachment"].partition("?")[0]
            for how, changed in (*_changed_paths(url, other.urls()[way], log), *_changed_parameters(url)):
                status = _send(deployment, "GET", changed, {}).status
                what = f"a signed URL ({way}) {how} returned {status}, expected 400 or 403"
                expect(status in REFUSED, what, "files.signed_whole")
            for method in ("HEAD", "PUT", "DELETE"):
                status = _send(deployment, method, url, {}).status
                what = f"{method} of a URL that is signed for GET returned {status}"
                expect(status in REFUSED, what, "files.signed_for_get")
            for host in _other_hosts(url):
                status = _send(deployment, "GET", url, {"Host": host}).status
                what = f"a signed URL at the host {host} returned {status}"
                expect(status in (*REFUSED, 404, 421), what, "files.signed_whole")
            file.open_in_another_order(way)
            opened = file.open(200, way)
            expect(
                opened.answer == CONTENT,
                f"a signed URL ({way}) opens with other bytes than were written",
                ANSWERED[way],
            )


@check(*RESULTS, full=True)
def signed_files_say_what_they_are(deployment: Deployment) -> None:
    """A file opens with its size, content type and a disposition that names it: to be downloaded, or shown."""
    with _files(deployment) as files:
        for path, kind in TYPES.items():
            for way in ("attachment", "inline", "legacy"):
                headers = files[path].open(200, way).answer_headers
                shown = "attachment" if way == "legacy" else way
                name = quote(path.rpartition("/")[2], safe="")
                expected = {
                    "Content-Type": kind,
                    "Content-Length": str(len(CONTENT)),
                    "Content-Disposition": f"{shown}; filename*=UTF-8''{name}",
                    "Accept-Ranges": "bytes",
                }
                actual = {header: headers.get(header) for header in expected}
                what = f"{path} opened as {way} has the headers {actual}, not {expected}"
                expect(actual == expected, what, ANSWERED[way])
                # The text of a file must not steer the server that serves it.
                active = kind.startswith(("text/html", "image/svg"))
                policy = headers.get("Content-Security-Policy", "")
                expect(policy.startswith("sandbox") is active, f"{path} opens with the policy {policy!r}")
        for way, url in files[ONE].urls().items():
            names = {name for name, _ in parse_qsl(urlsplit(url).query)}
            what = f"a URL to open a file as {way} has the parameters {sorted(names)}, not {sorted(PARAMETERS)}"
            expect(names == PARAMETERS, what, ANSWERED[way])
        modified = files[ONE].open(200).answer_headers
        age = _seconds(modified, "Date") - _seconds(modified, "Last-Modified")
        expect(age >= 0, f"a file was last modified {-age:.0f} seconds after it was sent")
        expect(_seconds(modified, "Last-Modified") > 0, "a file was last modified in 1970")


def _seconds(headers: Mapping[str, str], name: str) -> float:
    return parsedate_to_datetime(headers.get(name, "")).timestamp()


RANGES: Mapping[str, tuple[int, int]] = {
    "bytes=0-0": (0, 1),
    "bytes=2-5": (2, 6),
    "bytes=7-": (7, 10),
    "bytes=9-9": (9, 10),
    "bytes=4-1000": (4, 10),
    "bytes=-1": (9, 10),
    "bytes=-4": (6, 10),
    "bytes=-10": (0, 10),
    "bytes=-1000": (0, 10),
}
"""Ranges of ten bytes, with the first byte of each and the one behind its last."""

NO_RANGES = ("bytes=5-2", "bytes=0-1,4-5", "bytes=-", "bytes=a-b", "chars=0-1", "0-1")
"""What is no range of bytes, or several: the whole file is sent."""

OUTSIDE = ("bytes=10-", "bytes=10-20", "bytes=-0")


@check(*RESULTS, full=True)
def signed_files_in_parts(deployment: Deployment) -> None:
    """A range gives these bytes and no others, and a condition the whole file or nothing, as S3 has them."""
    with _files(deployment) as files:
        file = files[ONE]
        for sent, (start, stop) in RANGES.items():
            part = file.open(206, Range=sent)
            actual = (part.answer, part.answer_headers.get("Content-Range"), part.answer_headers.get("Content-Length"))
            expected = (CONTENT[start:stop], f"bytes {start}-{stop - 1}/{len(CONTENT)}", str(stop - start))
            what = f"the range {sent} of {len(CONTENT)} bytes returned {actual}, not {expected}"
            expect(actual == expected, what, "files.range")
        for sent in NO_RANGES:
            expect(file.open(200, Range=sent).answer == CONTENT, f"the range {sent} returned other bytes than the file")
        for sent in OUTSIDE:
            stated = file.open(416, Range=sent).answer_headers.get("Content-Range")
            what = f"the range {sent} is refused with the Content-Range {stated}"
            expect(stated == f"bytes */{len(CONTENT)}", what, "files.range")
        tag = file.open(200).answer_headers.get("ETag", "")
        _check_conditions(file, tag)


def _check_conditions(file: SignedFile, tag: str) -> None:
    other: dict[str, Any] = {"Range": "bytes=0-1", "If-Range": '"other"'}
    expect(tag, "a file has no ETag")
    unchanged = file.open(304, **{"If-None-Match": tag})
    expect(not unchanged.answer, "a file that has not changed is sent again")
    # What a cache that asks again goes by; RFC 9110, 15.4.5.
    shown = unchanged.answer_headers.get("ETag")
    expect(shown == tag, f"a file with the ETag {tag} that has not changed is answered with the ETag {shown}")
    expect(file.open(200, **{"If-None-Match": '"other"'}).answer == CONTENT, "a file that has changed is not sent")
    expect(file.open(206, **other | {"If-Range": tag}).answer == CONTENT[:2], "a range of an unchanged file is another")
    expect(file.open(200, **other).answer == CONTENT, "a range of a file that has changed is sent")


HOUR = 3600
"""Seconds for which the fake's URLs work (fidelity page)."""


@check(*RESULTS, full=True)
def signed_urls_last_an_hour(deployment: Deployment) -> None:
    """A signed URL works for an hour, over the end of a day and a month too, and not a minute longer."""
    control = deployment.steered()
    with _files(deployment) as files:
        now = datetime.fromtimestamp(control.clock().now, UTC)
        month = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC).timestamp()
        deployment.pass_until(month - 5)
        earliest, url, latest = control.clock().now, files[ONE].urls()["inline"], control.clock().now
        lasts = dict(parse_qsl(urlsplit(url).query)).get("X-Amz-Expires")
        expect(lasts == str(HOUR), f"a signed URL works for {lasts} seconds, not {HOUR}")
        for seconds in (10, HOUR - 60):
            deployment.pass_until(earliest + seconds)
            status = _send(deployment, "GET", url, {}).status
            over = control.clock().now - earliest >= HOUR
            what = f"a signed URL returned {status} after {seconds} seconds"
            expect(status == 200 or over, what, "files.signed_for_an_hour")
        deployment.pass_until(latest + HOUR + 60)
        before = control.clock().now
        refused = _send(deployment, "GET", url, {})
        what = f"a signed URL returned {refused.status} more than an hour later, expected 403"
        expect(refused.status == 403, what, "files.signed_for_an_hour")
        require_expired(refused, url, Moments(before, control.clock().now))


@check(*RESULTS, full=True)
def refusals_of_storage(deployment: Deployment) -> None:
    """Storage refuses in XML, with the code that says what was wrong with a signed URL."""
    with _files(deployment) as files:
        file = files[ONE]
        for what, status, code, change, headers in REFUSALS:
            method = "POST" if code == "MethodNotAllowed" else "GET"
            for _ in range(ATTEMPTS):
                refused = _send(deployment, method, change(file.urls()["attachment"]), headers)
                # A clock that moves by itself may have ended the URL already.
                if "expired" not in refused.answer.decode():
                    break
            kind = refused.answer_headers.get("Content-Type", "").partition(";")[0]
            actual = (refused.status, kind, f"<Code>{code}</Code>" in refused.answer.decode())
            rule = "files.signed_without_credentials" if "Authorization" in headers else "files.signed_whole"
            refusal = (status, "application/xml", True)
            expect(actual == refusal, f"{what} returned {actual}, not {status} and {code}", rule)
            require_elements(refused, what)
        url = file.urls()["attachment"]
        deployment.http().ask("DELETE", f"/computations/{file.run}", 204)
        require_gone(_send(deployment, "GET", url, {}), file.path)


def _without(name: str) -> Callable[[str], str]:
    return lambda url: _with_query(url, [pair for pair in parse_qsl(urlsplit(url).query) if pair[0] != name])


def _replaced(name: str, value: str) -> Callable[[str], str]:
    return lambda url: _with_query(
        url, [(key, value if key == name else old) for key, old in parse_qsl(urlsplit(url).query)]
    )


REFUSALS: tuple[tuple[str, int, str, Callable[[str], str], Mapping[str, str]], ...] = (
    ("nothing that signs", 403, "AccessDenied", lambda url: url.partition("?")[0], {}),
    ("a signature of nothing", 403, "SignatureDoesNotMatch", _replaced("X-Amz-Signature", "0" * 64), {}),
    ("an unknown key", 403, "InvalidAccessKeyId", _replaced("X-Amz-Credential", "NOBODY/1/2/s3/aws4_request"), {}),
    ("no date", 400, "AuthorizationQueryParametersError", _without("X-Amz-Date"), {}),
    ("a wrong date", 400, "AuthorizationQueryParametersError", _replaced("X-Amz-Date", "2026-01-01"), {}),
    ("a wrong time", 400, "AuthorizationQueryParametersError", _replaced("X-Amz-Expires", "soon"), {}),
    ("more than a week", 400, "AuthorizationQueryParametersError", _replaced("X-Amz-Expires", "604801"), {}),
    ("another algorithm", 400, "AuthorizationQueryParametersError", _replaced("X-Amz-Algorithm", "AWS4"), {}),
    ("two ways to sign", 400, "InvalidArgument", str, {"Authorization": "Basic Y29udHJhY3Q6"}),
    ("another method", 405, "MethodNotAllowed", str, {}),
    ("a range behind the end", 416, "InvalidRange", str, {"Range": "bytes=100-"}),
)
"""What is wrong with a request, the status and the code that it returns, and how the URL and headers are made so."""


CHECKS = (
    signatures_cover_every_part,
    signed_files_say_what_they_are,
    signed_files_in_parts,
    signed_urls_last_an_hour,
    refusals_of_storage,
)
