"""`env`."""

import re
import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.common import (
    CA_FILE,
    DEFAULT_URL,
    PREFIX,
    JsonOption,
    TokenOption,
    UrlOption,
    WorldOption,
    complain,
    stop,
    write,
    write_json,
)
from mock_server.domain.naming import DEFAULT_WORLD, DEMO_TOKEN

if TYPE_CHECKING:
    from mock_server.client import Control

ANSWER_SECONDS = 10.0
"""How long a server has to say what it adds: a shell that starts is waiting, and so may a machine be."""


class Shell(StrEnum):
    """Whose syntax the lines have."""

    SH = "sh"
    FISH = "fish"
    POWERSHELL = "powershell"


def env(
    token: Annotated[str, typer.Option("--token", help="The token to use.")] = DEMO_TOKEN,
    shell: Annotated[Shell, typer.Option("--shell", help="The shell to write for.")] = Shell.SH,
    world: WorldOption = DEFAULT_WORLD,
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    ca_file: Annotated[
        Path | None,
        typer.Option("--ca-file", envvar=CA_FILE, help="The authority that clients trust under HTTPS."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print what a shell exports to use the fake. The SDK and the MCP server read it, and AWS tools where S3 is on."""
    variables = _variables(token, world, url, control_token, ca_file)
    if as_json:
        write_json(variables)
    else:
        write("\n".join(_line(shell, name, value) for name, value in variables.items()))


def _variables(token: str, world: str, url: str, control_token: str | None, ca_file: Path | None) -> dict[str, str]:
    from mock_server.client import Control, ControlError, WrongArgumentError
    from mock_server.domain import trust

    if "@" in token and world != DEFAULT_WORLD:
        raise typer.BadParameter("names a world already", param_hint="--token")
    try:
        with Control(url, control_token, timeout=ANSWER_SECONDS, ca_file=ca_file) as control:
            in_world = control.world(world).token(token)
            s3 = _s3_variables(control, world)
    except WrongArgumentError as problem:
        raise typer.BadParameter(problem.message) from None
    except ControlError as problem:
        stop(problem.message)
    variables = {
        "CODEOCEAN_DOMAIN": control.url,
        "CODEOCEAN_TOKEN": in_world,
        f"{PREFIX}URL": control.url,
        f"{PREFIX}WORLD": world,
    }
    if control.ca_file is not None:
        variables |= trust.variables(str(control.ca_file.absolute()))
    return variables | s3 | ({f"{PREFIX}CONTROL_TOKEN": control_token} if control_token else {})


def _s3_variables(control: "Control", world: str) -> dict[str, str]:
    """What is exported to use S3, when the server answers and has it. The world may not be there yet."""
    from mock_server.client import ControlError, ForeignError, SilentError

    found: dict[str, str] = {}
    for name in dict.fromkeys((DEFAULT_WORLD, world)):
        try:
            s3 = control.world(name).info().s3
        except ForeignError as problem:
            complain(f"{problem.message}; give --url if the server listens elsewhere")
            return found
        except SilentError as problem:
            complain(f"{problem.message}; what it adds, as for S3, is left out")
            return found
        except ControlError as problem:
            if problem.status is None:
                return found
            continue
        if s3 is not None:
            found |= s3.variables
            if name == world:
                found[f"{PREFIX}DATASETS_BUCKET"] = s3.bucket
    return found


def _line(shell: Shell, name: str, value: str) -> str:
    if shell is Shell.FISH:
        return f"set -gx {name} " + "'" + re.sub(r"(['\\])", r"\\\1", value) + "'"
    if shell is Shell.POWERSHELL:
        # PowerShell takes typographic quotes for quotes too.
        return f"$env:{name} = " + "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", value) + "'"
    return f"export {name}={shlex.quote(value)}"
