"""Address of the deployment."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from contract_tests.transport.redaction import url as redact_url
from mock_server.client import is_loopback

_NO_HOST = re.compile(r"""[\s/\\%@<>"'|^`{}$!*]""")


class TargetError(ValueError):
    """The address cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment's address: scheme, host and port, and the path before `/api/v1` if there is one."""

    url: str

    @classmethod
    def of(cls, address: str) -> "Target":
        """Read an address as users write it: with or without scheme, `/api/v1` or a slash at the end.

        Raises `TargetError`.
        """
        has_scheme = "://" in address
        url = address if has_scheme else f"https://{address}"
        reason = _fault(url, has_scheme)
        if reason is not None:
            shown = redact_url(address)
            raise TargetError(
                f"not a deployment URL: {shown!r}{reason}; write one such as https://codeocean.example.org"
            )
        return cls(url.rstrip("/").removesuffix("/api/v1"))

    @property
    def host(self) -> str:
        """The host's name."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """Tell whether the deployment is on this machine."""
        return is_loopback(self.host)

    def owns(self, url: str) -> bool:
        """Tell whether a URL belongs to this deployment."""
        mine, other = urlsplit(self.url), urlsplit(url)
        same = (mine.scheme, mine.hostname, mine.port) == (other.scheme, other.hostname, other.port)
        return same and other.path.startswith(mine.path)

    def path_of(self, url: str) -> str:
        """The path of an address below the deployment's."""
        return urlsplit(url).path.removeprefix(urlsplit(self.url).path)


def _fault(url: str, has_scheme: bool) -> str | None:
    """Tell why an address is no deployment's, as what follows it in a message; None when it may be one."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host.encode("idna")
    except ValueError:
        return ""
    # A single word is a host only where somebody has said so: `localhost`, or with a scheme.
    is_host = host and not _NO_HOST.search(host) and (has_scheme or "." in host or is_loopback(host))
    if parts.scheme not in ("http", "https") or not is_host or parts.query or parts.fragment:
        return ""
    if parts.username is not None:
        return " (credentials belong into --token)"
    try:
        return None if parts.port != 0 else " (its port must be 1 to 65535)"
    except ValueError:
        return " (its port must be 1 to 65535)"
