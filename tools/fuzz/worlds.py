"""Which worlds requests go to. Faults are set in one world alone, where every answer may come."""

import random
from base64 import b64encode

from tools.fuzz import values
from tools.fuzz.world_facts import TOKEN

FAULTY = "faulty"
WORLDS = ("default", "default", "default", "w1", "w2", "w3", "nowhere")
TOKENS = (
    *[TOKEN] * 12,
    *["cop_demo_admin"] * 4,
    "cop_demo_viewer",
    "cop_demo_readonly",
    "cop_demo_noscope",
    "cop_none",
    "",
)
SNAPSHOTS = ("origin", "s1", "s2", "s3", "nothing")
FAULTY_SNAPSHOT = "faulty"


def authorization(rng: random.Random, world: str) -> tuple[tuple[bytes, bytes], ...]:
    """The header of somebody in a world; seldom none, or an odd one."""
    draw = rng.random()
    if draw < 0.03:
        return ()
    suffix = "" if world == "default" else f"@{world}"
    user = f"{rng.choice(TOKENS)}{suffix}:"
    if draw < 0.06:
        user = values.text(rng)[:2000] + user
    value = b"Basic " + b64encode(user.encode("utf-8", "surrogatepass"))
    if draw > 0.98:
        value = values.bytes_changed(rng, value).replace(b"\r", b"").replace(b"\n", b"")
    elif draw > 0.97:
        value = rng.choice(
            (b"Bearer " + user.encode("utf-8", "replace"), b"Basic", b"Basic ==", b"Digest x", b"Basic \xff")
        )
    return ((b"Authorization", value),)
