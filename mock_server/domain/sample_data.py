"""Believable records for filling a world: what data assets and capsules could be called, tagged and described by.

All that is drawn comes from the `SeededRandom` that are passed in, so the same draws give the same record.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

MODALITIES = ("ecephys", "behavior", "pophys", "SmartSPIM", "fib", "icephys", "merfish", "exaSPIM")
"""What is measured, the most frequent first."""

PROJECTS = ("Thalamus in the middle", "Dynamic routing", "Learning mFISH", "Cell type atlas", "Brain wide circuits")
REGIONS = ("visual cortex", "motor cortex", "hippocampus", "thalamus", "striatum", "cerebellum", "olfactory bulb")
RIGS = tuple(f"rig {letter}{number}" for letter in "ABCD" for number in range(1, 9))
PEOPLE = ("Alvarez", "Bauer", "Chen", "Dube", "Eriksson", "Fontaine", "Goto", "Haddad", "Ivanova", "Jansen")
TOOLS = ("Spike sorting", "Image registration", "Cell segmentation", "Video tracking", "Quality control", "Report")
FIELDS = ("Neuroscience", "Genomics", "Bioinformatics", "Imaging")
SUBJECTS = 20_000
FIRST_SUBJECT = 600_000

METADATA_FIELDS = (
    {"name": "subject id", "type": "string"},
    {"name": "data level", "type": "string", "allowed_values": ["raw", "derived"]},
    {"name": "acquisition date", "type": "date"},
    {"name": "sampling rate", "type": "number", "range": {"min": 0, "max": 100_000}},
    {"name": "modalities", "type": "string", "multiple": True},
)
"""What custom metadata holds where the deployment declares no fields."""


class SeededRandom(Protocol):
    """A row of numbers that looks random."""

    def uniform(self, low: float, high: float) -> float:
        """The next number."""


def pick(draws: SeededRandom, among: Sequence[T], skew: float = 1.0) -> T:
    """One of several; the greater `skew`, the more often one of the first."""
    return among[min(int(draws.uniform(0, 1) ** skew * len(among)), len(among) - 1)]


def data_asset(draws: SeededRandom, created: float, fields: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Name, mount, tags, description, type and custom metadata of a data asset."""
    modality, region = pick(draws, MODALITIES, 2), pick(draws, REGIONS, 1.5)
    subject = str(FIRST_SUBJECT + int(draws.uniform(0, SUBJECTS)))
    acquired = int(created - draws.uniform(3_600, 30 * 86_400))
    name = f"{modality}_{subject}_{datetime.fromtimestamp(acquired, UTC):%Y-%m-%d_%H-%M-%S}"
    derived = draws.uniform(0, 1) < 0.3
    level = "derived" if derived else "raw"
    tags = [modality, level, subject, pick(draws, PROJECTS, 1.5)]
    known = {"subject id": subject, "data level": level, "acquisition date": acquired, "modalities": [modality]}
    return {
        "name": f"{name}_processed" if derived else name,
        "mount": name,
        "tags": tags,
        "type": "result" if derived else "dataset",
        "description": f"{modality} recording of the {region} on {pick(draws, RIGS)}, by {pick(draws, PEOPLE)}.",
        "metadata": {field["name"]: known.get(field["name"]) or _value(draws, field, acquired) for field in fields},
    }


def capsule(draws: SeededRandom) -> dict[str, Any]:
    """Name, tags, description and field of a capsule."""
    tool, modality = pick(draws, TOOLS, 1.5), pick(draws, MODALITIES, 2)
    number = int(draws.uniform(1, 1_000))
    return {
        "name": f"{tool} of {modality}, version {number}",
        "tags": [modality, tool.lower()],
        "description": f"{tool} for {modality} data of the {pick(draws, REGIONS)}, by {pick(draws, PEOPLE)}.",
        "field": pick(draws, FIELDS, 1.5),
    }


def _value(draws: SeededRandom, field: dict[str, Any], acquired: int) -> Any:
    """A value that fits a field."""
    limits = field.get("range") or {}
    low = limits.get("min") or 0.0
    high = limits.get("max")
    value: Any
    if field.get("allowed_values"):
        value = pick(draws, field["allowed_values"])
    elif field["type"] == "string":
        value = pick(draws, PEOPLE)
    elif field["type"] == "date" and not limits:
        value = acquired
    else:
        value = round(draws.uniform(low, low + 1_000 if high is None else high), 1)
    return [value] if field.get("multiple") else value
