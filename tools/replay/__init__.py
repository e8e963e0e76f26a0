"""Whether two commits answer the same to the byte: every answer of one is recorded and compared with the other's.

`python -m tools.replay --against DIR` records the checkout in `DIR` and this one, and compares them. `record CHECKOUT
FILE` and `compare FILE FILE` do one step each. A checkout needs its own `.venv`, made by `make run` or `make test`.

The requests are those of `scripts`: all operations of `openapi/openapi.json` with a success and every refusal that they
declare, the bytes behind signed URLs, the control plane, the dashboard, older platform versions. They go to servers in
memory with a fixed random seed, whose clocks are frozen, and name a fixed `Host`; so ids, times, signatures, ETags,
lengths and the order of headers are compared as they are. What two recordings of one commit cannot share is replaced
in both, and `normalising` lists it:

NORMALISATIONS
"""

from tools.replay.normalising import NORMALISATIONS

__doc__ = (__doc__ or "").replace("NORMALISATIONS", "\n".join(f"- {rule}" for rule in NORMALISATIONS))
