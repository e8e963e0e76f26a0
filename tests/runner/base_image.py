"""A small image to build environments on, made of this machine's own bash and the programs that scripts need."""

import io
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docker import APIClient

REGISTRY = "codeocean-mock.invalid"
NAME = f"{REGISTRY}/codeocean/bash"
TAG = "1.0"

PROGRAMS = (
    "bash", "cat", "chmod", "cp", "date", "dd", "env", "head", "id", "ln", "ls", "mkdir", "mkfifo", "mknod", "mv",
    "printenv", "rm", "seq", "setsid", "sh", "sleep", "sort", "stat", "tail", "touch", "tr", "true", "truncate",
    "wc", "yes",
)  # fmt: skip


def make(client: "APIClient") -> str:
    """Have the image in an engine; its name."""
    if not client.images(f"{NAME}:{TAG}"):
        client.import_image_from_data(_tar(), repository=NAME, tag=TAG)
    return f"{NAME}:{TAG}"


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder, mode in (("tmp", 0o1777), ("opt", 0o755), ("root", 0o700), ("etc", 0o755)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)
        users = b"root:x:0:0:root:/root:/bin/bash\n"
        entry = tarfile.TarInfo("etc/passwd")
        entry.size = len(users)
        tar.addfile(entry, io.BytesIO(users))
        added = set()
        for program in PROGRAMS:
            found = shutil.which(program)
            assert found, program
            added |= {(Path(found).resolve(), f"usr/bin/{program}")}
            added |= {(library.resolve(), str(library)[1:]) for library in _libraries(found)}
        for source, name in sorted(added):
            tar.add(source, name)
        for name in ("bin", "sbin"):
            if not any(path.startswith(f"{name}/") for _, path in added):
                link = tarfile.TarInfo(name)
                link.type, link.linkname = tarfile.SYMTYPE, "usr/bin"
                tar.addfile(link)
    return buffer.getvalue()


def _libraries(program: str) -> set[Path]:
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return {Path(path) for path in re.findall(r"(/\S+) \(0x", listed)}
