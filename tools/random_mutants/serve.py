"""A server of this checkout, one module of which has another source: `python -m tools.random_mutants.serve serve …`.

`MUTATED_MODULE` names the module and `MUTATED_SOURCE` the file with its source; without them nothing is changed.
`REACHED_LINES` names a file that is to hold the lines that the server has run.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import coverage

MUTATED_MODULE, MUTATED_SOURCE, REACHED = "MUTATED_MODULE", "MUTATED_SOURCE", "REACHED_LINES"

MOST_MEMORY = 4 * 2**30
"""Bytes of address space: a mutant that takes all it can get must not take the machine's."""


class _Loader(SourceFileLoader):
    """Loads a module as if another text stood in its file."""

    def __init__(self, name: str, path: str, source: Path) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType | None:
        return self.source_to_code(self._source.read_bytes(), self.get_filename(fullname))


class _Finder(MetaPathFinder):
    """Finds one module, with another source."""

    def __init__(self, name: str, source: Path) -> None:
        self._name, self._source = name, source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == self._name else None
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin, self._source)
        return spec


@contextmanager
def _measured(file: Path) -> Iterator[None]:
    root = Path(__file__).parents[2]
    measuring = coverage.Coverage(data_file=None, source=[str(root / "mock_server")], config_file=False)
    measuring.start()
    try:
        yield
    finally:
        measuring.stop()
        data: Any = measuring.get_data()
        lines = {Path(path).relative_to(root).as_posix(): data.lines(path) for path in data.measured_files()}
        file.write_text(json.dumps(lines))


def main() -> None:
    """Run the product's command."""
    if os.environ.get(MUTATED_MODULE):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        sys.meta_path.insert(0, _Finder(os.environ[MUTATED_MODULE], Path(os.environ[MUTATED_SOURCE])))
    if os.environ.get(REACHED):
        with _measured(Path(os.environ[REACHED])):
            _serve()
    else:
        _serve()


def _serve() -> None:
    from mock_server.__main__ import main

    main()


if __name__ == "__main__":
    main()
