"""Where the deployment is."""

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
    def of(cls, given: str) -> "Target":
        """Read an address as users write it: with or without scheme, `/api/v1` or a slash at the end.

        Raises `TargetError`.
        """
        url = given if "://" in given else f"https://{given}"
        try:
            parts = urlsplit(url)
            sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
            sound = sound and parts.username is None and not parts.query and not parts.fragment
        except ValueError:
            sound = False
        if not sound:
            raise TargetError(f"{given!r} is not the address of a deployment, such as https://codeocean.example.org")
        return cls(url.rstrip("/").removesuffix("/api/v1"))

    @property
    def host(self) -> str:
        """The host's name."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(self.host)

    def owns(self, url: str) -> bool:
        """Whether an address is one of this deployment."""
        mine, other = urlsplit(self.url), urlsplit(url)
        same = (mine.scheme, mine.hostname, mine.port) == (other.scheme, other.hostname, other.port)
        return same and other.path.startswith(mine.path)

    def path_of(self, url: str) -> str:
        """The path of an address below the deployment's."""
        return urlsplit(url).path.removeprefix(urlsplit(self.url).path)
