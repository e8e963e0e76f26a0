"""The control token in a file: the server that first needs one makes it, the commands read it."""

import os
from pathlib import Path
from typing import NamedTuple

from mock_server.errors import StartError


class Kept(NamedTuple):
    """A token that stands in a file, and whether it was put there just now."""

    token: str
    is_new: bool


def keep(path: Path) -> Kept:
    """The token in the file at `path`, which is made when it is not there, for its owner alone. Raises `StartError`."""
    if path.exists():
        return Kept(read(path), is_new=False)
    from mock_server import ids  # Late, as below: every command reads this module.

    token = ids.random_token()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = _written(path, token)
    except OSError as problem:
        raise StartError(f"the control token cannot be kept in {path}: {problem.strerror}") from None
    return Kept(token if is_new else read(path), is_new)


def _written(path: Path, token: str) -> bool:
    """Whether the token was written. Of two servers that start at once one does, and the other finds a whole token."""
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile("w", dir=path.parent) as whole:  # Its mode is 0600.
        whole.write(token + "\n")
        whole.flush()
        try:
            os.link(whole.name, path)
        except FileExistsError:
            return False
    return True


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
