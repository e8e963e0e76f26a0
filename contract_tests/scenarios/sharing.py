"""Sharing: what another user sees and may do, before, while and after something is shared with them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from codeocean.capsule import CapsuleSearchParams
from codeocean.components import EveryoneRole, GroupPermissions, GroupRole, Permissions, UserPermissions, UserRole
from codeocean.data_asset import DataAssetAttachParams, DataAssetSearchParams, DataAssetUpdateParams

from contract_tests.checks import check
from contract_tests.deployment import OTHER, OWNER, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error, expect_success
from contract_tests.scenarios.pages import rows_of

ASSET = ("run_capsule", "get_computation", "create_data_asset", "get_data_asset", "delete_data_asset")

NOBODY = Permissions(users=[], groups=[], everyone=EveryoneRole.None_)


class Shareable(NamedTuple):
    """Something that can be shared: `kind` as in the names of the SDK's methods, such as `capsule`."""

    deployment: Deployment
    kind: str
    key: str

    def client(self, who: str = OWNER) -> Any:
        """The SDK's client for its kind, as one of the users."""
        return getattr(self.deployment.sdk(who), f"{self.kind}s")

    def get(self, who: str) -> Any:
        """Read it as one of the users."""
        return getattr(self.client(who), f"get_{self.kind}")(self.key)

    def inside(self, who: str) -> Any:
        """List its content: files of a data asset, runs of a capsule."""
        client = self.client(who)
        return (
            client.list_data_asset_files(self.key) if self.kind == "data_asset" else client.list_computations(self.key)
        )

    def archive(self, who: str, archived: bool) -> None:
        """Hide it, or show it again."""
        getattr(self.client(who), f"archive_{self.kind}")(self.key, archived)

    def change(self, who: str) -> None:
        """Change it as editors may, to no effect."""
        if self.kind == "data_asset":
            self.client(who).update_metadata(self.key, DataAssetUpdateParams())
        else:
            self.client(who).detach_data_assets(self.key, [])

    def is_found(self, who: str) -> bool:
        """Tell whether a search finds it."""
        search = DataAssetSearchParams if self.kind == "data_asset" else CapsuleSearchParams
        rows = rows_of(getattr(self.client(who), f"search_{self.kind}s"), search(limit=1000))
        return any(row.id == self.key for row in rows)

    def share(self, **permissions: Any) -> None:
        """Set permissions, as the owner."""
        self.client().update_permissions(self.key, Permissions(**permissions))


def email_of(deployment: Deployment, who: str) -> str:
    """The address of a user, as it stands on what they make."""
    source = fixtures.from_bucket("address", external=False)
    with fixtures.create_asset(deployment, f"{deployment.tag} address", who, source=source) as created:
        return str(created.owner_email)


@contextmanager
def _made_private(shareable: Shareable) -> Iterator[None]:
    """Inside the block nobody but the owner has it, until it is shared; then its permissions are as they were."""
    before = shareable.client().get_permissions(shareable.key)
    shareable.client().update_permissions(shareable.key, NOBODY)
    try:
        yield
    finally:
        old = Permissions(users=before.users or [], groups=before.groups or [], everyone=before.everyone)
        shareable.client().update_permissions(shareable.key, old)


def _check_sharing(shareable: Shareable) -> None:
    email = email_of(shareable.deployment, OTHER)
    with _made_private(shareable):
        _check_hidden(shareable, "before it was shared")
        for role in (UserRole.Viewer, UserRole.Editor, UserRole.Owner):
            shareable.share(users=[UserPermissions(email=email, role=role)])
            _check_permissions(shareable, users={email: role})
            _check_visible(shareable, f"shared with them as {role.value}")
            _check_role(shareable, role.value)
        shareable.share(everyone=EveryoneRole.Discoverable)
        _check_permissions(shareable, users={email: UserRole.Owner}, everyone=EveryoneRole.Discoverable)
        shareable.share(users=[], groups=[], everyone=EveryoneRole.None_)
        _check_permissions(shareable, users={})
        _check_hidden(shareable, "after it was taken back")
        shareable.share(everyone=EveryoneRole.Viewer)
        _check_permissions(shareable, users={}, everyone=EveryoneRole.Viewer)
        _check_visible(shareable, "shared with everyone")
        _check_role(shareable, "viewer")
        shareable.share(everyone=EveryoneRole.Discoverable)
        expect(
            shareable.is_found(OTHER),
            f"a {shareable.kind} that everyone can discover is not found",
            "search.select.visible",
        )
        expect_error(403, f"looking into a {shareable.kind} that is only discoverable", shareable.inside, OTHER)
        shareable.share(everyone=EveryoneRole.None_)
        _check_hidden(shareable, "after it was taken back from everyone")


def _check_permissions(shareable: Shareable, users: dict[str, Any], everyone: Any = EveryoneRole.None_) -> None:
    """Permissions are shown as they were set; the owner stays."""
    permissions = shareable.client().get_permissions(shareable.key)
    owner = shareable.get(OWNER).owner_email
    expected = {owner: UserRole.Owner} | users
    actual = {user.email: user.role for user in permissions.users or ()}
    expect(
        actual == expected,
        f"a {shareable.kind} shared with {_roles(expected)} shows {_roles(actual)}",
        "sharing.replaced",
    )
    expect(
        (permissions.everyone or EveryoneRole.None_) == everyone,
        f"a {shareable.kind} shared with everyone as {everyone} shows {permissions.everyone}",
    )


def _roles(users: dict[str, Any]) -> str:
    return ", ".join(sorted(f"one {role.value}" for role in users.values())) or "nobody"


def _check_hidden(shareable: Shareable, when: str) -> None:
    expect_error(404, f"a {shareable.kind} of another user, {when},", shareable.get, OTHER, rules=("access.hidden",))
    expect_error(
        404,
        f"looking into a {shareable.kind} of another user, {when},",
        shareable.inside,
        OTHER,
        rules=("access.hidden",),
    )
    expect_error(
        404,
        f"the permissions of a {shareable.kind} of another user, {when},",
        shareable.client(OTHER).get_permissions,
        shareable.key,
    )
    expect_error(404, f"changing a {shareable.kind} of another user, {when},", shareable.change, OTHER)
    expect(
        not shareable.is_found(OTHER),
        f"a {shareable.kind} of another user is found, {when}",
        "access.hidden",
        "search.select.visible",
    )


def _check_visible(shareable: Shareable, how: str) -> None:
    _check_readable(shareable, f"a {shareable.kind} {how}")
    expect_success(f"looking into a {shareable.kind} {how}", shareable.inside, OTHER)
    expect_success(
        f"the permissions of a {shareable.kind} {how}", shareable.client(OTHER).get_permissions, shareable.key
    )
    expect(shareable.is_found(OTHER), f"a {shareable.kind} {how} is not found by them")


def _check_readable(shareable: Shareable, what: str) -> None:
    """The other user sees it."""
    key = expect_success(what, shareable.get, OTHER).id
    expect(key == shareable.key, f"{what} is shown with a different id")


def _check_role(shareable: Shareable, role: str) -> None:
    """Viewers change nothing, editors the content, owners the rest too."""
    if role == "viewer":
        expect_error(
            403, f"a viewer's change of a {shareable.kind}", shareable.change, OTHER, rules=("access.seen_not_changed",)
        )
    else:
        expect_success(
            f"changing a {shareable.kind} as its {role}", shareable.change, OTHER, rules=("sharing.editors",)
        )
    if role == "owner":
        for archived in (True, False):
            expect_success(
                f"hiding a {shareable.kind} as its owner",
                shareable.archive,
                OTHER,
                archived,
                rules=("sharing.owners_only",),
            )
        return
    other = shareable.client(OTHER)
    expect_error(
        403,
        f"hiding a {shareable.kind} as its {role}",
        shareable.archive,
        OTHER,
        True,
        rules=(
            "sharing.owners_only",
            "access.seen_not_changed",
        ),
    )
    expect_error(
        403,
        f"sharing a {shareable.kind} as its {role}",
        other.update_permissions,
        shareable.key,
        Permissions(),
        rules=("sharing.owners_only",),
    )
    if shareable.kind == "data_asset":
        expect_error(
            403,
            f"deleting a data asset as its {role}",
            other.delete_data_asset,
            shareable.key,
            rules=("data_assets.delete_by_owner",),
        )


@check(
    *ASSET,
    "get_data_asset_permissions",
    "update_data_asset_permissions",
    "list_data_asset_files",
    "search_data_assets",
    "update_data_asset",
    "archive_data_asset",
    full=True,
)
def share_and_revoke(deployment: Deployment) -> None:
    """A data asset is seen by others when it is shared with them, in the role that they were given, and not before or
    after.
    """
    with fixtures.capture_asset(deployment, f"{deployment.tag} shared") as asset:
        _check_sharing(Shareable(deployment, "data_asset", asset.id))


def _capsule_operations(kind: str) -> tuple[str, ...]:
    return (
        f"get_{kind}",
        f"get_{kind}_permissions",
        f"update_{kind}_permissions",
        f"list_{kind}_computations",
        f"search_{kind}s",
        f"detach_{kind}_data_assets",
        f"archive_{kind}",
    )


@check("create_data_asset", "delete_data_asset", *_capsule_operations("capsule"), full=True)
def share_capsule(deployment: Deployment) -> None:
    """A capsule is seen by others when it is shared with them, in the role that they were given, and not before or
    after.
    """
    _check_sharing(Shareable(deployment, "capsule", deployment.capsule))


@check("create_data_asset", "delete_data_asset", *_capsule_operations("pipeline"), full=True)
def share_pipeline(deployment: Deployment) -> None:
    """A pipeline is seen by others when it is shared with them, in the role that they were given, and not before or
    after.
    """
    _check_sharing(Shareable(deployment, "pipeline", deployment.pipeline))


@check(
    *ASSET,
    "search_capsules",
    "get_capsule_permissions",
    "get_data_asset_permissions",
    "update_data_asset_permissions",
    full=True,
)
def share_with_group(deployment: Deployment) -> None:
    """Data assets shared with a group are visible to its members until the share is revoked."""
    group = common_group(deployment)
    with fixtures.capture_asset(deployment, f"{deployment.tag} grouped") as asset:
        shareable = Shareable(deployment, "data_asset", asset.id)
        expect_error(404, "a data asset of another user", shareable.get, OTHER)
        shareable.share(groups=[GroupPermissions(group=group, role=GroupRole.Viewer)])
        actual = [(entry.group, entry.role) for entry in shareable.client().get_permissions(asset.id).groups or ()]
        expect(actual == [(group, GroupRole.Viewer)], f"a data asset shared with a group shows {len(actual)} groups")
        _check_readable(shareable, "a data asset shared with a group")
        shareable.share(users=[])
        _check_readable(shareable, "a data asset shared with a group, after it was taken back from users,")
        shareable.share(groups=[])
        expect_error(
            404, "a data asset that was taken back from a group", shareable.get, OTHER, rules=("sharing.emptied",)
        )
        unknown = [GroupPermissions(group="no-such-group", role=GroupRole.Viewer)]
        shareable.share(groups=unknown, everyone=EveryoneRole.Viewer)
        permissions = shareable.client().get_permissions(asset.id)
        expect(
            not permissions.groups,
            "a group that does not exist is shown among the permissions of a data asset",
            "sharing.unknown_group",
        )
        expect(
            permissions.everyone == EveryoneRole.Viewer,
            "a group that does not exist keeps the rest from being set",
            "sharing.unknown_group",
        )


def common_group(deployment: Deployment) -> str:
    """A group that the other user is in: they see a capsule that was shared with nobody else."""
    mine, theirs = deployment.sdk().capsules, deployment.sdk(OTHER).capsules
    seen = {row.id for row in theirs.search_capsules(CapsuleSearchParams(limit=100)).results}
    for capsule in mine.search_capsules(CapsuleSearchParams(limit=100, ownership="created")).results:
        permissions = mine.get_permissions(capsule.id)
        alone = (
            len(permissions.users or ()) <= 1
            and permissions.everyone in (None, EveryoneRole.None_)
            and len(permissions.groups or ()) == 1
        )
        if capsule.id in seen and alone:
            return str(permissions.groups[0].group)
    raise CheckSkipped("there is no group that both users are known to be in")


@check(
    *ASSET,
    "get_pipeline",
    "get_capsule",
    "get_pipeline_permissions",
    "update_pipeline_permissions",
    "get_capsule_permissions",
    "update_capsule_permissions",
    "get_data_asset_permissions",
    "update_data_asset_permissions",
    "attach_pipeline_data_assets",
    "detach_pipeline_data_assets",
    "delete_computation",
    full=True,
)
def share_assets(deployment: Deployment) -> None:
    """A pipeline can be shared together with its data assets and the capsules of its processes."""
    pipeline = Shareable(deployment, "pipeline", deployment.pipeline)
    users = [UserPermissions(email=email_of(deployment, OTHER), role=UserRole.Viewer)]
    with ExitStack() as stack:
        asset = stack.enter_context(fixtures.capture_asset(deployment, f"{deployment.tag} attached"))
        run = stack.enter_context(fixtures.start_run(deployment, pipeline_id=pipeline.key))
        along = _used_by(deployment, run)
        for shareable in (pipeline, *along):
            stack.enter_context(_made_private(shareable))
        pipeline.client().attach_data_assets(pipeline.key, [DataAssetAttachParams(id=asset.id, mount=deployment.tag)])
        stack.callback(pipeline.client().detach_data_assets, pipeline.key, [asset.id])
        pipeline.share(users=users)
        _check_readable(pipeline, "a pipeline that was shared")
        along.append(Shareable(deployment, "data_asset", asset.id))
        for shareable in along:
            expect_error(
                404,
                f"a {shareable.kind} of a pipeline that was shared alone",
                shareable.get,
                OTHER,
                rules=("sharing.share_assets",),
            )
        pipeline.share(users=users, share_assets=True)
        for shareable in along:
            _check_readable(shareable, f"a {shareable.kind} that was shared with its pipeline")


def _used_by(deployment: Deployment, run: Any) -> list[Shareable]:
    """List what a pipeline uses of its owner's: the capsules of its processes, and data assets."""
    things = [Shareable(deployment, "capsule", process.capsule_id) for process in run.processes or ()]
    things += [Shareable(deployment, "data_asset", asset.id) for asset in run.data_assets or ()]
    return [shareable for shareable in dict.fromkeys(things) if shareable.get(OWNER).owner == run.owner]
