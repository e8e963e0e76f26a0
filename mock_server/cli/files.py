"""YAML files of the command line: faults and checks. Imported late, as pydantic takes its time."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from mock_server.client.errors import places_of
from mock_server.documents.problems import from_file
from mock_server.wire.control import Control, Fault
from mock_server.wire.journal import Verification

M = TypeVar("M", bound=BaseModel)


class FaultFile(Control):
    """Faults, as `faults load` takes them."""

    faults: list[Fault]


def faults(path: str) -> list[Fault]:
    """The faults in a file. Raises `DocumentError`."""
    return _read("faults", path, FaultFile).faults


def checks(path: str) -> Verification:
    """The checks in a file. Raises `DocumentError`."""
    return _read("checks", path, Verification)


def _read(what: str, path: str, model: type[M]) -> M:
    text = from_file(what, path)
    try:
        return model.model_validate(text.document.content)
    except ValidationError as failure:
        found = places_of(failure, text.document.content)
    raise text.refuse(found.items())
