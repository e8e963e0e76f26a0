"""Faults at a button's press: what clients meet most."""

from typing import NamedTuple

from mock_server.wire.control import Fault


class Preset(NamedTuple):
    """A fault with the label of its button, and what it does."""

    label: str
    does: str
    fault: Fault


def _preset(name: str, label: str, does: str, **fields: object) -> Preset:
    return Preset(label, does, Fault.model_validate({"name": name, **fields}))


PRESETS = {
    preset.fault.name: preset
    for preset in (
        _preset(
            "rate-limit",
            "429 on polls",
            "The next three polls of a computation are answered with 429 and Retry-After: 2.",
            operation="get_computation",
            times=3,
            status=429,
            message="too many requests",
            headers={"Retry-After": "2"},
        ),
        _preset(
            "lost-answer",
            "Lost response to a run",
            "The next run starts, but the connection closes before the response.",
            operation="run_capsule",
            times=1,
            phase="after",
            close=True,
        ),
        _preset(
            "outage",
            "503 for ten seconds",
            "Every request is answered with 503 for ten seconds of the world's clock.",
            lasts="10s",
            status=503,
            message="service unavailable",
        ),
        _preset(
            "slow",
            "Two-second delay",
            "Every request takes two extra seconds of real time.",
            latency="2s",
        ),
    )
}
