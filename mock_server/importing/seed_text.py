"""The seed file that is made of what was read: put into its place when it is whole."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mock_server.documents.problems import MAX_BYTES
from mock_server.documents.schema_address import editor_line
from mock_server.documents.seed_writer import SeedWriter
from mock_server.importing.options import ImportFailedError, ImportPausedError, Privacy
from mock_server.importing.world import World
from mock_server.side_files import SideFile
from mock_server.yaml_lines import MAX_VALUES

REPLACED = {
    "people": "e-mail addresses, names of people and groups, and the ids of owners",
    "buckets": "names of buckets, and places in them",
    "secrets": "what is a secret by its name or by its form",
}


def write(world: World, out: Path, privacy: Privacy, *, force: bool) -> list[str]:
    """Write the seed file; what whoever serves it should know. Raises `ImportFailedError` when it is there already,
    unless `force` is set, or cannot be written; nothing is at `out` then that was not there before.
    """
    refuse_existing(out, force=force)
    try:
        with SideFile(out.parent, out.name) as side:
            text = io.TextIOWrapper(side.file, encoding="utf-8", newline="\n")
            values = _write(world, SeedWriter(text, heading(world, privacy)))
            text.detach()
            size = side.file.tell()
            side.move_to(out)
    except OSError as problem:
        raise ImportPausedError(f"{out} cannot be written: {problem.strerror or problem}") from None
    return [*_too_large(size, values)]


def _too_large(size: int, values: int) -> Iterator[str]:
    less = "select less, or pass --files none or --permissions capsules"
    if size > MAX_BYTES:
        yield f"a server takes seed files of up to {MAX_BYTES // 2**20} MiB, and this one has {size // 2**20}: {less}"
    elif values > MAX_VALUES:
        yield f"a server takes seed files of up to {MAX_VALUES} values, and this one has {values}: {less}"


def refuse_existing(out: Path, *, force: bool) -> None:
    """Raise `ImportFailedError` when there is a file that nobody has given up."""
    if out.exists() and not force:
        raise ImportFailedError(f"{out} exists: pass --force to replace it, or --diff to compare with it")
    if not out.parent.is_dir():
        raise ImportFailedError(f"the folder {out.parent} does not exist")


def heading(world: World, privacy: Privacy) -> list[str]:
    """What the file begins with: where it comes from, and what in it is not real."""
    version = world.platform_version
    lines = [editor_line(), "A world that was read from a Code Ocean deployment."]
    if version:
        lines.append(f"Its platform has version {version}: serve --platform-version {version} answers as that one.")
    replaced = [what for name, what in REPLACED.items() if privacy.replaces(name)]
    lines += ["Replaced by stand-ins:", *(f"  {what}" for what in replaced)] if replaced else ["Nothing was replaced."]
    if privacy.redact:
        lines += ["Left out:", *(f"  {what}" for what in sorted(privacy.redact))]
    return lines


def _write(world: World, writer: SeedWriter) -> int:
    """Write all sections; how many values they hold."""
    values = 0
    writer.value("version", 1)
    rules = world.custom_metadata()
    breaks = world.unruly(rules)
    is_ruly = True
    for name, entries in world.sections():
        writer.section(name)
        for entry in entries:
            writer.entry(entry.fields, entry.comment)
            values += _values(entry.fields)
            if name == "data_assets" and is_ruly:
                is_ruly = not breaks(entry.fields.get("custom_metadata", {}))
    if not is_ruly:
        rules["enforced"] = False
    if world.forgotten_scenarios:
        writer.value("forgotten_scenarios", [*world.forgotten_scenarios])
    writer.value("custom_metadata", rules)
    writer.close()
    return values


def _values(node: Any) -> int:
    """How many values there are in a node, itself and keys among them, as the reader of seed files counts."""
    if isinstance(node, dict):
        return 1 + sum(1 + _values(below) for below in node.values())
    return 1 + sum(map(_values, node)) if isinstance(node, list) else 1
