"""Scenarios of what is easily lost: order, what is derived, rules of two things at once, and what is on its way."""

from contract_tests.checks import Check
from contract_tests.scenarios.edges import at_once, clock, derived, in_use, kinds, orders, releasing, shown, stopping

CHECKS: tuple[Check, ...] = (
    *orders.CHECKS,
    *derived.CHECKS,
    *in_use.CHECKS,
    *releasing.CHECKS,
    *kinds.CHECKS,
    *stopping.CHECKS,
    *at_once.CHECKS,
    *shown.CHECKS,
    *clock.CHECKS,
)
