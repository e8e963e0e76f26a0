"""Worlds that hold everything a deployment can show, drawn by chance."""

import json
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

ADMIN = "cop_root"
"""The token of an administrator, who owns something and has favorites."""

WORDS = (
    "raw", "derived", "Ünïcode", "data: 1", "yes", "0x1F", "# no comment", " leading", "trailing ", "a\nb\n",
    "“quotes”", "null", "2026-03-01", "🧠 brain", "tab\there", "C:\\path", "{flow}", "[list]", "- dash",
    "long " * 60, "it's", '"q"',
)  # fmt: skip


class RandomWorld:
    """A seed file, as JSON, and who is in it."""

    def __init__(self, number: int, *, has_members: bool = False) -> None:
        self._random = Random(number)
        self.users: list[dict[str, Any]] = [
            {"id": self._id(), "email": f"{name}@lab{number}.org", "name": name.title()}
            for name in ("root", "ada.lovelace", "bob", "carl-gauss")
        ]
        self.users[0]["admin"] = True
        self.emails = [user["email"] for user in self.users]
        self.members = [self.emails[1]] if has_members else []
        """Of the group; nobody tells them, but whoever sees something through it alone."""
        self.tokens = {email: f"cop_{email.partition('@')[0]}" for email in self.emails}
        self.assets = [self._asset(at) for at in range(self._random.randint(4, 9))]
        # Nothing but what is shared with nobody tells that the token's user is an administrator.
        self.assets[1] |= {"owner": self.emails[1], "permissions": []}
        self.assets.append(self._combined())
        self.assets[0].pop("archived", None)  # Only what is not archived tells who the token's user is.
        self.capsules = [self._capsule("capsule") for _ in range(self._random.randint(2, 5))]
        self._release()
        self.pipelines = [self._capsule("pipeline") for _ in range(2)]
        self.runs = [
            self._run(one) for one in (*self.capsules, *self.pipelines) for _ in range(self._random.randint(0, 4))
        ]
        self._runs_of_processes()

    @property
    def ids(self) -> dict[str, list[str]]:
        """The ids of everything, by kind."""
        kinds = {
            "capsules": self.capsules,
            "pipelines": self.pipelines,
            "data_assets": self.assets,
            "computations": self.runs,
        }
        return {kind: [one["id"] for one in things] for kind, things in kinds.items()}

    def write(self, folder: Path) -> Path:
        """Write the seed file."""
        path = folder / "random.json"
        fields = [
            {"name": "subject id", "type": "string", "category": "Subject", "required": False},
            {"name": "rate", "type": "number", "units": "Hz", "range": {"min": 0.0, "max": 1e6}},
            {"name": "modalities", "type": "string", "multiple": True, "allowed_values": ["ophys", "ecephys"]},
        ]
        content = {
            "version": 1,
            "users": self.users,
            "groups": [{"name": "AD Group / 1", "members": self.members}],
            "tokens": [{"token": token, "user": email} for email, token in self.tokens.items()],
            "custom_metadata": {"categories": ["Subject"], "fields": fields},
            "data_assets": self.assets,
            "capsules": self.capsules,
            "pipelines": self.pipelines,
            "computations": self.runs,
        }
        path.write_text(json.dumps(content))
        return path

    def _id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _text(self) -> str:
        return self._random.choice(WORDS)

    def _chance(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if self._random.random() < 0.5}

    def _grants(self, owner: str) -> list[dict[str, Any]]:
        others = [email for email in self.emails if email != owner]
        grants: list[dict[str, Any]] = [
            {"role": self._random.choice(["owner", "editor", "viewer"]), "user": email}
            for email in self._random.sample(others, self._random.randint(0, 2))
        ]
        if self._random.random() < 0.3:
            grants.append({"role": "viewer", "group": "AD Group / 1"})
        if self._random.random() < 0.3:
            grants.append({"role": self._random.choice(["viewer", "discoverable"]), "everyone": True})
        return grants

    def _files(self) -> list[dict[str, Any]]:
        paths = ["a.txt", "b c.csv", "deep/er/x.bin", "deep/y.json", "ünï.txt", "log: 1"]
        chosen = self._random.sample(paths, self._random.randint(0, 4))
        contents = ({"text": self._text()}, {"base64": "AP8Q"}, {"size": self._random.randint(0, 10**12)})
        return [{"path": path, **self._random.choice(contents)} for path in chosen]

    def _asset(self, at: int) -> dict[str, Any]:
        draw = self._random
        owner = draw.choice(self.emails) if at else self.emails[0]
        fields = {
            "id": self._id(),
            "name": f"{self._text()} {at}",
            "mount": f"mount {at}",
            "owner": owner,
            "permissions": self._grants(owner),
            "created": 1_700_000_000 + draw.randint(0, 10**7),
            "type": draw.choice(["dataset", "result", "model"]),
            "tags": draw.sample(WORDS, draw.randint(0, 3)),
        }
        fields |= self._chance(
            {
                "last_used": 1_750_000_000,
                "description": self._text(),
                "archived": True,
                "custom_metadata": {"subject id": self._text(), "rate": draw.choice([1, 2.5]), "modalities": ["ophys"]},
                "favorite_of": [self.emails[0]],
                "app_parameters": [{"name": "threshold", "value": self._text()}],
                "nextflow_profile": "standard",
                "last_transferred": 1_740_000_000,
                "transfer_error": self._text(),
                "provenance": {"commit": "0" * 40, "docker_image": "", "run_script": "code/run", "capsule": self._id()},
            }
        )
        kind = draw.randrange(5)
        if kind == 0:
            bucket = {"origin": "aws", "bucket": f"bucket-{at}", "prefix": f"some/place/{at}", "external": True}
            fields |= {"source_bucket": bucket, "simulated": {"files": 7, "size": 10**14}}
        elif kind == 1:
            fields["simulated"] = {"files": draw.choice([3, 10**7]), "size": draw.randint(0, 10**15)}
        elif kind == 2 and at:
            fields["plan"] = draw.choice(
                [{"stages": {"draft": "forever"}}, {"state": "failed", "failure_reason": self._text()}]
            )
        else:
            fields["files"] = self._files()
        return fields

    def _combined(self) -> dict[str, Any]:
        parts = [{"id": one["id"], "mount": one["mount"], "size": 5} for one in self.assets[:2]]
        made = self._asset(99) | {"type": "combined", "contained_data_assets": parts}
        return {key: value for key, value in made.items() if key not in ("files", "simulated", "plan", "source_bucket")}

    def _attachable(self) -> list[dict[str, Any]]:
        return [asset for asset in self.assets if "plan" not in asset]

    def _panel(self, kind: str) -> dict[str, Any]:
        draw = self._random
        parameters = [
            {
                "name": "Threshold",
                "param_name": "threshold",
                "default_value": "3",
                "value_type": "integer",
                "minimum": 1.0,
            },
            {"name": "Mode", "type": "list", "value_options": ["a", "b"], "required": True, "category": "one"},
            {
                "name": "Text: free",
                "param_name": "text",
                "pattern": "^[a-z]+$",
                "hidden": True,
                "help_text": self._text(),
            },
        ]
        fields: dict[str, Any] = {
            "parameters": draw.sample(parameters, draw.randint(1, 3)) if kind == "capsule" else [],
            "app_panel": self._chance(
                {
                    "general": {"title": self._text(), "instructions": self._text()},
                    "results": [{"file_name": "table.csv"}],
                    **({"categories": [{"id": "one", "name": "One"}]} if kind == "capsule" else {}),
                }
            ),
        }
        attached = draw.sample(self._attachable(), 1)
        fields["data_assets"] = [{"id": one["id"], "mount": one["mount"]} for one in attached]
        return fields

    def _capsule(self, kind: str) -> dict[str, Any]:
        draw = self._random
        owner = draw.choice(self.emails)
        fields = {
            "id": self._id(),
            "slug": f"{draw.randrange(10**7):07}",
            "name": self._text() or "x",
            "owner": owner,
            "permissions": self._grants(owner),
            "created": 1_690_000_000 + draw.randint(0, 10**6),
        }
        fields |= self._chance(
            {
                "last_accessed": 1_750_000_000,
                "description": self._text(),
                "field": "Neuroscience",
                "tags": draw.sample(WORDS, 2),
                "cloned_from_url": "https://github.com/lab/code.git",
                "article": {"name": self._text(), "doi": "10.1/x", "state": "published", "publish_time": 1},
                "original_capsule": {"id": self._id(), "major_version": 1, "minor_version": 0, "public": True},
                "archived": True,
            }
        )
        if kind == "pipeline":
            inner = draw.choice(self.capsules)
            parameters = [{"name": "Deep", "param_name": "deep", "default_value": "1"}]
            process = {"name": "capsule_one_1", "capsule_id": inner["id"], "parameters": parameters}
            return fields | {"processes": [process]} | self._panel(kind)
        return fields | (self._panel(kind) if draw.random() < 0.7 else {})

    def _release(self) -> None:
        base = self.capsules[-1]
        versions = [{"major_version": 1, "minor_version": 0, "release_time": 1_700_000_000, "doi": "10.2/y"}]
        made = base | {"id": self._id(), "slug": "0000007", "status": "release", "versions": versions}
        made |= {"submission": {"timestamp": 1, "verified": True}}
        base["release_capsule"] = made["id"]
        self.capsules.append(made)

    def _run(self, capsule: dict[str, Any]) -> dict[str, Any]:
        draw = self._random
        seconds = draw.randint(0, 90_000)
        ends: list[dict[str, Any]] = [
            {"end_status": "succeeded", "exit_code": 0, "has_results": True},
            {"end_status": "failed", "exit_code": 137, "has_results": False},
            {"end_status": "stopped", "has_results": False},
            {"state": "failed"},
            {"end_status": "succeeded", "exit_code": 1, "has_results": True},
        ]
        stages: dict[str, Any] = {"initializing": 0.0, "running": seconds}
        if draw.random() < 0.2:
            stages = draw.choice([{"initializing": "forever"}, {"initializing": 1, "running": "forever"}])
        plan: dict[str, Any] = {"stages": stages, **draw.choice(ends)}
        going = "forever" in stages.values()
        mounts = draw.sample(self._attachable(), draw.randint(0, 1))
        return {
            "id": self._id(),
            "capsule": capsule["id"],
            "owner": self.emails[0] if capsule.get("status") == "release" else draw.choice(self.emails),
            "created": 1_760_000_000 + draw.randint(0, 10**6),
            "name": self._text() or "run",
            "plan": plan,
            "files": [] if going else [{"path": "output", "text": self._text()}, *self._files()],
            "data_assets": [{"id": one["id"], "mount": one["mount"]} for one in mounts],
            **self._chance(
                {"nextflow_profile": "p", "parameters": [{"name": "A", "param_name": "a", "value": self._text()}]}
            ),
            **({"version": 1} if capsule.get("status") == "release" else {}),
        }

    def _runs_of_processes(self) -> None:
        """Every pipeline has a run: nothing else tells which capsules it runs."""
        for pipeline in self.pipelines:
            given = [{"name": "capsule_one_1", "parameters": [{"name": "Deep", "param_name": "deep", "value": "7"}]}]
            run = self._run(pipeline)
            self.runs.append({key: value for key, value in run.items() if key != "parameters"} | {"processes": given})
