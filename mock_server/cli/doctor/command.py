"""`doctor`: the command. What it looks at stands in `diagnosis`."""

from typing import Annotated

import typer

from mock_server.cli.common import (
    DEFAULT_URL,
    PREFIX,
    JsonOption,
    TokenOption,
    UrlOption,
    WorldOption,
    painted,
    write,
    write_json,
)
from mock_server.domain.naming import DEFAULT_WORLD, printable


def doctor(
    token: Annotated[
        str | None, typer.Option("--token", envvar="CODEOCEAN_TOKEN", help="The token that clients will use.")
    ] = None,
    domain: Annotated[
        str | None, typer.Option("--domain", envvar="CODEOCEAN_DOMAIN", help="Where clients will look for Code Ocean.")
    ] = None,
    data_dir: Annotated[
        str, typer.Option("--data-dir", envvar=f"{PREFIX}DATA_DIR", help="Where `serve` would keep its data.")
    ] = ".codeocean-mock",
    world: WorldOption = DEFAULT_WORLD,
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with this setup. Exit code 1 when there is a problem."""
    from mock_server.cli.doctor.environment import Setup
    from mock_server.cli.doctor.server import diagnose

    findings = diagnose(Setup(url, control_token, world, token, domain, data_dir))
    if as_json:
        write_json({"findings": [finding._asdict() for finding in findings]})
    else:
        width = max(len(finding.of) for finding in findings)
        for finding in findings:
            write(f"{painted(f'{finding.status:7}')}  {finding.of:{width}}  {printable(finding.message)}")
            if finding.advice:
                write(f"{'':7}  {'':{width}}  -> {printable(finding.advice)}")
    if any(finding.status == "problem" for finding in findings):
        raise typer.Exit(1)
