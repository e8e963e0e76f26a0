"""S3 endpoints: where they are, with which keys, and how long to try."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from mock_server.s3.failures import Failure, S3Error, failures_of, require_library

if TYPE_CHECKING:
    from boto3 import Session
    from types_boto3_s3 import S3Client

AWS = "https://s3.amazonaws.com"
DEFAULT_REGION = "us-east-1"
"""Where nothing names a region: what AWS and other S3 servers take for theirs then."""

LONGEST_EXPIRY = 7 * 86400
"""The most seconds for which S3 signs a URL."""


class AddressStyle(StrEnum):
    """Where a bucket's name is in a URL; `auto` is for boto3 to choose: the path of any endpoint but AWS's own."""

    AUTO = "auto"
    PATH = "path"
    VIRTUAL = "virtual"


@dataclass(frozen=True, slots=True)
class Keys:
    """Credentials. Their text shows none of it."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """How to reach S3. None is what the environment and the files of the AWS tools say: AWS_ENDPOINT_URL_S3,
    AWS_ENDPOINT_URL, AWS_PROFILE, AWS_REGION, ~/.aws and so on.
    """

    url: str | None = None
    profile: str | None = None
    region: str | None = None
    style: AddressStyle | None = None
    connect_seconds: float = 5.0
    read_seconds: float = 60.0
    """How long to wait for a connection, and for anything more to come on it."""
    attempts: int = 4
    """How often to try anything in all, with longer and longer pauses."""
    connections: int = 32

    def __post_init__(self) -> None:
        if self.url is not None:
            check_url(self.url)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `URL[;profile=P][;region=R][;style=path|virtual|auto]`; without a URL the profile says where. Raises
        `ValueError`.
        """
        url, *settings = text.split(";")
        chosen: dict[str, Any] = {}
        for setting in settings:
            name, equals, value = (part.strip() for part in setting.partition("="))
            if name not in ("profile", "region", "style") or not equals or not value:
                raise ValueError(f'not a setting of an S3 endpoint: "{setting}"; write profile=, region= or style=')
            chosen[name] = value
        if "style" in chosen:
            chosen["style"] = _style(chosen["style"])
        return cls(url=url.strip() or None, **chosen)


def _style(text: str) -> AddressStyle:
    try:
        return AddressStyle(text)
    except ValueError:
        raise ValueError(f'not an address style: "{text}"; write path, virtual or auto') from None


def check_url(url: str) -> None:
    """Raise `ValueError` unless this can be the URL of an S3 endpoint."""
    refusal = ValueError(f'not an S3 endpoint: "{without_user(url)}"; write a URL such as http://127.0.0.1:9000')
    try:
        parts = urlsplit(url)
        port_is_possible = parts.port != 0
    except ValueError:
        raise refusal from None
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or not port_is_possible:
        raise refusal
    if re.search(r"[\s\"<>\\]", url):
        raise refusal


def without_user(url: str) -> str:
    """A URL without the name and password that may be in it."""
    return re.sub(r"(?<=//)[^/]*@", "***@", url)


def named_endpoints(settings: list[str]) -> dict[str, EndpointOptions]:
    """Read further endpoints, each `NAME=` with what `EndpointOptions.parse` takes. Raises `ValueError`."""
    named: dict[str, EndpointOptions] = {}
    for setting in settings:
        name, equals, rest = setting.partition("=")
        name = name.strip()
        if not name or not equals or "://" in name:
            raise ValueError(f'not a named S3 endpoint: "{without_user(setting)}"; write NAME=URL')
        if name in named:
            raise ValueError(f'the S3 endpoint "{name}" is named twice')
        named[name] = EndpointOptions.parse(rest)
    return named


class Endpoint:
    """An S3 endpoint as one caller sees it: with the keys of the environment, with others, or anonymously. It may be
    used from several threads; it is connected when it is first used. Raises `S3Error` without the library.
    """

    def __init__(
        self, options: EndpointOptions | None = None, keys: Keys | None = None, *, anonymous: bool = False
    ) -> None:
        require_library()
        self.options = options or EndpointOptions()
        self.keys = keys
        self.anonymous = anonymous
        self._lock = Lock()
        self._client: S3Client | None = None

    def with_keys(self, keys: Keys) -> "Endpoint":
        """The same endpoint for whoever has these keys."""
        return Endpoint(self.options, keys)

    def without_keys(self) -> "Endpoint":
        """The same endpoint for anybody, as public buckets are read."""
        return Endpoint(self.options, anonymous=True)

    def reached_at(self, url: str) -> "Endpoint":
        """The same endpoint by another name, with the same keys: what clients reach it by. Raises `ValueError`."""
        return Endpoint(replace(self.options, url=url), self.keys, anonymous=self.anonymous)

    @property
    def client(self) -> "S3Client":
        """What speaks to it. Raises `S3Error` when the settings of AWS tools cannot be used."""
        with self._lock:
            if self._client is None:
                with failures_of(self.options.url or AWS, ""):
                    self._client = self._connected()
            return self._client

    @cached_property
    def url(self) -> str:
        """Where it is."""
        return self.options.url or str(self.client.meta.endpoint_url)

    @cached_property
    def region(self) -> str:
        """Its region."""
        return str(self.client.meta.region_name)

    def shares_access(self, other: "Endpoint") -> bool:
        """Whether `other` can read what this one can, so that the server may be asked to copy by itself."""
        mine, others = (replace(each.options, url=each.url) for each in (self, other))
        return mine.url == others.url and (
            self.anonymous or (self.keys == other.keys and mine.profile == others.profile and not other.anonymous)
        )

    def close(self) -> None:
        """Close its connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def __repr__(self) -> str:
        """Where it is, and nothing of its keys."""
        return f"Endpoint({self.options.url or 'as AWS tools say'})"

    def _connected(self) -> "S3Client":
        from botocore import UNSIGNED
        from botocore.config import Config

        options, keys = self.options, self.keys
        session = self._session()
        config = Config(
            connect_timeout=options.connect_seconds,
            read_timeout=options.read_seconds,
            retries={"mode": "standard", "total_max_attempts": options.attempts},
            max_pool_connections=options.connections,
            signature_version=UNSIGNED if self.anonymous else "s3v4",
            # Servers other than AWS do not all know the checksums that came in 2025.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        if options.style is not None:
            config = config.merge(Config(s3={"addressing_style": options.style.value}))
        return session.client(
            "s3",
            endpoint_url=options.url,
            region_name=options.region or session.region_name or DEFAULT_REGION,
            aws_access_key_id=keys.access_key_id if keys else None,
            aws_secret_access_key=keys.secret_access_key if keys else None,
            aws_session_token=keys.session_token if keys else None,
            config=config,
        )

    def _session(self) -> "Session":
        from boto3 import Session

        return Session(profile_name=self.options.profile)


def check_expiry(seconds: int) -> None:
    """Raise `S3Error` unless S3 signs a URL for so long."""
    if not 0 < seconds <= LONGEST_EXPIRY:
        raise S3Error(Failure.WRONG_SETTING, f"S3 signs a URL for at most {LONGEST_EXPIRY} seconds, not {seconds}")
