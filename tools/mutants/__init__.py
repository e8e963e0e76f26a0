"""Mutants: the fake with one small named change each, to see that the harness notices."""

from tools.mutants.access import ACCESS
from tools.mutants.behaviour import BEHAVIOUR
from tools.mutants.edges import EDGES
from tools.mutants.files import FILES
from tools.mutants.mutant import Mutant
from tools.mutants.search import SEARCH
from tools.mutants.shape import SHAPE

MUTANTS: tuple[Mutant, ...] = (*SHAPE, *BEHAVIOUR, *ACCESS, *FILES, *SEARCH, *EDGES)
