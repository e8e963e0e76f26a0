"""All cases of a seed. A case follows from the seed and its number alone, whatever was answered to others."""

import random

from tools.fuzz.api_cases import ApiCases
from tools.fuzz.control_cases import ControlCases, world_of_path
from tools.fuzz.file_cases import FileCases
from tools.fuzz.page_cases import PageCases
from tools.fuzz.raw_cases import spoilt
from tools.fuzz.request import Case, Sending, fixed
from tools.fuzz.world_facts import WorldFacts
from tools.fuzz.worlds import FAULTY, WORLDS

Area = ApiCases | ControlCases | FileCases | PageCases
SHARES = (45, 20, 15, 20)
"""Of the cases, in percent: the API, the control plane, files, the dashboard."""


class Cases:
    """Makes cases by their numbers."""

    def __init__(self, seed: int, facts: WorldFacts) -> None:
        self._seed = seed
        kinds = (ApiCases, ControlCases, FileCases, PageCases)
        self._areas: tuple[Area, ...] = tuple(kind(facts) for kind in kinds)

    def case(self, number: int) -> Case:
        """The case with a number."""
        rng = random.Random(f"{self._seed}:{number}")
        [area] = rng.choices(self._areas, SHARES)
        told_by_path = isinstance(area, ControlCases | PageCases)
        world = world_of_path(rng) if told_by_path else rng.choice((*WORLDS, *WORLDS, *WORLDS, FAULTY))
        faulty = world == FAULTY and not told_by_path
        draw = rng.random()
        if draw < 0.14:
            step = fixed(spoilt(rng, area.request(rng, world)))
            return Case(number, area.area, (step,), strict=False, faulty=faulty)
        if draw < 0.2:
            steps = tuple(fixed(area.request(rng, world)) for _ in range(rng.choice((2, 3, 8))))
            return Case(number, area.area, steps, Sending.PIPELINED, faulty=faulty)
        if draw < 0.26:
            sending = rng.choice((Sending.IN_PIECES, Sending.HALF))
            return Case(number, area.area, (fixed(area.request(rng, world)),), sending, faulty=faulty)
        return Case(number, area.area, area.steps(rng, world), faulty=faulty)
