"""Paths inside results and data assets: relative, with `/`, never above their root."""

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


def join(folder: str, path: str) -> str:
    """`path` inside `folder`; either may be empty."""
    return f"{folder}/{path}" if folder and path else folder or path
