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
from contract_tests.scenarios.expect_error import granted, refused
from contract_tests.scenarios.pages import rows_of

ASSET = ("run_capsule", "get_computation", "create_data_asset", "get_data_asset", "delete_data_asset")

NOBODY = Permissions(users=[], groups=[], everyone=EveryoneRole.None_)


class Thing(NamedTuple):
    """Something that can be shared: `kind` as in the names of the SDK's methods, such as `capsule`."""

    deployment: Deployment
    kind: str
    key: str

    def client(self, who: str = OWNER) -> Any:
        """The SDK's client for its kind, as one of the users."""
        return getattr(self.deployment.sdk(who), f"{self.kind}s")

    def get(self, who: str) -> Any:
        """What is shown of it."""
        return getattr(self.client(who), f"get_{self.kind}")(self.key)

    def inside(self, who: str) -> Any:
        """What is in it: files of a data asset, runs of a capsule."""
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

    def found(self, who: str) -> bool:
        """Whether a search gives it."""
        search = DataAssetSearchParams if self.kind == "data_asset" else CapsuleSearchParams
        rows = rows_of(getattr(self.client(who), f"search_{self.kind}s"), search(limit=1000))
        return any(row.id == self.key for row in rows)

    def share(self, **permissions: Any) -> None:
        """Set permissions, as the owner."""
        self.client().update_permissions(self.key, Permissions(**permissions))


def email_of(deployment: Deployment, who: str) -> str:
    """The address of a user, as it stands on what they make."""
    source = fixtures.from_bucket("address", external=False)
    with fixtures.asset(deployment, f"{deployment.tag} address", who, source=source) as made:
        return str(made.owner_email)


@contextmanager
def _private(thing: Thing) -> Iterator[None]:
    """Inside the block nobody but the owner has it, until it is shared; then its permissions are as they were."""
    before = thing.client().get_permissions(thing.key)
    thing.client().update_permissions(thing.key, NOBODY)
    try:
        yield
    finally:
        old = Permissions(users=before.users or [], groups=before.groups or [], everyone=before.everyone)
        thing.client().update_permissions(thing.key, old)


def _shares(thing: Thing) -> None:
    email = email_of(thing.deployment, OTHER)
    with _private(thing):
        _unseen(thing, "before it was shared")
        for role in (UserRole.Viewer, UserRole.Editor, UserRole.Owner):
            thing.share(users=[UserPermissions(email=email, role=role)])
            _reads_back(thing, users={email: role})
            _seen(thing, f"shared with them as {role.value}")
            _may(thing, role.value)
        thing.share(everyone=EveryoneRole.Discoverable)
        _reads_back(thing, users={email: UserRole.Owner}, everyone=EveryoneRole.Discoverable)
        thing.share(users=[], groups=[], everyone=EveryoneRole.None_)
        _reads_back(thing, users={})
        _unseen(thing, "after it was taken back")
        thing.share(everyone=EveryoneRole.Viewer)
        _reads_back(thing, users={}, everyone=EveryoneRole.Viewer)
        _seen(thing, "shared with everyone")
        _may(thing, "viewer")
        thing.share(everyone=EveryoneRole.Discoverable)
        expect(thing.found(OTHER), f"a {thing.kind} that everyone can discover is not found")
        refused(403, f"looking into a {thing.kind} that is only discoverable", thing.inside, OTHER)
        thing.share(everyone=EveryoneRole.None_)
        _unseen(thing, "after it was taken back from everyone")


def _reads_back(thing: Thing, users: dict[str, Any], everyone: Any = EveryoneRole.None_) -> None:
    """Permissions are shown as they were set; the owner stays."""
    told = thing.client().get_permissions(thing.key)
    owner = thing.get(OWNER).owner_email
    wanted = {owner: UserRole.Owner} | users
    shown = {user.email: user.role for user in told.users or ()}
    expect(shown == wanted, f"a {thing.kind} shared with {_roles(wanted)} shows {_roles(shown)}")
    expect(told.everyone == everyone, f"a {thing.kind} shared with everyone as {everyone} shows {told.everyone}")


def _roles(users: dict[str, Any]) -> str:
    return ", ".join(sorted(f"one {role.value}" for role in users.values())) or "nobody"


def _unseen(thing: Thing, when: str) -> None:
    refused(404, f"a {thing.kind} of another user, {when},", thing.get, OTHER)
    refused(404, f"looking into a {thing.kind} of another user, {when},", thing.inside, OTHER)
    refused(
        404,
        f"the permissions of a {thing.kind} of another user, {when},",
        thing.client(OTHER).get_permissions,
        thing.key,
    )
    refused(404, f"changing a {thing.kind} of another user, {when},", thing.change, OTHER)
    expect(not thing.found(OTHER), f"a {thing.kind} of another user is found, {when}")


def _seen(thing: Thing, how: str) -> None:
    _same(thing, f"a {thing.kind} {how}")
    granted(f"looking into a {thing.kind} {how}", thing.inside, OTHER)
    granted(f"the permissions of a {thing.kind} {how}", thing.client(OTHER).get_permissions, thing.key)
    expect(thing.found(OTHER), f"a {thing.kind} {how} is not found by them")


def _same(thing: Thing, what: str) -> None:
    """The other user sees it."""
    told = granted(what, thing.get, OTHER).id
    expect(told == thing.key, f"{what} is shown with another id")


def _may(thing: Thing, role: str) -> None:
    """Viewers change nothing, editors the content, owners the rest too."""
    if role == "viewer":
        refused(403, f"a viewer's change of a {thing.kind}", thing.change, OTHER)
    else:
        granted(f"changing a {thing.kind} as its {role}", thing.change, OTHER)
    if role == "owner":
        for archived in (True, False):
            granted(f"hiding a {thing.kind} as its owner", thing.archive, OTHER, archived)
        return
    other = thing.client(OTHER)
    refused(403, f"hiding a {thing.kind} as its {role}", thing.archive, OTHER, True)
    refused(403, f"sharing a {thing.kind} as its {role}", other.update_permissions, thing.key, Permissions())
    if thing.kind == "data_asset":
        refused(403, f"deleting a data asset as its {role}", other.delete_data_asset, thing.key)


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
    with fixtures.captured(deployment, f"{deployment.tag} shared") as made:
        _shares(Thing(deployment, "data_asset", made.id))


def _of_capsules(kind: str) -> tuple[str, ...]:
    return (
        f"get_{kind}",
        f"get_{kind}_permissions",
        f"update_{kind}_permissions",
        f"list_{kind}_computations",
        f"search_{kind}s",
        f"detach_{kind}_data_assets",
        f"archive_{kind}",
    )


@check("create_data_asset", "delete_data_asset", *_of_capsules("capsule"), full=True)
def share_capsule(deployment: Deployment) -> None:
    """A capsule is seen by others when it is shared with them, in the role that they were given, and not before or
    after.
    """
    _shares(Thing(deployment, "capsule", deployment.capsule))


@check("create_data_asset", "delete_data_asset", *_of_capsules("pipeline"), full=True)
def share_pipeline(deployment: Deployment) -> None:
    """A pipeline is seen by others when it is shared with them, in the role that they were given, and not before or
    after.
    """
    _shares(Thing(deployment, "pipeline", deployment.pipeline))


@check(
    *ASSET,
    "search_capsules",
    "get_capsule_permissions",
    "get_data_asset_permissions",
    "update_data_asset_permissions",
    full=True,
)
def share_with_group(deployment: Deployment) -> None:
    """What is shared with a group is seen by its members, until it is taken back."""
    group = _common_group(deployment)
    with fixtures.captured(deployment, f"{deployment.tag} grouped") as made:
        thing = Thing(deployment, "data_asset", made.id)
        refused(404, "a data asset of another user", thing.get, OTHER)
        thing.share(groups=[GroupPermissions(group=group, role=GroupRole.Viewer)])
        told = [(entry.group, entry.role) for entry in thing.client().get_permissions(made.id).groups or ()]
        expect(told == [(group, GroupRole.Viewer)], f"a data asset shared with a group shows {len(told)} groups")
        _same(thing, "a data asset shared with a group")
        thing.share(users=[])
        _same(thing, "a data asset shared with a group, after it was taken back from users,")
        thing.share(groups=[])
        refused(404, "a data asset that was taken back from a group", thing.get, OTHER)
        unknown = Permissions(groups=[GroupPermissions(group="no-such-group", role=GroupRole.Viewer)])
        refused(400, "sharing with a group that does not exist", thing.client().update_permissions, made.id, unknown)


def _common_group(deployment: Deployment) -> str:
    """A group that the other user is in: they see a capsule that was shared with nobody else."""
    mine, theirs = deployment.sdk().capsules, deployment.sdk(OTHER).capsules
    seen = {found.id for found in theirs.search_capsules(CapsuleSearchParams(limit=100)).results}
    for capsule in mine.search_capsules(CapsuleSearchParams(limit=100, ownership="created")).results:
        told = mine.get_permissions(capsule.id)
        alone = len(told.users or ()) <= 1 and told.everyone == EveryoneRole.None_ and len(told.groups or ()) == 1
        if capsule.id in seen and alone:
            return str(told.groups[0].group)
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
    pipeline = Thing(deployment, "pipeline", deployment.pipeline)
    wanted = [UserPermissions(email=email_of(deployment, OTHER), role=UserRole.Viewer)]
    with ExitStack() as stack:
        made = stack.enter_context(fixtures.captured(deployment, f"{deployment.tag} attached"))
        run = stack.enter_context(fixtures.started(deployment, pipeline_id=pipeline.key))
        along = _used_by(deployment, run)
        for thing in (pipeline, *along):
            stack.enter_context(_private(thing))
        pipeline.client().attach_data_assets(pipeline.key, [DataAssetAttachParams(id=made.id, mount=deployment.tag)])
        stack.callback(pipeline.client().detach_data_assets, pipeline.key, [made.id])
        pipeline.share(users=wanted)
        _same(pipeline, "a pipeline that was shared")
        along.append(Thing(deployment, "data_asset", made.id))
        for thing in along:
            refused(404, f"a {thing.kind} of a pipeline that was shared alone", thing.get, OTHER)
        pipeline.share(users=wanted, share_assets=True)
        for thing in along:
            _same(thing, f"a {thing.kind} that was shared with its pipeline")


def _used_by(deployment: Deployment, run: Any) -> list[Thing]:
    """What a pipeline brings along, as far as it is its owner's: the capsules of processes, and data assets."""
    things = [Thing(deployment, "capsule", process.capsule_id) for process in run.processes or ()]
    things += [Thing(deployment, "data_asset", asset.id) for asset in run.data_assets or ()]
    return [thing for thing in dict.fromkeys(things) if thing.get(OWNER).owner == run.owner]
