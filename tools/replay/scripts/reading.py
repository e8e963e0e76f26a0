"""All that the demo world shows to each of its users: the same on every platform version that has the operation."""

from tests import ids
from tools.replay.recorder import USER, Recorder

USERS = (USER, "cop_demo_admin", "cop_demo_viewer")
CAPSULES = (ids.CAPSULE, ids.RELEASE, ids.ORDERED, ids.FASTQC, ids.FAILS, ids.MANY_FILES, ids.OTHERS_CAPSULE)
PIPELINES = (ids.PIPELINE, ids.NAMED_PIPELINE, ids.RNA_PIPELINE, ids.TABLE_PIPELINE, ids.RELEASED_PIPELINE)
RUNS = (ids.PAST_RUN, ids.FASTQC_RUN, ids.WORKSTATION, ids.PIPELINE_RUN, "some-computation-id")
ASSETS = (
    ids.COMMONCRAWL, ids.IRIS, ids.MY_DATASET, ids.REFERENCE, ids.ATTACHED, ids.IMAGING, ids.ARCHIVED,
    ids.OTHERS_ASSET, "1az0c240-1a9z-192b-pa4c-22bac5ffa17b", "c7e4b1a0-92d6-4f38-b5c1-8a0d3e9f4b87",
)  # fmt: skip


def record(to: Recorder) -> None:
    """Every object of the demo world, with what hangs on it."""
    for user in USERS:
        to.section = f"what {user} reads"
        to.api("GET /custom_metadata", token=user)
        for kind, keys in (("capsules", CAPSULES), ("pipelines", PIPELINES)):
            for key in keys:
                for part in ("", "/computations", "/app_panel", "/app_panel?version=1", "/permissions"):
                    to.api(f"GET /{kind}/{key}{part}", token=user)
        to.api(f"GET /capsules/{ids.RELEASE}/app_panel?version=9", token=user)
        for key in RUNS:
            to.api(f"GET /computations/{key}", token=user)
        for key in ASSETS:
            to.api(f"GET /data_assets/{key}", token=user)
            to.api(f"GET /data_assets/{key}/permissions", token=user)
    to.api(f"GET /capsules/{ids.CAPSULE.upper()}", headers=(("Min-Server-Version", "2.0.0"),))
    to.api(f"HEAD /capsules/{ids.CAPSULE}")
