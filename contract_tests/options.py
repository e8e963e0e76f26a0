"""Options of a run, and what follows from them before anything is sent."""

import shlex
from collections.abc import Iterator, Mapping
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

PATIENCE = 600.0

TOKENS = {"owner": "token", "other": "other-token", "admin": "admin-token", "reader": "reader-token"}
"""By user the option that holds the token."""

_VARIABLES = {
    "token": "CODEOCEAN_TOKEN",
    "other-token": "OTHER_TOKEN",
    "admin-token": "ADMIN_TOKEN",
    "reader-token": "READER_TOKEN",
    "control-token": "CODEOCEAN_MOCK_CONTROL_TOKEN",
}
"""By option the variable of the shell that stands for its secret."""

BUDGET_OPTIONS = {
    "requests": "max-requests",
    "created": "max-created",
    "runs": "max-runs",
    "seconds": "max-seconds",
    "per_second": "rate",
}
"""By budget the option that sets it."""


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
    patience: float = PATIENCE
    """Real seconds that a run or data asset may take."""
    timeout: float | None = None
    """Seconds that a response may take."""
    baseline: Path | None = None
    """Known differences."""

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
        """The command that runs the layer of a check again, with the same seed; tokens are variables of the shell."""
        words = ["codeocean-mock", "contract"]
        for name, value in self._arguments(layer):
            words += [f"--{name}", value if value.startswith('"$') else shlex.quote(value)]
        words += ["--quick"] if self.quick else []
        return f"{' '.join(words)}  # {check}"

    def _arguments(self, layer: str) -> Iterator[tuple[str, str]]:
        """The options that take a value, as far as they are not the default."""
        # Oracles look at the requests of all layers.
        layers = (layer,) if layer != "oracles" else self.layers
        secrets = {TOKENS[user]: token for user, token in self.tokens.items()} | {"control-token": self.control_token}
        single: dict[str, object] = {
            "url": None if self.is_own else self.url,
            **{name: f'"${_VARIABLES[name]}"' for name, secret in secrets.items() if secret},
            "profile": self.profile,
            "allow-host": self.allow_host,
            "spec": self.spec,
            "baseline": self.baseline,
            "ledger": self.ledger if self.ledger != DEFAULT_LEDGER else None,
            "seed": self.seed,
            **{BUDGET_OPTIONS[name]: value for name, value in self.budgets.items()},
            "patience": self.patience if self.patience != PATIENCE else None,
            "timeout": self.timeout,
            **{name.replace("_", "-"): key for name, key in asdict(self.named).items()},
        }
        yield from ((name, f"{value}") for name, value in single.items() if value is not None)
        yield from (("layer", name) for name in layers if layers != LAYERS)
        yield from (("allow-operation", name) for name in self.allow_operations)

    def limits(self, profile: Profile) -> Budgets:
        """The budgets of the profile, as far as nothing else is asked for."""
        return replace(BUDGETS[profile], **self.budgets)

    def check(self) -> None:
        """Raises `CannotRunError` for what cannot be asked for."""
        unknown = [name for name in self.allow_operations if name not in OPERATIONS]
        if unknown:
            raise CannotRunError(f"unknown operation: {unknown[0]}")
        for user, token in self.tokens.items():
            if not (token.isascii() and token.isprintable()):
                raise CannotRunError(f"the token of --{TOKENS[user]} cannot be sent: it must be printable ASCII")
        if self.profile is Profile.SANDBOXED and self.named.capsule is None:
            raise CannotRunError("the profile sandboxed requires --capsule, the only capsule that may be run")
        wrong = [layer for layer in self.layers if layer not in LAYERS]
        if wrong or not self.layers:
            raise CannotRunError(
                f"unknown layer: {wrong[0]}; choose from {', '.join(LAYERS)}" if wrong else "no layer selected"
            )
