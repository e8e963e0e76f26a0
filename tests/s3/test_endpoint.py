"""Where S3 is and with which keys, as every AWS tool takes it."""

import builtins
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from mock_server.s3 import failures
from mock_server.s3.endpoint import LONGEST_EXPIRY, AddressStyle, Endpoint, EndpointOptions, Keys, named_endpoints
from mock_server.s3.failures import Failure, S3Error
from mock_server.s3.places import Place, ensure_bucket, measure
from mock_server.s3.reading import presigned_url
from mock_server.s3.variables import aws_variables
from tests.s3.proxy import Proxy

MINE = Keys("my-key", "my-secret")


def credentials_of(endpoint: Endpoint) -> Any:
    """Which keys a request would be signed with, by the key id in a signed URL."""
    url = presigned_url(endpoint, "bucket", "key", 60)
    return parse_qs(urlsplit(url).query).get("X-Amz-Credential", [""])[0].split("/")[0]


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(
        "[profile lab]\nregion = eu-central-1\nendpoint_url = http://lab.example:9000\n"
        "aws_access_key_id = lab-key\naws_secret_access_key = lab-secret\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])
def test_the_environment_says_where_s3_is(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9000")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "env-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "env-secret")
    endpoint = Endpoint()
    assert (endpoint.url, endpoint.region, credentials_of(endpoint)) == (
        "http://127.0.0.1:9000",
        "eu-west-1",
        "env-key",
    )


def test_a_url_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000")
    assert Endpoint(EndpointOptions("http://127.0.0.1:9001"), MINE).url == "http://127.0.0.1:9001"


@pytest.mark.usefixtures("profiles")
def test_a_profile_says_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    by_name = Endpoint(EndpointOptions(profile="lab"))
    monkeypatch.setenv("AWS_PROFILE", "lab")
    for endpoint in (by_name, Endpoint()):
        assert (endpoint.url, endpoint.region, credentials_of(endpoint)) == (
            "http://lab.example:9000",
            "eu-central-1",
            "lab-key",
        )


def test_a_profile_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(S3Error, match=r"S3 cannot be used: .*nobody") as caught:
        measure(Place(Endpoint(EndpointOptions(profile="nobody")), "bucket"))
    assert caught.value.kind is Failure.WRONG_SETTING


def test_no_credentials_are_a_failure_that_says_what_to_set() -> None:
    with pytest.raises(S3Error, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE") as caught:
        measure(Place(Endpoint(EndpointOptions("http://127.0.0.1:1", attempts=1)), "bucket"))
    assert caught.value.kind is Failure.NO_CREDENTIALS


def test_without_anything_it_is_aws() -> None:
    endpoint = Endpoint(keys=MINE)
    assert urlsplit(endpoint.url).hostname == "s3.amazonaws.com"
    assert urlsplit(presigned_url(endpoint, "bucket", "key", 60)).hostname == "bucket.s3.amazonaws.com"


def test_keys_of_a_request_are_used_for_it_alone() -> None:
    endpoint = Endpoint(EndpointOptions("http://127.0.0.1:9000"), MINE)
    assert credentials_of(endpoint.with_keys(Keys("their-key", "their-secret"))) == "their-key"
    assert credentials_of(endpoint) == "my-key"


def test_public_buckets_are_read_without_keys(endpoint: Endpoint, bucket: str, proxy: Proxy) -> None:
    seen: list[bool] = []
    anonymous = proxy.endpoint.without_keys()
    anonymous.client.meta.events.register(
        "before-send.s3", lambda request, **_: seen.append("Authorization" in request.headers)
    )
    with pytest.raises(S3Error):
        measure(Place(anonymous, f"{bucket}-private", "a"))
    assert seen == [False]


@pytest.mark.parametrize(
    ("style", "url"),
    [
        (None, "http://s3.example:9000/bucket/a%20b/%C3%BC"),
        (AddressStyle.PATH, "http://s3.example:9000/bucket/a%20b/%C3%BC"),
        (AddressStyle.VIRTUAL, "http://bucket.s3.example:9000/a%20b/%C3%BC"),
    ],
)
def test_a_bucket_is_in_the_path_or_in_the_host(style: AddressStyle | None, url: str) -> None:
    endpoint = Endpoint(EndpointOptions("http://s3.example:9000", style=style), MINE)
    assert presigned_url(endpoint, "bucket", "a b/ü", 60).partition("?")[0] == url


def test_who_has_access_to_the_same_may_let_the_server_copy() -> None:
    options = EndpointOptions("http://127.0.0.1:9000")
    mine, theirs = Endpoint(options, MINE), Endpoint(options, Keys("their-key", "their-secret"))
    assert mine.shares_access(Endpoint(options, MINE))
    assert mine.without_keys().shares_access(mine)
    assert not mine.shares_access(theirs)
    assert not mine.shares_access(mine.without_keys())
    assert not mine.shares_access(mine.reached_at("http://127.0.0.1:9001"))


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("http://127.0.0.1:9000", EndpointOptions("http://127.0.0.1:9000")),
        (
            "https://s3.example; profile=lab;region=eu-1;style=virtual",
            EndpointOptions("https://s3.example", "lab", "eu-1", AddressStyle.VIRTUAL),
        ),
        (";profile=lab", EndpointOptions(profile="lab")),
    ],
)
def test_an_endpoint_is_written_on_one_line(text: str, options: EndpointOptions) -> None:
    assert EndpointOptions.parse(text) == options
    assert named_endpoints([f"lab={text}", "other=http://a"]) == {"lab": options, "other": EndpointOptions("http://a")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("localhost:9000", 'not an S3 endpoint: "localhost:9000"; write a URL such as http://127.0.0.1:9000'),
        ("ftp://a", "not an S3 endpoint"),
        ("http://", "not an S3 endpoint"),
        ("http://a:99999", "not an S3 endpoint"),
        ("http://a b", "not an S3 endpoint"),
        ("http://a?b=c", "not an S3 endpoint"),
        ("http://me:my-secret@a", 'not an S3 endpoint: "http://***@a"'),
        ("http://a;keys=b", 'not a setting of an S3 endpoint: "keys=b"; write profile=, region= or style='),
        ("http://a;region", "not a setting of an S3 endpoint"),
        ("http://a;style=round", 'not an address style: "round"; write path, virtual or auto'),
    ],
)
def test_what_is_no_endpoint_is_said_in_one_line(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        EndpointOptions.parse(text)
    assert "my-secret" not in str(caught.value)


@pytest.mark.parametrize("settings", [["http://a"], ["=http://a"], ["a"], ["a=http://a", "a=http://b"]])
def test_further_endpoints_have_a_name_each(settings: list[str]) -> None:
    with pytest.raises(ValueError, match=r"write NAME=URL|is named twice"):
        named_endpoints(settings)


def test_a_signed_url_gives_the_object_with_its_disposition_and_ranges(endpoint: Endpoint, bucket: str) -> None:
    endpoint.client.put_object(Bucket=bucket, Key="a/b ü.txt", Body=b"0123456789")
    disposition = "attachment; filename*=UTF-8''b%20%C3%BC.txt"
    url = presigned_url(endpoint, bucket, "a/b ü.txt", 60, {"ContentDisposition": disposition})
    whole = httpx.get(url)
    assert (whole.status_code, whole.content) == (200, b"0123456789")
    assert whole.headers["Content-Disposition"] == disposition
    part = httpx.get(url, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")


def test_a_signed_url_is_for_the_name_that_clients_know(endpoint: Endpoint) -> None:
    public = endpoint.reached_at("https://files.example")
    url = urlsplit(presigned_url(public, "bucket", "a", 60))
    assert (url.scheme, url.netloc, url.path) == ("https", "files.example", "/bucket/a")
    assert parse_qs(url.query)["X-Amz-Expires"] == ["60"]


def test_a_url_that_is_signed_for_another_name_works_there(endpoint: Endpoint, bucket: str, proxy: Proxy) -> None:
    endpoint.client.put_object(Bucket=bucket, Key="a", Body=b"abc")
    url = presigned_url(endpoint.reached_at(proxy.url), bucket, "a", 60)
    assert url.startswith(f"{proxy.url}/")
    assert httpx.get(url).content == b"abc"


@pytest.mark.parametrize("seconds", [0, -1, LONGEST_EXPIRY + 1])
def test_a_url_is_signed_for_a_week_at_most(endpoint: Endpoint, seconds: int) -> None:
    with pytest.raises(S3Error, match="at most 604800 seconds"):
        presigned_url(endpoint, "bucket", "a", seconds)


def test_without_the_extra_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "find_spec", lambda _module: None)
    with pytest.raises(S3Error) as caught:
        Endpoint()
    assert caught.value.reason == "S3 needs libraries: pip install 'codeocean-mock[s3]'"


def test_nothing_of_the_extra_is_loaded_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    real = builtins.__import__

    def watched(name: str, *rest: Any) -> Any:
        loaded.append(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", watched)
    Endpoint(EndpointOptions("http://127.0.0.1:9000"), MINE).with_keys(MINE).without_keys().close()
    assert not {name.partition(".")[0] for name in loaded} & {"boto3", "botocore", "moto"}


def test_a_closed_endpoint_opens_again(endpoint: Endpoint, bucket: str) -> None:
    again = endpoint.with_keys(endpoint.keys) if endpoint.keys else endpoint
    assert not ensure_bucket(again, bucket)
    again.close()
    again.close()
    assert not ensure_bucket(again, bucket)
    again.close()


def test_variables_are_those_of_aws_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws_variables("http://127.0.0.1:9000", "eu-west-1", MINE).items():
        monkeypatch.setenv(name, value)
    endpoint = Endpoint()
    assert (endpoint.url, endpoint.region, credentials_of(endpoint)) == (
        "http://127.0.0.1:9000",
        "eu-west-1",
        "my-key",
    )
    assert "AWS_ACCESS_KEY_ID" not in aws_variables("http://127.0.0.1:9000", "eu-west-1")
