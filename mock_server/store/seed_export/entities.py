"""Users, capsules, data assets and all else but runs, as a seed file says them."""

from collections import defaultdict

from mock_server.documents.seed_model import (
    SeedBucket,
    SeedCapsule,
    SeedDataAsset,
    SeedGroup,
    SeedPipeline,
    SeedToken,
    SeedUser,
)
from mock_server.documents.seed_plan import number, plan_fields
from mock_server.domain.access import EVERYONE, Role, group_subject, user_subject
from mock_server.domain.files import FileTree
from mock_server.domain.lifecycle import Plan
from mock_server.domain.scenarios import NAMES, ResultTemplates, is_template, named_by, ready_since
from mock_server.store import file_trees, queries, scenarios, schema
from mock_server.store.database import Database
from mock_server.store.seed_export import trees
from mock_server.store.seed_export.trees import Fields

FROM_FOLDER = {"name", "description", "tags", "parameters", "app_panel", "authors", "field"}
"""The fields of a capsule that come from its folder, unless the seed gave them."""

USER, GROUP = user_subject(""), group_subject("")


class Entities:
    """The objects of a world, whose users and favorites are known. `forgotten_scenarios` are the names that those which
    were written have, and that no scenario has any more.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self.users = list(queries.USERS.each(db))
        self.emails = {user.id: user.email for user in self.users}
        own = scenarios.stored(db)
        self._known = {None, *NAMES, *(row.name for row in own)}
        self._of_runs = {*NAMES, *(row.name for row in own if row.kind == "computation")}
        self.forgotten_scenarios: set[str | None] = set()
        self._favorites: dict[str, list[str]] = defaultdict(list)
        for favorite in queries.FAVORITES.each(db):
            self._favorites[favorite.entity_id].append(self.emails[favorite.user_id])

    def groups(self) -> list[SeedGroup]:
        """The groups that have members, or a role on something."""
        members: dict[str, list[str]] = {}
        for user in self.users:
            for name in user.groups:
                members.setdefault(name, []).append(user.email)
        for grant in queries.GRANTS.each(self._db):
            if grant.subject.startswith(GROUP):
                members.setdefault(grant.subject.removeprefix(GROUP), [])
        return [SeedGroup(name=name, members=emails) for name, emails in sorted(members.items())]

    def user(self, row: schema.UserRow) -> SeedUser:
        """A user."""
        return SeedUser(id=row.id, email=row.email, name=row.name, admin=row.admin)

    def token(self, row: schema.TokenRow) -> SeedToken:
        """An access token."""
        return SeedToken(token=row.token, user=self.emails[row.user_id], scopes=row.scopes)

    def bucket(self, row: schema.BucketRow) -> SeedBucket:
        """A declared bucket."""
        content = trees.content_fields(f"bucket {row.name}", self.tree(row.tree))
        return SeedBucket.model_validate({"name": row.name, "origin": row.origin, "public": row.public} | content)

    def scenario(self, row: schema.ScenarioRow) -> Fields:
        """A loaded scenario, with the files of its folder if it has one."""
        fields = {key: part for key, part in row.spec.items() if key != "directory"}
        files = trees.files_of(row.name, self.tree(row.tree))
        files += [file for file in row.spec.get("results", ()) if is_template(file)]
        return {"name": row.name, "kind": row.kind, **fields, **({"results": files} if files else {})}

    def capsule(self, row: schema.CapsuleRow) -> SeedCapsule:
        """A capsule or pipeline, with all that is known of it."""
        self.forgotten_scenarios |= ({named_by(row.tags)} - self._known) | ({row.scenario} - self._of_runs)
        model = SeedPipeline if row.kind == "pipeline" else SeedCapsule
        own = ResultTemplates.from_json(row.templates)
        more = {"processes": row.processes} if row.kind == "pipeline" else {"folder": row.folder}
        return model.model_validate(
            {
                "id": row.id,
                "slug": row.slug,
                "name": row.name,
                "owner": self.emails[row.owner],
                "created": number(row.created),
                "last_accessed": None if row.last_accessed is None else number(row.last_accessed),
                "description": row.description,
                "tags": row.tags,
                "status": row.status,
                "archived": row.archived,
                "app_panel": row.page or None,
                "git": row.workspace["git"],
                "release": row.workspace["release"],
                "release_jobs": [_release_job(job) for job in self._release_jobs(row)],
                "parameters": row.panel,
                "data_assets": [_attachment(attached) for attached in row.attached],
                "scenario": row.scenario,
                "results": [*trees.files_of(row.id, self.tree(row.tree)), *own.files],
                "log_template": own.log,
                "permissions": self._permissions(row.id),
            }
            | row.more
            | more
        )

    def data_asset(self, row: schema.DataAssetRow) -> SeedDataAsset:
        """A data asset."""
        self.forgotten_scenarios |= {named_by(row.tags)} - self._known
        return SeedDataAsset.model_validate(
            {
                "id": row.id,
                "name": row.name,
                "mount": row.mount,
                "owner": self.emails[row.owner],
                "created": number(row.created),
                "last_used": number(row.last_used),
                "type": row.type,
                "plan": None if row.plan == ready_since(row.created) else plan_fields(row.plan, row.created),
                "description": row.description,
                "tags": row.tags,
                "archived": row.archived,
                "favorite_of": self._favorites.get(row.id, []),
                "permissions": self._permissions(row.id),
            }
            | {name: value for name, value in row.more.items() if name != "objects"}
            | self._content(row)
        )

    def _content(self, row: schema.DataAssetRow) -> Fields:
        """The files of a data asset; of one that is external in S3, how many they are and how large."""
        if row.external and "objects" in row.more and row.files:
            return {"files": [], "simulated": {"files": row.files, "size": row.size}}
        return trees.content_fields(row.id, self.tree(row.tree))

    def tree(self, key: str) -> FileTree:
        """The files under a key."""
        return file_trees.get(self._db, key)

    def _permissions(self, key: str) -> list[Fields]:
        found = []
        for grant in queries.grants_on(self._db, key):
            subject: Fields = {"everyone": True}
            if grant.subject != EVERYONE:
                to_user = grant.subject.startswith(USER)
                name = grant.subject.removeprefix(USER if to_user else GROUP)
                subject = {"user" if to_user else "group": name}
            found.append(subject | {"role": Role(grant.role).name.lower()})
        return found

    def _release_jobs(self, row: schema.CapsuleRow) -> list[schema.ReleaseJobRow]:
        target = row.more.get("release_capsule")
        return queries.release_jobs_of(self._db, target) if target else []


def capsule_fields(row: schema.CapsuleRow, capsule: SeedCapsule) -> Fields:
    """The fields to write of a capsule: what comes from its folder is read there."""
    fields = capsule.model_dump(mode="json", exclude_defaults=True)
    if row.folder is None:
        return fields
    note = row.workspace.get("folder", {"own": [], "attached": []})
    follows = (FROM_FOLDER | {"data_assets"}) - set(note["own"])
    if row.attached != note["attached"]:
        follows -= {"data_assets"}
    # What is not said would come from the folder.
    said = (FROM_FOLDER | {"data_assets", "scenario"}) - follows
    return {key: part for key, part in fields.items() if key not in follows} | capsule.model_dump(
        mode="json", include=said, exclude_none=True
    )


def _attachment(attached: Fields) -> Fields:
    plan = attached.get("plan")
    return attached | ({"plan": plan_fields(Plan.from_json(plan), None)} if plan else {})


def _release_job(job: schema.ReleaseJobRow) -> Fields:
    return {"id": job.id, "major_version": job.major_version, "plan": plan_fields(job.plan, None)}
