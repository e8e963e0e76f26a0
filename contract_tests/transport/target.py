"""Address of the deployment."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from mock_server.client import is_loopback


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
        url = address if "://" in address else f"https://{address}"
        try:
            parts = urlsplit(url)
            is_valid = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
            is_valid = is_valid and parts.username is None and not parts.query and not parts.fragment
        except ValueError:
            is_valid = False
        if not is_valid:
            raise TargetError(f"not a deployment URL: {address!r}; write one such as https://codeocean.example.org")
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
