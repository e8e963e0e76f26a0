"""Capsule folders in the forms that they have in public, made for the tests that run them."""

import json
from pathlib import Path
from typing import Any

from mock_server.documents import capsule_folder

RUN = '#!/usr/bin/env bash\nset -ex\npython -u main.py "$@"\n'

METADATA = """metadata_version: 1
name: Count cells
description: |-
  Counts the cells
  of a section.
tags:
- imaging
- cells
authors:
- name: Ada Lovelace
  affiliations:
  - name: Analytical Engines
  - name: London
- name: Grace Hopper
corresponding_contributor:
  name: Ada Lovelace
"""

DOCKERFILE = (
    f"# hash:sha256:{'0' * 64}\nARG REGISTRY_HOST\nFROM $REGISTRY_HOST/codeocean/ubuntu:22.04\n"
    "ARG DEBIAN_FRONTEND=noninteractive\n"
)

ASSET = "cccccccc-0000-4000-8000-000000000001"
OTHER = "cccccccc-0000-4000-8000-000000000002"

PANEL: dict[str, Any] = {
    "version": 1,
    "named_parameters": True,
    "general": {"title": "Cells", "instructions": "Choose a threshold.", "help_text": "Ask us."},
    "datasets": [{"id": ASSET, "name": "sections", "description": "What is counted", "help_text": "One folder each"}],
    "categories": [{"id": "AbCdEfGh12345678", "name": "Detection", "description": "How", "icon": "🔬"}],
    "parameters": [
        {
            "id": "0123456789abcdef", "category": "AbCdEfGh12345678", "name": "Threshold", "param_name": "min-level",
            "description": "What counts", "help_text": "Try 0.5", "type": "text", "value_type": "number",
            "default_value": "0.5", "required": True, "minimum": 0, "maximum": 1.5,
        },
        {
            "id": "fedcba9876543210", "name": "Filter", "param_name": "filter", "type": "list", "value_type": "string",
            "default_value": "gaussian", "extra_data": ["gaussian", "median"],
        },
        {"id": "aaaabbbbccccdddd", "name": "Label", "param_name": "label", "type": "text", "pattern": "[a-z]+"},
        {"id": "ddddccccbbbbaaaa", "name": "Table", "param_name": "table", "type": "file"},
    ],
    "results": [{"file_name": "cells.csv"}],
}  # fmt: skip

DATASETS = {"version": 1, "attached_datasets": [{"id": ASSET, "mount": "sections"}]}


def app_json(content: Any) -> str:
    """JSON as the app writes it: with tabs, and without a last line end."""
    return json.dumps(content, indent="\t", ensure_ascii=False)


def old_form(folder: Path) -> Path:
    """What was made before there was a `.codeocean`: code, environment and metadata."""
    write(folder, "code/run", RUN)
    write(folder, "code/main.py", "print('counted')\n")
    write(folder, "metadata/metadata.yml", METADATA)
    write(folder, "environment/Dockerfile", DOCKERFILE)
    write(folder, ".gitignore", "/data/\n")
    return folder


def new_form(folder: Path, panel: Any = PANEL, datasets: Any = DATASETS) -> Path:
    """What the app makes today."""
    old_form(folder)
    write(folder, ".codeocean/app-panel.json", app_json(panel))
    write(folder, ".codeocean/datasets.json", app_json(datasets))
    write(folder, ".codeocean/resources.json", app_json({"version": 1, "resource_class": "small"}))
    write(folder, ".codeocean/environment.json", app_json({"version": 1, "base_image": "codeocean/ubuntu:22.04"}))
    return folder


def write(folder: Path, name: str, text: str) -> Path:
    """Write a file below a folder, in one step as editors do: nobody sees half of it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".new")
    aside.write_bytes(text.encode())
    aside.replace(path)
    return path


def set_panel(folder: Path, **parts: Any) -> None:
    """Write the app panel anew, with some parts changed."""
    write(folder, ".codeocean/app-panel.json", app_json(PANEL | parts))


def set_remote(folder: Path, url: str, name: str = "origin") -> None:
    """Make the folder a checkout with a remote."""
    write(folder, ".git/config", f'[core]\n\tbare = false\n[remote "{name}"]\n\turl = {url}\n\tfetch = +refs/x\n')


def id_of(folder: Path) -> str:
    """The id that the capsule in a folder has by itself."""
    return capsule_folder.read(folder).id


SEED = f"""version: 1
users:
  - {{id: u0, email: admin@example.com, name: Admin, admin: true}}
  - {{id: u1, email: ann@example.com, name: Ann}}
tokens: [{{token: cop_ann, user: ann@example.com}}, {{token: cop_admin, user: admin@example.com}}]
data_assets:
  - {{id: {ASSET}, name: Sections, mount: s, owner: ann@example.com, created: 5, files: [{{path: a.txt, text: a}}]}}
"""


def seed_file(folder: Path, more: str = "") -> Path:
    """A seed file with a user and the data asset that is attached in the folders, and more."""
    return write(folder, "seed.yaml", SEED + more)
