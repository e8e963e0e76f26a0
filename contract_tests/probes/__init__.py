"""Probes: hostile input, picked by hand, that generators do not make."""

from contract_tests.checks import Check
from contract_tests.probes import bodies, headers, methods, numbers, paths, texts, wrong_types

CHECKS: tuple[Check, ...] = (
    *bodies.CHECKS,
    *numbers.CHECKS,
    *paths.CHECKS,
    *headers.CHECKS,
    *methods.CHECKS,
    *texts.CHECKS,
    *wrong_types.CHECKS,
)
