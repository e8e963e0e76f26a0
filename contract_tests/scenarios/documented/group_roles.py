"""Roles of groups."""

from codeocean.components import GroupPermissions, GroupRole

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.sharing import Shareable, common_group


@check(
    *("run_capsule", "get_computation", "create_data_asset", "get_data_asset", "delete_data_asset", "search_capsules"),
    *(f"{verb}_{kind}_permissions" for verb in ("get", "update") for kind in ("capsule", "pipeline", "data_asset")),
    full=True,
)
def roles_of_groups(deployment: Deployment) -> None:
    """A group has the role that it was given last: of a capsule, a pipeline and a data asset."""
    group = common_group(deployment)
    with fixtures.capture_asset(deployment, f"{deployment.tag} roles") as asset:
        kinds = {"capsule": deployment.capsule, "pipeline": deployment.pipeline, "data_asset": asset.id}
        for shareable in (Shareable(deployment, kind, key) for kind, key in kinds.items()):
            before = shareable.client().get_permissions(shareable.key).groups or []
            try:
                for role in GroupRole:
                    shareable.share(groups=[GroupPermissions(group=group, role=role)])
                    _check_group(shareable, group, role)
            finally:
                shareable.share(groups=before)


def _check_group(shareable: Shareable, group: str, role: GroupRole) -> None:
    groups = shareable.client().get_permissions(shareable.key).groups or ()
    actual = [(entry.group, entry.role) for entry in groups]
    rules = (
        f"get_{shareable.kind}_permissions.answer.groups",
        f"update_{shareable.kind}_permissions.body.groups.role",
        f"model.group_permission.role.{role.value}",
    )
    expect(actual == [(group, role)], f"a {shareable.kind} shared with a group as {role} shows {actual}", *rules)
