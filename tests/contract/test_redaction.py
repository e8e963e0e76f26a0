"""No secret can be read from what is shown, in whatever form it stands there."""

import base64

import pytest

from contract_tests.transport import redaction
from contract_tests.transport.exchange import SHOWN_BYTES, Exchange

SECRET = "hunter2-Zx81"


@pytest.mark.parametrize(
    "written",
    [
        '{"secret_access_key": "%s"}',
        '{"Password":"%s", "next": "shown"}',
        "{'client_secret': '%s'}",
        "{'client_secret': \"%s\"}",
        '{"message": "{\\"api_token\\": \\"%s\\"}"}',
        '{"access_key": "a \\" quote, %s", "name": "shown"}',
        '{"token": "%s',
        "https://bucket.example.org/a?X-Amz-Date=1&X-Amz-Signature=%s&b=1",
        '{"url":"https://example.org/a?X-Amz-Date=1\\u0026X-Amz-Credential=%s\\u0026b=1"}',
        '<a href="https://example.org/?a=1&amp;signature=%s">',
        "https://%s@example.org/a",
        "https://user:%s@example.org/a",
        "Authorization: Bearer %s",
        "no Basic %s, please",
    ],
)
def test_a_secret_is_known_by_where_it_stands(written: str) -> None:
    redacted = redaction.text(written % SECRET)
    assert SECRET not in redacted
    assert "***" in redacted


@pytest.mark.parametrize(
    "secret", ["cop_abcDEF123", "cop_demo_user@ci-42", "AKIAIOSFODNN7EXAMPLE", "ASIA0123456789ABCDEF"]
)
def test_a_secret_is_known_by_its_form(secret: str) -> None:
    assert redaction.text(f"the key {secret} is wrong") == "the key *** is wrong"


def test_what_is_hidden_is_hidden_in_headers_and_urls_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    redaction.hide("s3/cr t")
    header = base64.b64encode(b"s3/cr t:").decode()
    for form in ("s3/cr t", "s3%2Fcr%20t", header, base64.b64encode(b"s3/cr t").decode()):
        assert redaction.text(f"<{form}>").rstrip("=>") == "<***"


@pytest.mark.parametrize("secret", ["e", "api", "token"])
def test_a_short_secret_is_hidden_where_a_secret_stands_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    for name in ("_known", "_credentials"):
        monkeypatch.setattr(redaction, name, set())
    redaction.hide(secret)
    words = "POST /api/v1/capsules/search returned 200: a Basic run"
    assert redaction.text(words) == words
    basic = base64.b64encode(f"{secret}:".encode()).decode()
    headers = (f"Authorization: Basic {basic}", f"Authorization: Basic {basic.rstrip('=')}", f"bearer {secret}")
    assert all(redaction.text(header).endswith(" ***") for header in headers)
    for written in ("https://%s@example.org", "https://%s:@example.org", "/a?token=%s", '{"token": "%s"}'):
        assert redaction.text(written % secret) == (written % "***").replace("***:", "***")


@pytest.mark.parametrize(
    "harmless",
    [
        '{"next_token":"eyJvZmZzZXQiOjV9","name":"Basic run"}',
        'WWW-Authenticate: Basic realm="Code Ocean"',
        "/api/v1/capsules/search?limit=5&next_token=abc",
        "a@example.org may see https://example.org/a?path=b",
    ],
)
def test_what_is_no_secret_stays(harmless: str) -> None:
    assert redaction.text(harmless) == harmless


def test_a_cut_shows_no_half_of_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    redaction.hide(SECRET)
    body = b"x" * (SHOWN_BYTES - 5) + SECRET.encode()
    exchange = Exchange(1, "POST", "http://x/", {}, body, None, {}, None, "layer", "check", status=200, answer=body)
    assert SECRET[:4] not in exchange.curl() + exchange.response_text()


@pytest.mark.parametrize(("body", "whole"), [(b"{}", True), (b"\xff", False), (b"x" * 9999, False), (b"cop_a", False)])
def test_a_curl_line_that_does_not_send_the_same_says_so(body: bytes, whole: bool) -> None:
    exchange = Exchange(1, "POST", "http://x/", {}, body, None, {}, None, "layer", "check")
    assert ("#" not in exchange.curl()) is whole
