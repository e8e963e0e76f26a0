"""All mutants."""

from tests.mutants.access import ACCESS
from tests.mutants.behaviour import BEHAVIOUR
from tests.mutants.files import FILES
from tests.mutants.mutant import Mutant
from tests.mutants.shape import SHAPE

MUTANTS: tuple[Mutant, ...] = (*SHAPE, *BEHAVIOUR, *ACCESS, *FILES)
