"""Options of a run, and what follows from them before anything is sent."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from contract_tests import run_identity
from contract_tests.deployment import Subjects
from contract_tests.transport.budgets import Budgets
from contract_tests.transport.operations import OPERATIONS
from contract_tests.transport.profiles import BUDGETS, Profile
from contract_tests.transport.target import Target, TargetError

LAYERS = ("oracles", "scenarios", "probes", "spec")
"""The layers of the suite, in the order in which they run: what is generated may delete what the others work on."""

DEFAULT_LEDGER = Path("codeocean-contract-ledger.jsonl")


class CannotRunError(Exception):
    """Nothing can be said of the deployment; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a run; `docs/contract.md` describes each."""

    url: str
    is_own: bool = False
    """Whether it is a fake that was started for this run."""
    tokens: Mapping[str, str] = field(default_factory=dict)
    """By user: `owner`, and if there are any `other`, `admin`, `reader`."""
    profile: Profile | None = None
    allow_host: str | None = None
    named: Subjects = field(default_factory=Subjects)
    layers: tuple[str, ...] = LAYERS
    quick: bool = False
    seed: int = field(default_factory=run_identity.seed)
    spec: Path | None = None
    ledger: Path = DEFAULT_LEDGER
    budgets: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `Budgets` that differ from those of the profile."""
    allow_operations: tuple[str, ...] = ()
    control_token: str | None = None
    patience: float = 600.0
    """Real seconds that a run or data asset may take."""

    def target(self) -> Target:
        """Return the target. Raises `CannotRunError` for an invalid URL, or a remote host that was not confirmed."""
        try:
            target = Target.of(self.url)
        except TargetError as problem:
            raise CannotRunError(str(problem)) from None
        if target.is_loopback:
            return target
        if self.profile is None:
            raise CannotRunError(f"{target.host} is a remote host: choose what a run may do there with --profile")
        if self.allow_host != target.host:
            raise CannotRunError(f"{target.host} is a remote host: confirm it with --allow-host {target.host}")
        return target

    def replay(self, layer: str, check: str) -> str:
        """The command that runs the layer of a check again, with the same seed."""
        # Oracles look at the requests of all layers.
        arguments = {
            "url": None if self.is_own else self.url,
            "profile": self.profile,
            "allow-host": self.allow_host,
            "layer": layer if layer != "oracles" else None,
            "spec": self.spec,
            "seed": self.seed,
            **{name.replace("_", "-"): key for name, key in asdict(self.named).items()},
        }
        words = ["codeocean-mock", "contract"]
        for name, value in arguments.items():
            words += [f"--{name}", str(value)] if value is not None else []
        words += ["--quick"] if self.quick else []
        return f"{shlex.join(words)}  # {check}"

    def limits(self, profile: Profile) -> Budgets:
        """The budgets of the profile, as far as nothing else is asked for."""
        return replace(BUDGETS[profile], **self.budgets)

    def check(self) -> None:
        """Raises `CannotRunError` for what cannot be asked for."""
        unknown = [name for name in self.allow_operations if name not in OPERATIONS]
        if unknown:
            raise CannotRunError(f"unknown operation: {unknown[0]}")
        if self.profile is Profile.SANDBOXED and self.named.capsule is None:
            raise CannotRunError("the profile sandboxed requires --capsule, the only capsule that may be run")
        wrong = [layer for layer in self.layers if layer not in LAYERS]
        if wrong or not self.layers:
            raise CannotRunError(
                f"unknown layer: {wrong[0]}; choose from {', '.join(LAYERS)}" if wrong else "no layer selected"
            )
