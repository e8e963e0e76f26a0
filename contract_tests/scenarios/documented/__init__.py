"""What documents say of requests, runs and answers, one small scenario for each rule; in running order."""

from contract_tests.checks import Check
from contract_tests.scenarios.documented import group_roles, requests, runs, uncommon_fields
from contract_tests.scenarios.documented.uncommon_fields import releases_that_end_otherwise

__all__ = ["CHECKS", "releases_that_end_otherwise"]

CHECKS: tuple[Check, ...] = (
    requests.ignored_parts_of_requests,
    requests.compact_answers,
    requests.ids_in_upper_case,
    requests.quoted_tokens,
    requests.values_as_text,
    requests.longest_lists,
    requests.refused_for_the_moment,
    requests.unknown_users,
    requests.released_capsules_are_fixed,
    requests.access_moves,
    requests.emptied_fields,
    requests.refused_sources,
    runs.runs_of_nothing,
    runs.runs_without_parameters,
    runs.pipelines_run_as_capsules,
    runs.logs_of_pipelines_come_last,
    runs.unusable_data_assets,
    runs.mounts_of_runs,
    runs.capsules_without_panel,
    runs.runs_of_releases_are_private,
    uncommon_fields.uncommon_data_assets,
    uncommon_fields.uncommon_runs,
    uncommon_fields.pipelines_as_capsules,
    uncommon_fields.runs_of_releases,
    group_roles.roles_of_groups,
)
"""`releases_that_end_otherwise` is not among them: it needs what the scenarios of releases have released."""
