"""The stored files of a snapshot on its way to another server: a tar behind the compressed database."""

import tarfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from mock_server.domain import tar_streams
from mock_server.domain.content import BLOCK
from mock_server.errors import BadRequestError
from mock_server.store.stored_files import StoredFiles


def packed(files: StoredFiles, names: Iterable[str]) -> Iterator[bytes]:
    """Those of `files` as a tar, piece by piece. Raises `DamagedError` when one is missing."""
    sizes = ((sha256, files.size(sha256)) for sha256 in sorted(names))
    return tar_streams.packed((sha256, size, files.read(sha256, 0, size)) for sha256, size in sizes)


def unpack(file: BinaryIO, start: int, into: StoredFiles) -> None:
    """Keep the files of the tar that begins at `start` of `file`. Raises `BadRequestError` when it is not such a tar,
    or a file in it is not what its name says; `UnavailableError` when one cannot be written.
    """
    file.seek(start)
    try:
        with tarfile.open(fileobj=file, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None:
                    raise BadRequestError("the snapshot is damaged: something in it is not a file")
                with into.receive() as incoming:
                    while piece := content.read(BLOCK):
                        incoming.write(piece)
                    if incoming.sha256 != member.name:
                        raise BadRequestError("the snapshot is damaged: the hash of a file does not fit its content")
                    into.keep(incoming)
    except (tarfile.TarError, EOFError, ValueError) as problem:
        raise BadRequestError("the snapshot is damaged: its files cannot be read") from problem
