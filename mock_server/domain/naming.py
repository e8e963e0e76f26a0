"""Names: those that the service makes up, those that users give or leave out, and the form of ids."""

import re
import shlex

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)

DEFAULT_WORLD = "default"
"""The world of tokens that name none."""

DEMO_TOKEN = "cop_demo_user"  # noqa: S105 - the demo seed prints it
"""The owner of the demo capsules, with all scopes."""

USUAL_URL = "http://127.0.0.1:8000"
USUAL = {"url": USUAL_URL, "world": DEFAULT_WORLD, "token": DEMO_TOKEN}
"""What commands take for an option that is left out."""

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""What worlds, snapshots, scenarios and faults may be called, as a regular expression."""

NAME_WORDS = "must be at most 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit"
"""The same in words."""

ID_PATTERN = r"[A-Za-z0-9_-]{1,100}"
"""What operators may take for an id, as a regular expression; those of the service are UUIDs."""

ID_WORDS = "must be letters, digits, hyphens and underscores, at most 100 of them"
"""The same in words."""

_NAME = re.compile(NAME_PATTERN)


def is_name(text: str) -> bool:
    """Tell whether a world, snapshot, scenario or fault may be called `text`."""
    return _NAME.fullmatch(text) is not None


def printable(text: str) -> str:
    """Escape the characters of `text` that would move the cursor, cannot be seen, or cannot be encoded."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def is_uuid(text: str) -> bool:
    """Whether `text` has the form of an id: a UUID with dashes."""
    return _UUID.fullmatch(text) is not None


def run_name(created: float, *, with_parameters: bool) -> str:
    """A run's display name: the last seven digits of its creation time, not zero padded (recorded responses)."""
    prefix = "Run With Parameters" if with_parameters else "Run"
    return f"{prefix} {int(created) % 10_000_000}"


def release_result_name(major_version: int) -> str:
    """The name of the run that a release makes (recorded answers)."""
    return f"Release v{major_version} Result"


def command_line(words: str, **options: str | None) -> str:
    """`codeocean-mock` with `words` as a user pastes it, and with those options that are not as usual; None is none."""
    needed = {name: value for name, value in options.items() if value is not None and value != USUAL.get(name)}
    given = (f"--{name.replace('_', '-')} {shlex.quote(value)}" for name, value in needed.items())
    return " ".join(["codeocean-mock", words, *given])


def exporting(**options: str | None) -> str:
    """What a shell evaluates to send its clients where `env` with these options says."""
    return f'eval "$({command_line("env", **options)})"'
