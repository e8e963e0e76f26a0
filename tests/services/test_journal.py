"""The journal as it is shown: what an entry says, that it holds no secret, and waiting for one."""

import asyncio
import base64
import json
from collections.abc import Sequence
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.domain.access import Caller
from mock_server.domain.journal import KEPT_BYTES, Journal, Record
from mock_server.domain.redaction import MASK
from mock_server.services.journal import waiting
from mock_server.services.journal.entries import _CONDITIONS, entries, entry, matches, misses
from mock_server.services.journal.waiting import NEAREST, wait
from mock_server.wire.journal import Entry, Match, Waited, WaitRequest
from tests.conftest import START
from tests.process import PATIENCE

CAPSULE = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
RUN = "86a79b7f-ab60-4141-a97c-b1dbbb94decb"
ADA = Caller("u-ada", "ada@example.com", admin=False, scopes=frozenset())


class Operation:
    """What the dispatcher knows of an operation."""

    def __init__(self, name: str) -> None:
        self.name = name

    def unknown_fields(self, query: bytes, body: bytes) -> list[str]:
        return ["body.colour"] if b"colour" in body else []


def record(**given: Any) -> Record:
    """The record of a poll, with some fields as they are given."""
    usual = Record(
        time=START,
        real=START,
        took=0.01,
        method="GET",
        path=f"/api/v1/computations/{RUN}".encode(),
        query=b"",
        headers=[],
        body=b"",
        operation=Operation("get_computation"),
        keys=(RUN,),
        caller=ADA,
        status=200,
        outcome=200,
        fault=None,
        answer=b"",
        answer_headers=[],
    )
    return usual._replace(**given)


def text_of(**given: Any) -> str:
    """All that is shown of a request."""
    return entry(1, record(**given)).model_dump_json()


def test_what_an_entry_says() -> None:
    body = {"capsule_id": CAPSULE, "data_assets": [{"id": "a1", "mount": "x"}], "colour": "red"}
    answer = {"id": RUN, "state": "initializing", "name": "Run é"}
    one = entry(
        7,
        record(
            method="POST",
            path=b"/api/v1/computations",
            headers=[(b"host", b"localhost"), (b"accept", b"a"), (b"accept", b"b")],
            body=json.dumps(body).encode(),
            operation=Operation("run_capsule"),
            keys=(),
            answer=json.dumps(answer, ensure_ascii=False).encode(),
            fault="slow",
        ),
    )
    assert one.model_dump() == {
        "number": 7,
        "time": START,
        "real": START,
        "took": 0.01,
        "method": "POST",
        "path": "/api/v1/computations",
        "query": "",
        "operation": "run_capsule",
        "user": "ada@example.com",
        "entity": RUN,
        "names": [CAPSULE, "a1", RUN],
        "status": 200,
        "outcome": 200,
        "state": "initializing",
        "fault": "slow",
        "unread": ["body.colour"],
        "retry_after": None,
        "headers": {"host": "localhost", "accept": "a, b"},
        "body": f'{{"capsule_id":"{CAPSULE}","data_assets":[{{"id":"a1","mount":"x"}}],"colour":"red"}}',
        "answer": f'{{"id":"{RUN}","state":"initializing","name":"Run é"}}',
    }


def test_an_entry_of_something_that_is_not_served() -> None:
    one = entry(1, record(path=b"/a%20b/%C3%A9/%FF", query=b"x=%20", operation=None, keys=(), caller=None, status=0))
    assert (one.path, one.query) == ("/a b/é/\N{REPLACEMENT CHARACTER}", "x=%20")
    assert (one.operation, one.user, one.entity, one.names, one.unread) == (None, None, None, [], [])


@pytest.mark.parametrize(
    ("keys", "body", "answer", "entity", "names"),
    [
        ((RUN,), None, {"id": RUN}, RUN, [RUN]),
        ((CAPSULE, "job-1"), None, {"job_id": "job-1", "status": "started"}, "job-1", [CAPSULE, "job-1"]),
        ((CAPSULE,), None, {"job_id": "job-2"}, CAPSULE, [CAPSULE, "job-2"]),
        ((), {"name": "n", "data_asset_ids": ["a", "b"]}, {"id": "c"}, "c", ["a", "b", "c"]),
        ((), {"source": {"computation": {"id": RUN}}}, {"message": "no"}, None, [RUN]),
        ((), {"results_info": {"capsule_id": CAPSULE, "data_assets": ["a", 1]}}, None, None, [CAPSULE, "a"]),
        ((), {"pipeline_id": "p", "resume_run_id": RUN, "processes": [{"name": "id"}]}, [], None, ["p", RUN]),
        ((CAPSULE,), ["a", "b", "a"], None, CAPSULE, [CAPSULE, "a", "b"]),
        ((CAPSULE,), [{"id": "a"}, {"id": None}], [{"id": "a"}], CAPSULE, [CAPSULE, "a"]),
        ((), {"id": 7}, {"id": 7, "job_id": "j"}, "j", ["j"]),
    ],
)
def test_what_a_request_speaks_of(keys: tuple[str, ...], body: Any, answer: Any, entity: Any, names: list[str]) -> None:
    one = entry(1, record(keys=keys, body=json.dumps(body).encode(), answer=json.dumps(answer).encode()))
    assert (one.entity, one.names) == (entity, names)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"id": RUN, "state": "running"}, "running"),
        ({"job_id": "j", "status": "started"}, "started"),
        ({"id": CAPSULE, "status": "release"}, None),
        ({"id": RUN, "state": 7}, None),
        ({"results": [{"state": "ready"}]}, None),
        (["job_id"], None),
        ("job_id", None),
        (7, None),
    ],
)
def test_the_state_that_an_answer_shows(answer: Any, state: str | None) -> None:
    assert entry(1, record(answer=json.dumps(answer).encode())).state == state


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (b"5", 5.0),
        (b" 0.5 ", 0.5),
        (formatdate(START + 90, usegmt=True).encode(), 90.0),
        (formatdate(START - 90, usegmt=True).encode(), 0.0),
        (b"Fri, 15 Jan 2027 08:00:30 -0000", 30.0),
        (b"soon", None),
        (b"-5", None),
        (b"nan", None),
        (b"", None),
        (b"Fri, 99 Jan 2027 08:00:30 GMT", None),
    ],
)
def test_retry_after(told: bytes, seconds: float | None) -> None:
    one = entry(1, record(answer_headers=[(b"content-type", b"x"), (b"Retry-After", told)]))
    assert one.retry_after == seconds


@given(st.binary(max_size=40) | st.text("0123456789 :,GMTJanFri+-.", max_size=40).map(str.encode))
def test_any_retry_after_is_survived(told: bytes) -> None:
    seconds = entry(1, record(answer_headers=[(b"retry-after", told)])).retry_after
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("body", "answer", "expected"),
    [
        (b"", b"", ("", "")),
        (b'{"name": "caf\xe9"}', b"caf\xe9", ('{"name": "caf\N{REPLACEMENT CHARACTER}"}', "<4 bytes>")),
        (b"a\0b", b"a\0b", ("<3 bytes>", "<3 bytes>")),
        ('{"a": "é"}'.encode("utf-16"), b"<a/>", ('{"a":"é"}', "<a/>")),
        (b'"\\ud800"', b"\x89PNG" * 100, ('"?"', "<400 bytes>")),
        (b"[" * 5000, b'{"a": 1e999}', ("[" * 5000, '{"a":Infinity}')),
        (b"x" * 20000, "é".encode() * 10000, ("x" * KEPT_BYTES, "é" * (KEPT_BYTES // 2))),
        (b"9" * 5000, b"x" + "é".encode() * 10000, ("9" * 5000, "x" + "é" * 8191 + "\N{REPLACEMENT CHARACTER}")),
    ],
)
def test_bodies_as_text(body: bytes, answer: bytes, expected: tuple[str, str]) -> None:
    one = entry(1, record(body=body, answer=answer))
    assert (one.body, one.answer) == expected


def test_the_size_of_a_download_is_what_the_answer_says() -> None:
    headers = [(b"Content-Length", b"1048576")]
    assert entry(1, record(answer=b"\0" * 9, answer_headers=headers)).answer == "<1048576 bytes>"
    assert entry(1, record(answer=b"\0" * 9, answer_headers=[(b"content-length", b"?")])).answer == "<9 bytes>"


POLL = entry(3, record(status=429, fault="busy", keys=(CAPSULE, RUN)))


@pytest.mark.parametrize(
    ("wanted", "held"),
    [
        ({}, True),
        ({"operation": "get_computation"}, True),
        ({"operation": "get_capsule"}, False),
        ({"method": "get"}, True),
        ({"method": "POST"}, False),
        ({"path": "/api/v1/*"}, True),
        ({"path": "/api/v1"}, False),
        ({"entity": RUN.upper()}, True),
        ({"entity": CAPSULE}, True),
        ({"entity": ""}, False),
        ({"user": "Ada@example.com"}, True),
        ({"user": "u-ada"}, True),
        ({"user": "u-bob"}, False),
        ({"status": 429}, True),
        ({"status": "429"}, True),
        ({"status": "4XX"}, True),
        ({"status": "5xx"}, False),
        ({"status": "4"}, False),
        ({"fault": "*"}, True),
        ({"fault": "busy"}, True),
        ({"fault": "bus"}, False),
        ({"after": 2}, True),
        ({"after": 3}, False),
    ],
)
def test_matching(wanted: dict[str, Any], held: bool) -> None:
    assert matches(POLL, Match(**wanted)) == held
    assert misses(POLL, Match(**wanted)) == ([] if held else list(wanted))


def test_matching_what_has_little_to_match() -> None:
    nobody = entry(1, record(operation=None, keys=(), caller=None, status=0))
    for wanted in (Match(user="u-ada"), Match(entity=RUN), Match(fault="*"), Match(operation="get_capsule")):
        assert not matches(nobody, wanted)
    assert matches(nobody, Match(status=0))
    without_id = Entry(**POLL.model_dump())
    assert matches(without_id, Match(user="ada@example.com"))
    assert not matches(without_id, Match(user="u-ada"))


def test_every_condition_is_looked_at() -> None:
    assert set(_CONDITIONS) == set(Match.model_fields)


def test_entries_are_the_newest_that_match_oldest_first() -> None:
    journal = Journal(6)
    for number in range(1, 9):
        journal.note(record(status=200 if number % 2 else 503))
    assert [one.number for one in entries(journal)] == [3, 4, 5, 6, 7, 8]
    assert [one.number for one in entries(journal, Match(status="5xx"))] == [4, 6, 8]
    assert [one.number for one in entries(journal, Match(status=503), limit=2)] == [6, 8]
    assert [one.number for one in entries(journal, Match(status="5xx", after=4), limit=5)] == [6, 8]
    assert entries(journal, limit=0) == []


def waited(journal: Journal, wish: dict[str, Any], *happenings: Sequence[Record | None], many: int = 1) -> list[Waited]:
    """What comes of waiting when things happen meanwhile: records come in, None clears the journal."""

    async def waiting() -> list[Waited]:
        waits = [asyncio.create_task(wait(journal, WaitRequest(**wish))) for _ in range(many)]
        for happening in happenings:
            for _ in range(3):
                await asyncio.sleep(0)
            for one in happening:
                journal.note(one) if one else journal.clear()
        return await asyncio.gather(*waits)

    return asyncio.run(waiting())


BUSY, FINE = record(status=429), record()
WISH = {"match": {"status": 429}, "count": 2, "timeout": PATIENCE}


@pytest.mark.parametrize(
    ("before", "happenings", "numbers"),
    [
        ([BUSY, FINE, BUSY, BUSY], [], [1, 3, 4]),
        ([BUSY], [[FINE], [BUSY]], [1, 3]),
        ([], [[BUSY], [], [BUSY]], [1, 2]),
        ([], [[FINE, BUSY, FINE, BUSY, BUSY]], [2, 4, 5]),
        ([BUSY], [[None], [BUSY], [BUSY]], [1, 2]),
        ([BUSY], [[None, BUSY], [BUSY]], [1, 2]),
        ([BUSY, FINE], [[None, BUSY, FINE, FINE, FINE], [BUSY]], [1, 5]),
        ([BUSY], [[None, None], [], [BUSY, BUSY]], [1, 2]),
        ([BUSY], [[FINE] * 9, [BUSY]], [1, 11]),
        ([FINE], [[FINE] * 9 + [BUSY] * 2], [11, 12]),
    ],
)
def test_waiting_until_enough_have_come(before: list[Record], happenings: Any, numbers: list[int]) -> None:
    journal = Journal(5)
    for one in before:
        journal.note(one)
    for result in waited(journal, WISH, *happenings, many=3):
        assert (result.met, result.seen, result.nearest) == (True, len(numbers), [])
        assert [one.number for one in result.requests] == numbers


def test_waiting_in_vain_shows_what_came_near() -> None:
    wish = {"match": {"status": 429, "method": "GET"}, "count": 2, "timeout": 0.05}
    happening = [record(status=500, method="PUT"), BUSY, *[FINE] * (NEAREST + 1)]
    [result] = waited(Journal(99), wish, happening)
    assert (result.met, result.seen) == (False, 1)
    assert [one.number for one in result.requests] == [2]
    assert [one.number for one in result.nearest] == list(range(4, NEAREST + 4))


def test_waiting_no_time_at_all() -> None:
    journal = Journal(9)
    wish = WISH | {"timeout": 0}
    assert not waited(journal, wish)[0].met
    journal.note(BUSY)
    journal.note(BUSY)
    assert waited(journal, wish)[0].met
    assert not waited(Journal(0), wish, [BUSY, BUSY])[0].met


def test_what_comes_when_the_time_is_over_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(9)

    async def waiting() -> Waited:
        monkeypatch.setattr(journal, "changed", lambda: asyncio.get_running_loop().create_future())
        asyncio.get_running_loop().call_later(0.02, journal.note, BUSY)
        return await wait(journal, WaitRequest(match=Match(status=429), timeout=0.05))

    assert asyncio.run(waiting()).met


def test_only_what_is_new_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(200)
    rendered: list[int] = []

    def counting(number: int, one: Record) -> Entry:
        rendered.append(number)
        return entry(number, one)

    monkeypatch.setattr(waiting, "entry", counting)
    assert waited(journal, WISH | {"count": 50}, *[[BUSY, FINE]] * 50)[0].met
    assert rendered == list(range(1, 101))


HIDDEN = "hunter2"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SIGNED = f"http://h/_files/x?X-Amz-Date=1&X-Amz-Signature={HIDDEN}&response-content-disposition=inline"
TOKEN = f"cop_{HIDDEN}"
BASIC = "Basic " + base64.b64encode(f"{TOKEN}:".encode()).decode()


@pytest.mark.parametrize(
    "name",
    ["Authorization", "cookie", "Proxy-Authorization", "X-Api-Key", "x-amz-security-token", "X-Auth", "My-Secret-Id"],
)
def test_headers_that_are_secrets(name: str) -> None:
    headers = [(name.encode(), b"a=" + HIDDEN.encode()), (b"host", b"x"), (name.encode(), HIDDEN.encode())]
    assert entry(1, record(headers=headers)).headers == {name: f"{MASK}, {MASK}", "host": "x"}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "access_key_id",
            "secret_access_key",
            "session_token",
            "token",
            "passWORD",
            "client-secret",
            "apiKey",
            "api key",
        ),
        *("ACCESSKEYID", "AwsSecretAccessKey", "pwd", "private_key", "Credentials", "X-Amz-Credential", "sig"),
    ],
)
def test_members_that_are_secrets(name: str) -> None:
    for value in (HIDDEN, 7777777, None, True, [HIDDEN], {"a": {"b": HIDDEN}}):
        text = json.dumps({"a": [{name: value, "b": 1}]})
        one = entry(1, record(body=text.encode(), answer=text.encode(), query=f"{quote(name)}={HIDDEN}".encode()))
        assert one.body == one.answer == json.dumps({"a": [{name: MASK, "b": 1}]}, separators=(",", ":"))
        assert one.query in (f"{name}={MASK}", f"{quote(name)}={MASK}")


@pytest.mark.parametrize(
    "harmless",
    [
        {
            "next_token": "abc",
            "nextToken": "d",
            "tokenizer": "bert",
            "author": "x",
            "sign": 1,
            "key": "a/b",
            "passed": 1,
        },
        {"name": "Basic statistics", "description": "the bearer of good news; ASIAN; no token", "compass": "N"},
        {"commit": "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "id": RUN, "url": "https://h:80/p?q=100%41&a=b@c"},
        {"parameters": [{"param_name": "alpha", "value": "0.5"}], "path": "microscopy/eye.png"},
    ],
)
def test_what_is_no_secret_stays(harmless: dict[str, Any]) -> None:
    text = json.dumps(harmless, separators=(",", ":"))
    query = "&".join(f"{name}={quote(str(value))}" for name, value in harmless.items())
    one = entry(1, record(body=text.encode(), query=query.encode()))
    assert (one.body, one.query) == (text, query)
    assert entry(1, record(body=text[:-1].encode())).body == text[:-1]


def test_parameters_that_are_secrets() -> None:
    text = json.dumps([{"value": HIDDEN, "param_name": "DB_PASSWORD"}, {"name": "alpha", "value": "0.5"}])
    assert json.loads(entry(1, record(body=text.encode())).body) == json.loads(text.replace(HIDDEN, MASK))


def test_a_signed_url_stays_readable() -> None:
    one = entry(
        1, record(answer=json.dumps({"download_url": SIGNED}).encode(), query=SIGNED.partition("?")[2].encode())
    )
    assert json.loads(one.answer)["download_url"] == SIGNED.replace(HIDDEN, MASK)
    assert one.query == SIGNED.partition("?")[2].replace(HIDDEN, MASK)


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"x{TOKEN}@ci-42",
        f"see {SIGNED}",
        f"url={quote(SIGNED, safe='')}",
        f"X%2DAmz%2DSignature={HIDDEN}",
        f"pass%77ord={HIDDEN}",
        f"https://ada:{HIDDEN}@github.com/x",
        f"password={HIDDEN}&x=1",
        f"params[password]={HIDDEN}",
        f"Password: correct {HIDDEN}\n",
        f"password := {HIDDEN}",
        f"'password' => '{HIDDEN}'",
        f"{{'password': b'{HIDDEN}', 'x': 1}}",
        f"<SecretAccessKey>{HIDDEN}</SecretAccessKey>",
        f"Cookie: a=1; b={HIDDEN}",
        f"curl -H 'Authorization: Bearer x {HIDDEN}'",
        f"-----BEGIN RSA PRIVATE KEY-----\n{HIDDEN}\n",
        f"-----BEGIN PRIVATE KEY-----{HIDDEN}-----END PRIVATE KEY-----",
        f"ghp_{HIDDEN}x, github_pat_{HIDDEN}, glpat-{HIDDEN}",
        f"eyJhbGciOiJI.{HIDDEN}.{HIDDEN}",
        f'{{"password": "{HIDDEN}',
        f'{{"p\\u0061ssword": "x\\"{HIDDEN}", "x": 1',
        f'{{"password": ["a", "{HIDDEN}',
        f'{{"password": {{"a": "{HIDDEN}"}}, "x',
        f'{{"password"\n:\n"{HIDDEN}"',
        f'{{"param_name": "db_password", "value": "{HIDDEN}"',
        f'{{"param_name": "db_password", "value": "{HIDDEN}"}}',
        f'{{"x": "{TOKEN}", "x": 1}}',
        f'{{"x": {{"password": "{HIDDEN}"}}, "x": 1}}',
        f'{{"x": "\\u0063op_{HIDDEN}"}}',
        f'{{"{TOKEN}": 1, "id": "{TOKEN}", "state": "{TOKEN}", "job_id": "{TOKEN}"}}',
        json.dumps({"x": json.dumps({"y": json.dumps({"password": f'q"{HIDDEN}'})})}),
        json.dumps({"x": json.dumps({"y": json.dumps({"password": f'q"{HIDDEN}'})})})[:-5],
        f'[{"[" * 3000} "{TOKEN}"',
    ],
)
def test_secrets_wherever_they_stand(text: str) -> None:
    raw = text.encode()
    whole = {"path": quote(text).encode(), "body": raw, "answer": raw, "keys": (text,)}
    assert "hunt" not in text_of(**whole, headers=[(b"referer", raw), (raw, b"x")], query=b"x=" + quote(text).encode())
    assert "hunt" not in text_of(query=raw, body=b"\xff" + raw, answer=b"\xef\xbb\xbf" + raw)
    assert "hunt" not in text_of(body=json.dumps({"name": text}).encode("utf-16"))


def test_credentials_and_key_ids() -> None:
    text = f"{BASIC} {KEY_ID} ASIA{KEY_ID[4:]}"
    found = text_of(path=quote(text).encode(), query=quote(text).encode(), body=text.encode(), keys=(text,))
    assert BASIC[6:20] not in found
    assert KEY_ID[4:12] not in found


def test_fields_that_nothing_reads_are_named_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    operation = Operation("run_capsule")
    monkeypatch.setattr(operation, "unknown_fields", lambda query, body: ["body.password", f"body.{TOKEN}"])
    assert entry(1, record(operation=operation)).unread == ["body.password", f"body.{MASK}"]


odd = st.text(alphabet="\"\\'{}[],:=&<> \n%é?/", max_size=5)
harmless = st.recursive(
    st.none() | st.booleans() | st.integers() | odd,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd, inner, max_size=3),
    max_leaves=5,
)
secret_names = st.sampled_from(["password", "secret_access_key", "ACCESS_KEY_ID", "sessionToken", "x-api-key"])
values = st.lists(odd, min_size=2, max_size=3).map(HIDDEN.join)


@settings(deadline=None)
@given(st.data())
def test_a_secret_in_json_is_never_shown_wherever_it_is_cut(data: st.DataObject) -> None:
    value: Any = data.draw(values | values.map(lambda text: {"a": [text]}))
    names = [data.draw(secret_names), *data.draw(st.lists(odd, max_size=2))]
    for name in names:
        inner = data.draw(st.sampled_from([{name: value}, {"a": 1, name: value, "b": "x"}]))
        value = [data.draw(harmless), inner, data.draw(harmless)]
    for _ in range(data.draw(st.integers(0, 2))):
        value = {"text": json.dumps(value)}
    text = json.dumps(value, ensure_ascii=data.draw(st.booleans()), indent=data.draw(st.sampled_from([None, 2])))
    cut = data.draw(st.integers(0, len(text)))
    assert "hunt" not in text_of(body=text[:cut].encode(), answer=text.encode())
    padding = " " * max(0, KEPT_BYTES - cut)
    assert "hunt" not in text_of(answer=(padding + text).encode())
