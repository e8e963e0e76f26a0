"""The control token in a file: the server that first needs one makes it, the commands read it."""

from pathlib import Path
from typing import NamedTuple

from mock_server.errors import StartError
from mock_server.side_files import put_new


class Kept(NamedTuple):
    """A token that stands in a file, and whether it was put there just now."""

    token: str
    is_new: bool


def keep(path: Path) -> Kept:
    """The token in the file at `path`, which is made when it is not there, for its owner alone. Raises `StartError`."""
    from mock_server import ids  # Late: every command reads this module.

    token = ids.random_token()
    try:
        if path.exists():
            return Kept(read(path), is_new=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = put_new(path, f"{token}\n".encode())
    except OSError as problem:
        raise StartError(f"the control token cannot be kept in {path}: {problem.strerror}") from None
    return Kept(token if is_new else read(path), is_new)


def read(path: Path) -> str:
    """The token in the file at `path`. Raises `StartError` when there is none."""
    try:
        token = path.read_text("ascii").strip()
    except OSError as problem:
        raise StartError(f"the control token cannot be read from {path}: {problem.strerror}") from None
    except ValueError:
        raise StartError(f"the control token cannot be read from {path}: it is not ASCII") from None
    if not token:
        raise StartError(f"there is no control token in {path}: the file is empty")
    return token
