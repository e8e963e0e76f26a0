"""A server with a control token: its answers to those who have it and those who do not."""

from tools.replay.exchange import Request
from tools.replay.recorder import Recorder

TOKEN = "replay-token"
KEY = (("Authorization", f"Bearer {TOKEN}"),)


def record(to: Recorder) -> None:
    """The control plane with and without the token, and the dashboard, which asks for it."""
    to.section = "the control token"
    for headers in ((), (("Authorization", "Bearer wrong"),), (("Authorization", "Basic x"),), KEY):
        for path in ("worlds", "health", "nothing", "openapi.json"):
            to.send(Request("GET", f"/_mock/{path}", headers=headers))
    for target in ("/_ui", "/_ui/worlds/default", "/_ui/worlds/default/journal", "/_ui/login", "/_ui/login?next=/_ui"):
        to.send(Request("GET", target))
