"""Paths inside results and data assets: relative, with `/`, never above their root."""

from collections.abc import Collection

from mock_server.errors import BadRequestError

MAX_PATH = 4096


def clean(path: str) -> str:
    """`path` without leading, trailing and doubled slashes; empty for the root.

    Raises `BadRequestError` for a path that climbs out of the root, holds a NUL or is too long.
    """
    if len(path) > MAX_PATH:
        raise BadRequestError(f"path is longer than {MAX_PATH} characters")
    if "\0" in path:
        raise BadRequestError("path holds a NUL character")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise BadRequestError("path climbs out of the folder")
    return "/".join(parts)


def is_clean(path: str) -> bool:
    """Whether `path` names something below the root, and is written as `clean` would."""
    try:
        return bool(path) and clean(path) == path
    except BadRequestError:
        return False


def clean_mount(mount: str) -> str:
    """The folder below `/data` that `mount` names. Raises `BadRequestError` when it names none."""
    folder = clean(mount)
    if not folder:
        raise BadRequestError(f'mount "{mount}" is no folder')
    return folder


def relative_to(path: str, folder: str) -> str | None:
    """`path` as seen from `folder`, or None when it is not inside; the folder itself is `""`."""
    if not folder or path == folder:
        return "" if path == folder else path
    return path[len(folder) + 1 :] if path.startswith(folder + "/") else None


def refuse_file_and_folder(paths: Collection[str]) -> None:
    """Raise `ValueError` when one of `paths` lies below another."""
    for path in paths:
        above = path
        while "/" in above:
            above = above.rpartition("/")[0]
            if above in paths:
                raise ValueError(f"{above} is a file and a folder at once")


CAPSULE_ROOTS = ("root/capsule", "root/capsule/results", "results")
"""Where the files of a cloud workstation stand in its own file system; `/results` is the same folder as
`/root/capsule/results` (docs: structure of a capsule).
"""


def in_capsule(path: str) -> list[str]:
    """The places among the files of a cloud workstation that `path` may mean, the likeliest first: clients send it
    relative, or absolute as it stands on the workstation.
    """
    inside = [relative_to(path, root) for root in CAPSULE_ROOTS]
    return [path, *(place for place in inside if place is not None)]


def join(folder: str, path: str) -> str:
    """`path` inside `folder`; either may be empty."""
    return f"{folder}/{path}" if folder and path else folder or path
