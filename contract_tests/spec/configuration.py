"""Configuration of Schemathesis: what is checked, how much is sent, and which checks do not fit this API, with why."""

from dataclasses import dataclass
from typing import Any

from schemathesis.config import SchemathesisConfig

from contract_tests.transport.profiles import Profile

FATAL_WARNINGS = (
    "missing_auth",
    "base_url_mismatch",
    "missing_deserializer",
    "unused_openapi_auth",
    "unsupported_regex",
    "method_not_allowed",
    "unmatched_filter",
    "unresolvable_reference",
    "dictionary_mismatch",
)
"""Warnings of Schemathesis that break the contract. `missing_test_data` and `validation_mismatch` are not among them:
that every operation is answered 2xx is the business of `every_operation_succeeds`, which looks at all layers."""

REFUSES_WELL_FORMED = (
    # One of capsule_id and pipeline_id; ids and parameters that are those of the capsule.
    "run_capsule",
    "run_capsule_legacy",
    # One source, or data assets to combine; custom metadata as the deployment's schema has it.
    "create_data_asset",
    "update_data_asset",
    # Mounts that are not taken yet.
    "attach_capsule_data_assets",
    "attach_pipeline_data_assets",
    "attach_computation_data_assets",
    "detach_computation_data_assets",
    # Users and groups that exist.
    "update_capsule_permissions",
    "update_pipeline_permissions",
    "update_data_asset_permissions",
    # Bucket and prefix that can be written.
    "transfer_data_asset",
    # Only what has been released in the app before can be released again.
    "release_capsule",
    "release_pipeline",
    # Search terms and page tokens have a form of their own.
    "search_capsules",
    "search_pipelines",
    "search_data_assets",
    "search_data_assets_legacy",
    # Only what was cloned from a Git repository can be synchronized.
    "sync_capsule",
    "sync_pipeline",
    # Paths that stay in their folder.
    "list_computation_results",
    "get_result_file_download_url",
    "get_result_file_urls",
    # So do these; and the files of an external data asset are not the deployment's.
    "list_data_asset_files",
    "get_data_asset_file_download_url",
    "get_data_asset_file_urls",
)
"""Operations that have rules which JSON Schema cannot say: a well-formed request may be answered 400."""

ANSWERS_TO_WELL_FORMED = ("2xx", "400", "403", "404", "409", "414", "423", "429", "431")

REJECTIONS = ("400", "401", "403", "404", "406", "408", "409", "413", "414", "422", "428", "431", "5xx")
"""Statuses that reject a malformed request: Schemathesis's own, and those of a server's limits on every request."""


@dataclass(frozen=True, slots=True)
class Effort:
    """Number of requests of the spec layer."""

    examples: int
    """Random requests for each operation, and stateful sequences."""
    coverage: bool = True
    """Whether the boundaries of every field are tried one by one."""
    stateful: bool = True


FULL = Effort(examples=20)
QUICK = Effort(examples=2, coverage=False)
LEAST = Effort(examples=1, coverage=False, stateful=False)

EFFORTS = (
    FULL,
    Effort(examples=10, stateful=False),
    Effort(examples=5, stateful=False),
    Effort(examples=2, stateful=False),
    Effort(examples=10, coverage=False, stateful=False),
    QUICK,
    LEAST,
)
"""From the most to the least."""


def configuration(
    base_url: str, scheme: str, token: str, seed: int, effort: Effort, profile: Profile
) -> SchemathesisConfig:
    """The configuration of a run. `scheme` is the name of the document's security scheme."""
    free = profile is Profile.FULL
    # Every id of every answer becomes an example: how many requests that makes depends on the deployment's size.
    bounded: dict[str, Any] = {} if free else {"examples": {"extra-data-sources": {"responses": False}}}
    mode = {"mode": "all" if free else "positive"}
    settings: dict[str, Any] = {
        "base-url": base_url,
        "seed": seed,
        "workers": 1,
        "request-timeout": 60,
        "continue-on-failure": True,
        # How fast requests are made up says something of this machine, and nothing of the deployment.
        "suppress-health-check": ["too_slow"],
        "auth": {"openapi": {scheme: {"username": token, "password": ""}}},
        "generation": {"max-examples": effort.examples, "database": "none", **mode},
        "phases": {
            **bounded,
            "coverage": {"enabled": effort.coverage, "generation": mode} | ({} if free else {"unexpected-methods": []}),
            "fuzzing": {"generation": mode},
            # In a sequence a link puts back the field that a negative case has taken away.
            "stateful": {"enabled": effort.stateful and free, "generation": {"mode": "positive"}},
        },
        "checks": {"negative_data_rejection": {"expected-statuses": list(REJECTIONS)}},
        "operations": [
            {
                "include-operation-id": list(REFUSES_WELL_FORMED),
                "checks": {"positive_data_acceptance": {"expected-statuses": list(ANSWERS_TO_WELL_FORMED)}},
            },
        ],
    }
    return SchemathesisConfig.from_dict(settings)
