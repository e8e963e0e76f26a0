"""Failures with the answer they lead to: HTTP errors for callers, start errors for whoever runs the server."""

from typing import Any, ClassVar

MAX_MESSAGE = 500


class ApiError(Exception):
    """A failure that the caller sees as `{"message": …}` with the class's status.

    `context` adds the one context key that the service sends beside the message, such as
    `datasets=[{"id": …, "name": …}]`.
    """

    status: ClassVar[int] = 500

    def __init__(self, message: str, **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.context = context

    @property
    def body(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"message": self.message[:MAX_MESSAGE], **self.context}


class BadRequestError(ApiError):
    """The request is malformed or asks for something that cannot be."""

    status = 400


class ParameterError(BadRequestError):
    """A parameter of a run is not what the app panel allows: its argument or label, and why."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(f'parameter "{parameter}" {reason}')
        self.parameter, self.reason = parameter, reason
        self.process = ""
        """The process of the pipeline that it is of, if it is."""


class UnauthorizedError(ApiError):
    """No token, or one that nobody issued."""

    status = 401


class ForbiddenError(ApiError):
    """The caller may see the object, or holds a token, but may not do this."""

    status = 403


class NotFoundError(ApiError):
    """No such object, or one that the caller may not see."""

    status = 404


class MethodNotAllowedError(ApiError):
    """The path exists, the method does not. `allowed` goes into the `Allow` header."""

    status = 405

    def __init__(self, allowed: str) -> None:
        super().__init__("method not allowed")
        self.allowed = allowed


class ReleaseRefusedError(ApiError):
    """A capsule that is not ready to be released: flags and no message (SDK models/capsule.py)."""

    status = 403

    def __init__(self, issues: list[str]) -> None:
        super().__init__(", ".join(issues))
        self.issues = issues

    @property
    def body(self) -> dict[str, Any]:
        """The requirements that are not met."""
        return dict.fromkeys(self.issues, True)


class LockedError(ApiError):
    """The workspace is locked while the capsule runs."""

    status = 423


class PayloadTooLargeError(ApiError):
    """The request body is larger than the server reads."""

    status = 413


class RequestTimeoutError(ApiError):
    """The request did not arrive in time."""

    status = 408


class UriTooLongError(ApiError):
    """The URL is longer than the server reads."""

    status = 414


class HeadersTooLargeError(ApiError):
    """The headers are larger, or more, than the server reads."""

    status = 431


class ConflictError(ApiError):
    """What is to be made is there already."""

    status = 409


class TooManyRequestsError(ApiError):
    """There is no room for what the request would make (documented for computations; here for worlds)."""

    status = 429


class UnavailableError(ApiError):
    """The store cannot be read or written at the moment (disk full, locked by another process)."""

    status = 503


class DamagedError(UnavailableError):
    """What the database holds cannot be trusted, and will not be better the next time."""


class StartError(Exception):
    """Something the person who starts the server has to mend; its text is one clear line."""


class DamagedAtStartError(StartError):
    """The database in the data directory is damaged."""
