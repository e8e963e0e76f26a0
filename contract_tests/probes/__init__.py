"""Probes: hostile input, picked by hand, that generators do not make."""

from contract_tests.checks import Check
from contract_tests.probes import bodies, headers, limits, methods, numbers, paths, round_trips, texts, wrong_types

CHECKS: tuple[Check, ...] = (
    *bodies.CHECKS,
    *numbers.CHECKS,
    *paths.CHECKS,
    *headers.CHECKS,
    *methods.CHECKS,
    *texts.CHECKS,
    *round_trips.CHECKS,
    *limits.CHECKS,
    *wrong_types.CHECKS,
)
