"""What a real deployment shows only after a while: its index of things to be searched lags behind."""

from collections.abc import Callable

from contract_tests.deployment import Deployment
from contract_tests.findings import expect


def eventually(deployment: Deployment, holds: Callable[[], bool], message: str) -> None:
    """Raise `Broken` unless it holds: at once on the fake, in the course of time elsewhere."""
    if deployment.control is not None:
        expect(holds(), message)
    else:
        deployment.poll(holds, bool, f"waiting: {message},")
