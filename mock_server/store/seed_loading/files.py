"""The files that a seed file names, as trees."""

from mock_server.documents.scenario_file import content_of
from mock_server.documents.seed_parts import SeedFile, SeedSimulated
from mock_server.domain.files import Entry, FileTree
from mock_server.domain.generated_folders import SimulatedFolder


def tree(name: str, files: list[SeedFile], simulated: SeedSimulated | None = None) -> FileTree:
    """The files of what has that name, and what is simulated beside them."""
    entries = [Entry(file.path, content_of(name, file)) for file in files]
    if simulated is not None:
        drawn_from = name if simulated.drawn_from is None else simulated.drawn_from
        entries.insert(0, Entry("", SimulatedFolder(drawn_from, simulated.files, simulated.size)))
    return FileTree(tuple(entries))
