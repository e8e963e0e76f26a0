"""What operations declare to be given: the context of the request, and the access token that it takes."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPBasic

from mock_server.asgi.context import RequestContext

security = HTTPBasic(
    scheme_name="accessToken",
    description="The access token as user name, with an empty password.",
    auto_error=False,
)


def _filled_in_by_dispatch() -> None:
    """Marks a parameter that is no part of the request; `dispatch` passes the context."""


Context = Annotated[RequestContext, Depends(_filled_in_by_dispatch)]
