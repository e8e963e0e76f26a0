"""Folders of capsules, in the form in which Code Ocean keeps them in Git."""

import json
from pathlib import Path
from typing import Any

DOCKERFILE = """# hash:sha256:0000000000000000000000000000000000000000000000000000000000000000
ARG REGISTRY_HOST
FROM $REGISTRY_HOST/codeocean/bash:1.0

ARG DEBIAN_FRONTEND=noninteractive

ARG GIT_ASKPASS
ARG GIT_ACCESS_TOKEN
COPY git-askpass /

ENV OF_IMAGE=yes
COPY postInstall /
RUN /postInstall
"""
"""As the environment editor writes it; only its first image is of the tests' own."""

POST_INSTALL = "#!/usr/bin/env bash\nset -e\necho installed > /opt/installed\n"


def write_capsule(folder: Path, script: str | None, **files: Any) -> Path:
    """A capsule whose `code/run` is `script`; `files` are more of them by their paths, as text or as JSON."""
    texts = {
        "metadata/metadata.yml": f"metadata_version: 1\nname: {folder.name}\n",
        "environment/Dockerfile": DOCKERFILE,
        "environment/postInstall": POST_INSTALL,
        ".gitignore": "/data/\n",
        **files,
    }
    if script is not None:
        texts["code/run"] = f"#!/usr/bin/env bash\nset -e\n{script}\n"
    for path, content in texts.items():
        whole = folder / path
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_text(content if isinstance(content, str) else json.dumps(content, indent="\t"))
    return folder
