"""YAML files of the command line: faults and checks. Imported late, as pydantic takes its time."""

from mock_server.documents.problems import from_file
from mock_server.wire.control import Control, Fault
from mock_server.wire.journal import Verification


class FaultFile(Control):
    """Faults, as `faults load` takes them."""

    faults: list[Fault]


def faults(path: str) -> list[Fault]:
    """The faults in a file. Raises `DocumentError`."""
    return from_file("faults", path).read_as(FaultFile).faults


def checks(path: str) -> Verification:
    """The checks in a file. Raises `DocumentError`."""
    return from_file("checks", path).read_as(Verification)
