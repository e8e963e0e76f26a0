"""Whether a world that comes from elsewhere is one that this server could have made: every row, through its models."""

from mock_server.world_check.check import UnsoundWorldError, refuse_unsound

__all__ = ["UnsoundWorldError", "refuse_unsound"]
