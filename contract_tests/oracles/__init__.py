"""Oracles: what must hold of every exchange, whoever made it; and flows that give each of them something to judge."""

from contract_tests.checks import Check
from contract_tests.oracles.flows import access, data_assets, files, large_files, paging, roles, runs, signatures

CHECKS: tuple[Check, ...] = (
    *runs.CHECKS,
    *data_assets.CHECKS,
    *paging.CHECKS,
    *access.CHECKS,
    *files.CHECKS,
    *signatures.CHECKS,
    *large_files.CHECKS,
    *roles.CHECKS,
)
