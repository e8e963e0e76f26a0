"""The beginning of a run: who answers there, in which world, and whether there is anything to work on."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import requests

from contract_tests.deployment import ADMIN, NO_SCOPES, OTHER, OWNER, READER, Deployment, Subjects
from contract_tests.discovery import discover
from contract_tests.greeting import FIRST_RESPONSE, describe_failure, greet, within
from contract_tests.options import CannotRunError, Options
from contract_tests.transport import redaction
from contract_tests.transport.budgets import Budgets, Meter, StoppedError
from contract_tests.transport.gate import TIMEOUT, Gate
from contract_tests.transport.ledger import Ledger, LedgerError
from contract_tests.transport.profiles import Profile, Refused, Rules
from contract_tests.transport.target import Target
from mock_server.client import Control, ControlError, WorldControl

DEMO_TOKENS = {
    OWNER: "cop_demo_user",
    OTHER: "cop_demo_viewer",
    ADMIN: "cop_demo_admin",
    READER: "cop_demo_readonly",
    NO_SCOPES: "cop_demo_noscope",
}
"""The fake's own; everybody knows them."""

CONTROL_TIMEOUT = 10.0
"""Seconds that an answer of the control plane may take."""
STEERED_PATIENCE = 60.0


@contextmanager
def open_session(options: Options, tag: str) -> Iterator[Deployment]:
    """The deployment, ready for checks, behind an installed gate. On the fake it is a world of its own, which is
    dropped afterwards. Raises `CannotRunError`.
    """
    options.check()
    target = options.target()
    first = options.timeout or FIRST_RESPONSE
    with _control(target, options, first) as control:
        is_fake, steerable = within(target.url, first, lambda: _ask(control))
        if is_fake and not steerable:
            _check_control(target, options)
        profile = options.profile or (Profile.FULL if is_fake else Profile.OBSERVE)
        has_own_world = steerable and profile is Profile.FULL
        tokens = _tokens(options, is_fake, has_own_world)
        world = _world(control, tag, options.seed) if has_own_world else None
        try:
            limits = _limits(options, profile, is_unhurried=is_fake and target.is_loopback)
            with _behind_gate(options, target, profile, tag, tokens, world, limits) as deployment:
                yield deployment
        finally:
            if world is not None:
                # A server that is gone drops it later: nobody uses it.
                with suppress(ControlError):
                    world.delete()


@contextmanager
def _behind_gate(
    options: Options,
    target: Target,
    profile: Profile,
    tag: str,
    tokens: dict[str, str],
    world: WorldControl | None,
    limits: Budgets,
) -> Iterator[Deployment]:
    if world is not None:
        tokens = {who: world.token(token) for who, token in tokens.items()}
    for token in tokens.values():
        redaction.hide(token)
    named = options.named
    rules = Rules(profile, target, tag=tag, capsule=named.capsule, named=options.allow_operations)
    keeps_ledger = world is None and profile is not Profile.OBSERVE
    ledger = _ledger(options, target, tag, tokens.get(OWNER)) if keeps_ledger else None
    callers = {token: who for who, token in tokens.items()}
    timeout = options.timeout or TIMEOUT
    gate = Gate(target, rules, Meter(limits), ledger, callers, timeout)
    # On the fake the clock is moved, so nothing takes long.
    patience = options.patience if world is None else min(options.patience, STEERED_PATIENCE)
    deployment = Deployment(gate, tokens, tag, world, patience)
    with gate.installed():
        try:
            _greet(deployment, options.timeout or FIRST_RESPONSE, has_token=OWNER in tokens)
            deployment.subjects = _discover(deployment, options)
            if ledger is not None:
                ledger.open(_computations(deployment, named.capsule))
        except (StoppedError, Refused, LedgerError) as problem:
            raise CannotRunError(str(problem)) from None
        yield deployment
        deployment.close()


def _limits(options: Options, profile: Profile, *, is_unhurried: bool) -> Budgets:
    """The budgets of the run; a fake on this machine is asked as fast as it answers, unless a rate was given."""
    limits = options.limits(profile)
    return replace(limits, per_second=None) if is_unhurried and "per_second" not in options.budgets else limits


def _ask(control: Control) -> tuple[bool, bool]:
    """Tell whether it is the fake, and whether it can be steered."""
    try:
        control.health()
    except ControlError as problem:
        return problem.status in (401, 403) and "the control plane" in problem.message, False
    return True, True


def _tokens(options: Options, is_fake: bool, has_own_world: bool) -> dict[str, str]:
    tokens = dict(options.tokens)
    if has_own_world:
        # A token may name another world, as `codeocean-mock env --world` has it.
        tokens = {who: token.partition("@")[0] for who, token in tokens.items()}
    if is_fake and tokens.get(OWNER, DEMO_TOKENS[OWNER]) == DEMO_TOKENS[OWNER]:
        tokens = DEMO_TOKENS | tokens
    return tokens


def _control(target: Target, options: Options, timeout: float) -> Control:
    try:
        return Control(target.url, options.control_token, timeout=max(timeout, CONTROL_TIMEOUT))
    except ControlError as problem:
        raise CannotRunError(problem.message) from None


def _check_control(target: Target, options: Options) -> None:
    """Raises `CannotRunError` when the fake does not know the control token, or needs one that was not given."""
    if options.control_token:
        raise CannotRunError(f"the fake at {target.url} rejected the control token: pass the right --control-token")
    if options.profile is None:
        raise CannotRunError(
            f"the control plane of the fake at {target.url} requires a token: pass it with --control-token, or use "
            "--profile to choose what the run may do in the default world"
        )


def _world(control: Control, tag: str, seed: int) -> WorldControl:
    try:
        return control.create_world(tag, random_seed=seed, clock={"mode": "frozen"})
    except ControlError as problem:
        raise CannotRunError(f"cannot create a world for the run: {problem}") from None


def _ledger(options: Options, target: Target, tag: str, token: str | None) -> Ledger:
    return Ledger(options.ledger, tag, target.url, options.named.capsule, token)


def _greet(deployment: Deployment, seconds: float, *, has_token: bool) -> None:
    caller = deployment.http(OWNER) if has_token else deployment.anybody()
    greet(caller, deployment.gate.target.url, seconds, has_token=has_token)


def _discover(deployment: Deployment, options: Options) -> Subjects:
    try:
        subjects = discover(deployment, options.named)
    except (StoppedError, Refused):
        raise
    except requests.RequestException as problem:
        reason = describe_failure(deployment.gate.target.url, problem)
        raise CannotRunError(f"{reason}; before that it had answered") from None
    if subjects.capsule is None and subjects.pipeline is None and subjects.data_asset is None:
        raise CannotRunError("nothing to test: this token can see no capsule, pipeline or data asset")
    return subjects


def _computations(deployment: Deployment, capsule: str | None) -> list[str]:
    if capsule is None:
        return []
    runs = deployment.http(OWNER).ask("GET", f"/capsules/{capsule}/computations").json()
    if not isinstance(runs, list):
        raise CannotRunError(f"the capsule {capsule} is not visible to this token")
    return [str(run["id"]) for run in runs if isinstance(run, dict) and "id" in run]
