"""The one failure of the client."""

from collections.abc import Sequence

from mock_server.wire.control import Problem


class ControlError(Exception):
    """The control plane could not be asked, or refused. `message` is one line; `status` is the answer's, None when
    there was none; `problems` say what is wrong where.
    """

    def __init__(self, message: str, status: int | None = None, problems: Sequence[Problem] = ()) -> None:
        self.message = " ".join(message.split())
        self.status = status
        self.problems = list(problems)
        super().__init__(self.message)


class WrongArgumentError(ControlError):
    """What was asked for cannot be, so nothing was sent."""


class UntrustedError(ControlError):
    """The server's certificate is signed by nobody who is trusted, or is for another name. Nothing was sent."""


class SilentError(ControlError):
    """What listens did not answer in time."""


class ForeignError(ControlError):
    """What answers is not codeocean-mock."""
