"""HAProxy in front of servers, with the project's own configuration, docker/scale/haproxy.cfg."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tools.processes import end

CONFIG = Path(__file__).parents[1] / "docker" / "scale" / "haproxy.cfg"
END_SECONDS = 30.0
LISTENING = 1024
"""How many connections wait to be accepted, at most."""


class Balancer(NamedTuple):
    """A HAProxy that runs."""

    port: int
    process: "subprocess.Popen[str]"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"


def installed() -> str | None:
    """The path of HAProxy, if it is installed."""
    return shutil.which("haproxy")


def variables(listen: str, replicas: Sequence[str], control_token: str) -> dict[str, str]:
    """The environment that the configuration reads; `replicas` are host and port of each."""
    places = {f"REPLICA_{number}": place for number, place in enumerate(replicas)}
    token = {"CODEOCEAN_MOCK_CONTROL_TOKEN": control_token}
    return {"LISTEN": listen, "REPLICAS": str(len(replicas)), **places, **token}


@contextmanager
def balanced(replicas: Sequence[str], control_token: str, log: Path) -> Iterator[Balancer]:
    """HAProxy on a free port of the loopback interface, gone afterwards; it writes into `log`."""
    with socket.create_server(("127.0.0.1", 0), backlog=LISTENING) as listener, log.open("wb") as written:
        number = listener.fileno()
        environment = os.environ | variables(f"fd@{number}", replicas, control_token)
        process = subprocess.Popen(
            ["haproxy", "-db", "-f", str(CONFIG)],
            env=environment, pass_fds=[number], stdout=written, stderr=written, text=True,
        )  # fmt: skip
        try:
            yield Balancer(listener.getsockname()[1], process)
        finally:
            end(process, END_SECONDS)
