"""Methods that an operation does not have."""

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import expect
from contract_tests.probes.assertions import require_rejected
from contract_tests.transport.operations import OPERATIONS, Operation
from contract_tests.transport.sample_requests import path

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "QUERY")

ALWAYS = {"HEAD", "OPTIONS"}
"""What a server may offer on every path."""


def _paths() -> dict[str, list[Operation]]:
    """The operations of each path."""
    paths: dict[str, list[Operation]] = {}
    for operation in OPERATIONS.values():
        paths.setdefault(operation.template, []).append(operation)
    return paths


@check(full=True)
def undeclared_methods(deployment: Deployment) -> None:
    """An undeclared method is rejected with 405 and a message, and `Allow` lists the declared ones."""
    for template, operations in _paths().items():
        where = path(operations[0], {})
        declared = {operation.method for operation in operations}
        for method in METHODS:
            if method in declared:
                continue
            exchange = deployment.http().ask(method, where)
            require_rejected(exchange, f"{method} {template}", 405)
            allowed = {
                method_name.strip() for method_name in exchange.answer_headers.get("Allow", "").split(",")
            } - ALWAYS
            expected = ", ".join(sorted(declared))
            expect(allowed == declared, f"{method} {template} is allowed {', '.join(sorted(allowed))}, not {expected}")


@check(full=True)
def methods_on_unknown_paths(deployment: Deployment) -> None:
    """An unknown path returns 404 and a message, whatever the method."""
    for method in METHODS:
        for where in ("", "/", "/no_such_thing", "/capsules", "/computations/x/y/z", "/custom_metadata/x"):
            require_rejected(deployment.http().ask(method, where), f"{method} of the path {where!r}", 404)


@check(full=True)
def unknown_methods(deployment: Deployment) -> None:
    """An unknown HTTP method is rejected with a message."""
    for method in ("BREW", "GE", "POSTT", "X-Y"):
        require_rejected(deployment.http().ask(method, "/custom_metadata"), f"the method {method}", 400, 405)


CHECKS = (undeclared_methods, methods_on_unknown_paths, unknown_methods)
