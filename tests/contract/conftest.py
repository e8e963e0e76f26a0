"""One fake for all tests of the harness."""

from collections.abc import Iterator

import pytest

from contract_tests.deployment import Deployment
from contract_tests.transport import redaction
from mock_server import MockCodeOcean
from tests.contract import fake
from tests.contract.whole_run import WholeRun


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the whole run come first, so that one worker has all of them, and the run is made once."""
    items.sort(key=lambda item: "whole" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def mock() -> Iterator[MockCodeOcean]:
    with MockCodeOcean(random_seed=7, world_idle=0) as started:
        yield started


@pytest.fixture
def deployment(mock: MockCodeOcean) -> Iterator[Deployment]:
    """A fresh world of the fake."""
    with fake.deployment(mock) as under_test:
        yield under_test


@pytest.fixture(scope="session")
def whole(mock: MockCodeOcean) -> WholeRun:
    """All checks in one world of the fake. Its gate is open again afterwards."""
    with fake.deployment(mock) as under_test:
        return WholeRun(under_test)


@pytest.fixture(autouse=True)
def secrets_of_this_test_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process never shows what it was told to hide; here it holds runs of the suite that have nothing in common."""
    monkeypatch.setattr(redaction, "_known", redaction._known.copy())
    monkeypatch.setattr(redaction, "_credentials", redaction._credentials.copy())
