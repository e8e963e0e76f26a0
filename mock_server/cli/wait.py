"""`wait`."""

from typing import Annotated

import typer

from mock_server.cli.common import (
    DEFAULT_URL,
    TIMEOUT,
    JsonOption,
    TokenOption,
    UrlOption,
    connected,
    number,
    write,
    write_json,
)


def wait(
    timeout: Annotated[str, typer.Option("--timeout", help="How long to wait: 30, 90s, 2m.")] = "30s",
    once: Annotated[bool, typer.Option("--once", help="Ask once and do not wait: a health check.")] = False,
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Wait until the server is ready. Exit code 1, and why, when it is not."""
    patience = _seconds(timeout)
    with connected(url, control_token, min(patience, TIMEOUT)) as control:
        health = control.health() if once else control.wait_until_ready(patience)
    if as_json:
        write_json(health)
    else:
        write(f"{control.url} is ready: codeocean-mock {health.version}, data {health.data}")


def _seconds(timeout: str) -> float:
    from mock_server.domain import durations

    try:
        return durations.seconds(number(timeout) or 0)
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint="--timeout") from None
