"""The seed file that is made of what was read: put into its place when it is whole."""

import io
from pathlib import Path

from mock_server.documents.seed_writer import SeedWriter
from mock_server.importing.options import ImportFailedError, ImportPausedError, Privacy
from mock_server.importing.world import World
from mock_server.side_files import SideFile

REPLACED = {
    "people": "e-mail addresses, names of people and groups, and the ids of owners",
    "buckets": "names of buckets, and places in them",
    "secrets": "what is a secret by its name or by its form",
}


def write(world: World, out: Path, privacy: Privacy, *, force: bool) -> None:
    """Write the seed file. Raises `ImportFailedError` when it is there already, unless `force` is set, or cannot be
    written; nothing is at `out` then that was not there before.
    """
    refuse_existing(out, force=force)
    try:
        with SideFile(out.parent, out.name) as side:
            text = io.TextIOWrapper(side.file, encoding="utf-8", newline="\n")
            _write(world, SeedWriter(text, heading(world, privacy)))
            text.detach()
            side.move_to(out)
    except OSError as problem:
        raise ImportPausedError(f"{out} cannot be written: {problem.strerror or problem}") from None


def refuse_existing(out: Path, *, force: bool) -> None:
    """Raise `ImportFailedError` when there is a file that nobody has given up."""
    if out.exists() and not force:
        raise ImportFailedError(f"{out} exists: pass --force to replace it, or --diff to compare with it")
    if not out.parent.is_dir():
        raise ImportFailedError(f"the folder {out.parent} does not exist")


def heading(world: World, privacy: Privacy) -> list[str]:
    """What the file begins with: where it comes from, and what in it is not real."""
    version = world.platform_version
    lines = [f"A world that was read from a Code Ocean deployment{f' of version {version}' if version else ''}."]
    replaced = [what for name, what in REPLACED.items() if privacy.replaces(name)]
    lines += ["Replaced by stand-ins:", *(f"  {what}" for what in replaced)] if replaced else ["Nothing was replaced."]
    if privacy.redact:
        lines += ["Left out:", *(f"  {what}" for what in sorted(privacy.redact))]
    return lines


def _write(world: World, writer: SeedWriter) -> None:
    writer.value("version", 1)
    rules = world.custom_metadata()
    breaks = world.unruly(rules)
    is_ruly = True
    for name, entries in world.sections():
        writer.section(name)
        for entry in entries:
            writer.entry(entry.fields, entry.comment)
            if name == "data_assets" and is_ruly:
                is_ruly = not breaks(entry.fields.get("custom_metadata", {}))
    if not is_ruly:
        rules["enforced"] = False
    writer.value("custom_metadata", rules)
    writer.close()
