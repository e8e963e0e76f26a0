"""A world of a test's own, with a clock that the test moves."""

from tests.control.conftest import own, still, user

__all__ = ["own", "still", "user"]
