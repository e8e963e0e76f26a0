"""What a connection may take, in bytes and in seconds (docs/limits.md)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes of the head of a request, and times after which a client that does nothing is given up."""

    url_bytes: int = 32 * 1024
    """A path of 4,096 bytes, the most that a file has, takes three times as much when every byte is escaped."""
    head_bytes: int = 64 * 1024
    """The names and values of all headers, and what is sent around them."""
    header_count: int = 200
    handshake_seconds: float = 30
    """From the connection to the end of its TLS handshake."""
    idle_seconds: float = 75
    """How long a connection is kept on which nothing is asked. Load balancers keep theirs for 60."""
    head_seconds: float = 30
    """From the first byte of a request to the end of its headers."""
    body_seconds: float = 60
    """How long a body may take, beside a second for each `body_rate` bytes of it."""
    body_rate: int = 500
    unread_seconds: float = 600
    """How long a client may leave an answer alone."""
    lingering_seconds: float = 5
    """How long a client has to read why its connection ends."""
    stop_seconds: float = 8
    """How long a stop waits for answers that are owed. Docker kills after 10."""
    look_seconds: float = 1
    """How often connections are looked at."""
    grace_seconds: float = 0.5
    """How long a stop waits for those who are sending or being sent to: uploads and downloads."""
