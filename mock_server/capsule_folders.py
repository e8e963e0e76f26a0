"""The capsule folders that the operator of this server has named, and what was last read in each."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_server import seeds
from mock_server.clock import real_time
from mock_server.domain.scenarios import DRIVEN
from mock_server.errors import StartError
from mock_server.local_files import ALL_FILES, ReadableFiles
from mock_server.settings import Settings
from mock_server.store import file_trees, queries
from mock_server.store.database import Database
from mock_server.store.schema import CapsuleRow

if TYPE_CHECKING:
    from mock_server.documents.capsule_folder import CapsuleFolder, Stamp

log = logging.getLogger("codeocean_mock")

COLUMNS = {"name": "name", "description": "description", "tags": "tags", "parameters": "panel", "app_panel": "page"}
"""The columns that follow a folder, by the field that a seed file may have in its place."""

PASSED_ON = ("authors", "field")
"""The parts of `more` that follow a folder."""

SETTLED = 2.0
"""Seconds after a change within which a file could be changed again, and its stamp be the same."""

Mounts = list[dict[str, Any]]


class Form(NamedTuple):
    """A folder as it was read: the row that a capsule of it alone would have, and what is attached in it. `settled`
    says whether the stamp tells all changes that came later.
    """

    stamp: "Stamp"
    settled: bool
    row: CapsuleRow
    attached: Mounts


class CapsuleFolders:
    """What a server knows of capsule folders. `problems` says which of them cannot be read any more, and why: what was
    read before goes on then. Raises `StartError` for folders of the settings that cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._named: dict[str, ReadableFiles] = {}
        self._forms: dict[str, Form] = {}
        self._warned: set[str] = set()
        self._seed_stamp: tuple[int, int] | None = None
        self.problems: dict[str, str] = {}
        self.of_settings: dict[str, str] = {}
        for folder, key in settings.capsules:
            self._take_on(folder, key)

    def _take_on(self, folder: Path, key: str | None) -> None:
        from mock_server.documents import capsule_folder
        from mock_server.documents.seed_checks import RESERVED

        read = capsule_folder.read(folder)
        key = key or read.id
        if key in RESERVED["capsules"]:
            raise StartError(f"capsule folder {folder}: {key} is a word of the API's paths, and cannot be its id")
        if key in self.of_settings:
            others = f"{self.of_settings[key]} and {read.path}"
            raise StartError(f"the capsule folders {others} have one id, {key}; give one another: --capsule ID=DIR")
        self.of_settings[key] = str(read.path)
        self.name([read], ALL_FILES)
        self.warn(read.warnings)

    def name(self, folders: "Iterable[CapsuleFolder]", files: ReadableFiles) -> None:
        """Note that the operator has named folders; what is read in them has to be one of `files`."""
        for folder in folders:
            self._named.setdefault(str(folder.path), files)

    def may_run(self, folder: str) -> bool:
        """Whether the operator has named a folder to this server: in its settings, in its seed, or in a seed that was
        loaded through the control plane. What stands in a database does not count, as it may come from elsewhere.
        """
        if folder not in self._named:
            self._look_into_the_seed()
        return folder in self._named

    def _look_into_the_seed(self) -> None:
        """Take the folders of the server's seed for named: a server that goes on from a database has not read it."""
        source = self._settings.seed
        if source in seeds.PACKAGED:
            return
        try:
            found = Path(source).stat()
        except OSError:
            return
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp != self._seed_stamp:
            self._seed_stamp = stamp
            from mock_server.documents import seed_folders

            for top in seed_folders.tops(source):
                self._named.setdefault(str(top), ALL_FILES)

    def problems_now(self) -> list[str]:
        """What is wrong with the folders that could not be read, as far as they cannot be read now."""
        for folder in list(self.problems):
            self._form(folder)
        return list(self.problems.values())

    def warn(self, warnings: Iterable[str]) -> None:
        """Log what was not said yet."""
        for warning in warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                log.warning("%s", warning)

    def register(self, db: Database) -> None:
        """Enter the capsules of the settings into a world, or bring them up to date; call it inside a transaction.
        Raises `StartError` when something else has the id of one.
        """
        for key, folder in self.of_settings.items():
            row = queries.CAPSULES.get(db, key)
            if row is None:
                self._enter(db, key, folder)
            elif row.kind != "capsule":
                raise StartError(f"capsule folder {folder}: {key} is a {row.kind}; give another id: --capsule ID=DIR")
            else:
                self._follow(db, row, folder)

    def _enter(self, db: Database, key: str, folder: str) -> None:
        form = self._form(folder)
        if form is None:
            raise StartError(self.problems[folder])
        if queries.DATA_ASSETS.get(db, key) is not None:
            raise StartError(f"capsule folder {folder}: {key} is a data asset; give another id: --capsule ID=DIR")
        users = sorted(queries.all_users(db), key=lambda user: user.admin)
        if not users:
            self.warn([f"capsule folder {folder}: there is no user who could own the capsule, so there is none"])
            return
        attached = self._attached(db, folder, form.attached)
        queries.CAPSULES.insert(db, replace(form.row, id=key, owner=users[0].id, attached=attached))

    def _follow(self, db: Database, row: CapsuleRow, folder: str) -> None:
        """Give a capsule that is there the folder, and what is in it."""
        scenario = row.scenario if row.folder else DRIVEN
        moved = replace(row, folder=folder, scenario=scenario)
        followed = self.seen(db, moved)
        if followed != row:
            queries.follow_folder(db, followed)

    def refresh_all(self, db: Database) -> None:
        """Bring all capsules with a folder up to date; call it inside a transaction."""
        if self._named:
            for row in queries.capsules_with_folder(db):
                self.refresh(db, row)

    def refresh(self, db: Database, row: CapsuleRow) -> CapsuleRow:
        """Bring a capsule with a folder up to date; call it inside a transaction."""
        followed = self.seen(db, row)
        if followed is not row:
            queries.follow_folder(db, followed)
        return followed

    def seen(self, db: Database, row: CapsuleRow) -> CapsuleRow:
        """The capsule as its folder is now, the very same when nothing in it has changed."""
        form = self._form(row.folder) if row.folder is not None and self.may_run(row.folder) else None
        return row if form is None else self._followed(db, row, form)

    def note_on(self, row: CapsuleRow) -> bytes:
        """What the log of a run begins with: why the capsule is not as its folder is, if so."""
        problem = self.problems.get(row.folder or "")
        return f"codeocean-mock: {problem}; the last version read remains in use\n".encode() if problem else b""

    def _followed(self, db: Database, row: CapsuleRow, form: Form) -> CapsuleRow:
        note = row.workspace.get("folder", {"own": [], "attached": []})
        own = set(note["own"])
        more = {key: part for key, part in row.more.items() if key not in PASSED_ON or key in own}
        more |= {key: form.row.more[key] for key in PASSED_ON if key in form.row.more and key not in own}
        columns = {column: getattr(form.row, column) for field, column in COLUMNS.items() if field not in own}
        columns["more"] = more
        if "data_assets" not in own and note["attached"] != form.attached:
            columns["attached"] = self._attached(db, str(row.folder), form.attached, row.attached, note["attached"])
            columns["workspace"] = row.workspace | {"folder": note | {"attached": form.attached}}
        unchanged = all(getattr(row, column) == value for column, value in columns.items())
        return row if unchanged else replace(row, **columns)

    def _attached(
        self, db: Database, folder: str, wanted: Mounts, now: Sequence[Any] = (), before: Sequence[Any] = ()
    ) -> Mounts:
        """What is attached to a capsule whose folder wants `wanted`, and wanted `before`: what others have attached
        `now` stays.
        """
        from mock_server.documents import capsule_folder

        there = {row.id for row in queries.DATA_ASSETS.named(db, [one["id"] for one in wanted])}
        self.warn(capsule_folder.missing(Path(folder), one) for one in wanted if one["id"] not in there)
        found = [one for one in wanted if one["id"] in there]
        taken = {one[key] for one in found for key in ("id", "mount")}
        old = [(one["id"], one["mount"]) for one in before]
        kept = [one for one in now if (one["id"], one["mount"]) not in old and not taken & {one["id"], one["mount"]}]
        return kept + found

    def _form(self, folder: str) -> Form | None:
        """What is in a folder now, else what was last read there; None when nothing ever was."""
        from mock_server.documents import capsule_folder

        path, known = Path(folder), self._forms.get(folder)
        stamp = capsule_folder.stamp(path)
        if known is not None and known.settled and known.stamp == stamp:
            return known
        try:
            read = capsule_folder.read(path, self._named[folder])
        except StartError as problem:
            self._note_problem(folder, str(problem))
            return known
        self._warned.discard(self.problems.pop(folder, ""))
        changed = max((found[0] for found in stamp if found), default=0) / 1e9
        self._forms[folder] = _form(read, stamp, settled=not 0 <= real_time() - changed < SETTLED)
        return self._forms[folder]

    def _note_problem(self, folder: str, problem: str) -> None:
        if self.problems.get(folder) != problem:
            self._warned.discard(self.problems.get(folder, ""))
            self.problems[folder] = problem
            self.warn([problem])


def _form(read: "CapsuleFolder", stamp: "Stamp", *, settled: bool) -> Form:
    from mock_server.documents.seed_model import SeedCapsule
    from mock_server.store.seed_loading import loader

    attached = read.fields["data_assets"]
    capsule = SeedCapsule(
        id=read.id,
        slug=read.slug,
        owner="nobody@localhost",
        created=read.created,
        scenario=DRIVEN,
        folder=str(read.path),
        **read.fields,
    )
    row = loader.capsule_row(capsule, "", file_trees.NO_FILES, loader.note_of(read, ()))
    return Form(stamp, settled, row, attached)
