"""Random worlds, as the content of seed files."""

from random import Random
from typing import Any

from tests.round_trips.using import WORDS

USERS = ("ada@example.com", "bob@example.com", "eve@example.com", "root@example.com")
GROUPS = ("lab: one", "yes")
SOME_DAY = 1_700_000_000


def random_world(random: Random) -> dict[str, Any]:
    """A world of a few things of each kind."""
    return _World(random).content()


Things = list[dict[str, Any]]
"""Things of a kind, as a seed file lists them."""


class _World:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._assets = [f"asset-{number}" for number in range(random.randint(1, 6))]
        self._released = random.random() < 0.7

    def content(self) -> dict[str, Any]:
        capsules = [self._capsule(number) for number in range(self._random.randint(1, 4))]
        pipelines = [self._pipeline(number, capsules) for number in range(self._random.randint(0, 2))]
        if self._released:
            capsules[0] |= {"release_capsule": "released", "description": "can be released", "scenario": "succeeds"}
            capsules[0] |= {"owner": self._user(), "git": {}, "parameters": [], "cloned_from_url": "https://git/x: y"}
            versions = [{"major_version": 1, "minor_version": 0, "release_time": SOME_DAY, "doi": "10.1/x"}]
            capsules.append(self._capsule(9) | {"id": "released", "status": "release", "versions": versions})
        external = {"origin": "aws", "bucket": "open-data", "prefix": "raw", "external": True}
        assets = [self._asset(key) for key in self._assets]
        assets += [
            self._asset(f"far-{number}") | {"mount": f"f{number}", "source_bucket": external} for number in (1, 2)
        ]
        return {
            "version": 1,
            "users": [
                {"id": f"u{number}", "email": email, "name": self._word(), "admin": email.startswith("root")}
                for number, email in enumerate(USERS)
            ],
            "tokens": [
                *({"token": f"cop_{email.partition('@')[0]}", "user": email} for email in USERS),
                {"token": "cop_reader", "user": USERS[0], "scopes": ["capsule:read"]},
            ],
            "groups": [{"name": name, "members": self._random.sample(USERS, 2)} for name in GROUPS],
            "custom_metadata": self._metadata_schema(),
            "buckets": [
                {
                    "name": "open-data",
                    "files": [{"path": "raw/x.csv", "text": "a\n"}, {"path": "raw/y", "size": 70_000}],
                },
                {"name": "a bucket: 1", "simulated": {"files": 250, "size": 10_000}, "origin": "gcp"},
                {
                    "name": "private-bucket",
                    "public": False,
                    "files": [{"path": "sub/x/many", "files": 120, "size": 5000}],
                },
            ],
            "capsules": capsules,
            "pipelines": pipelines,
            "data_assets": assets,
            "computations": [
                self._run(number, [*capsules, *pipelines]) for number in range(self._random.randint(0, 6))
            ],
            "scenarios": self._some([{"name": "own", "like": "slow", "results": self._results()}]),
        }

    def _metadata_schema(self) -> dict[str, Any]:
        fields: Things = [
            {"name": "subject id", "type": "string", "category": "a: b"},
            {"name": "sampling rate", "type": "number", "range": {"min": 0}},
            {"name": "level", "type": "string", "allowed_values": ["raw", "yes"], "multiple": True},
        ]
        return self._random.choice([{}, {"categories": ["a: b"], "fields": fields}])

    def _capsule(self, number: int) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "id": f"capsule-{number}",
            "slug": f"{1000000 + number}",
            "name": self._word(),
            "owner": self._user(),
            "created": SOME_DAY + number,
            "results": self._results(),
            "scenario": self._random.choice(["succeeds", "succeeds", "fails", "driven", "stuck", "flaky", "stopped"]),
        }
        more = {
            "description": self._word(),
            "field": "Biology",
            "tags": [self._word(), "raw"],
            "article": {"url": self._word(), "year": 2020},
            "authors": [{"name": "Ada", "affiliation": self._word()}],
            "original_capsule": {"id": "elsewhere", "name": self._word(), "public": True},
            "archived": True,
            "parameters": self._parameters(),
            "app_panel": {"general": {"title": self._word()}, "results": [{"file_name": "a.txt"}]},
            "git": {"ahead": 1, "behind": 2},
            "release": self._random.choice([{"outcome": "failed", "error": self._word()}, {"outcome": "canceled"}]),
            "data_assets": [{"id": self._assets[0], "mount": "first"}],
            "permissions": self._permissions(),
            "last_accessed": SOME_DAY + 0.25,
            "log_template": "begin\n{% for n in range(3) %}\nstep {{ n }} {{ run.name }}\n{% endfor %}\n",
        }
        return fields | {name: more[name] for name in self._random.sample(list(more), self._random.randint(0, 8))}

    def _pipeline(self, number: int, capsules: Things) -> dict[str, Any]:
        made = self._capsule(50 + number) | {"id": f"pipeline-{number}"}
        run = self._random.choice(capsules)["id"]
        processes: Things = [
            {"name": "first", "capsule_id": run, "parameters": self._parameters()},
            {"name": "no: 2", "capsule_id": capsules[0]["id"], "version": 1, "public": True},
        ]
        return made | {"processes": processes[: self._random.randint(0, 2)]}

    def _asset(self, key: str) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "id": key,
            "name": self._word(),
            "mount": key,
            "owner": self._user(),
            "created": SOME_DAY + 0.5,
        }
        content: Things = [{"files": self._files()}, {"simulated": {"files": 300, "size": 9999}}, {}]
        more: dict[str, Any] = {
            "type": self._random.choice(["dataset", "result", "model"]),
            "description": self._word(),
            "tags": ["raw", self._word()],
            "archived": True,
            "custom_metadata": {"subject id": self._word()},
            "provenance": {"capsule": "capsule-0", "commit": self._word(), "data_assets": ["gone"]},
            "favorite_of": [self._user()],
            "permissions": self._permissions(),
            "last_used": SOME_DAY,
        }
        chosen = {name: more[name] for name in self._random.sample(list(more), self._random.randint(0, 6))}
        return fields | self._random.choice(content) | chosen

    def _run(self, number: int, capsules: Things) -> dict[str, Any]:
        capsule = self._random.choice(capsules)
        run: dict[str, Any] = {
            "id": f"run-{number}",
            "capsule": capsule["id"],
            "owner": self._user(),
            "created": SOME_DAY + 100 + number // 2,
            "run_time": self._random.choice([0, 1, 7, 3600]),
            "scenario": self._random.choice(["succeeds", "fails", "out-of-memory", "silent-failure", "stopped"]),
        }
        more: dict[str, Any] = {
            "name": self._word(),
            "files": [*self._files(), {"path": "output", "text": "log\n"}],
            "parameters": [{"name": self._word(), "param_name": "p", "value": self._word()}, {"value": "x"}],
            "data_assets": [{"id": self._assets[-1], "mount": "m/n"}, {"id": "gone", "mount": "g", "deleted": True}],
            "cloud_workstation": True,
            "nextflow_profile": self._word(),
        }
        if capsule.get("processes"):
            name = capsule["processes"][0]["name"]
            more["processes"] = [{"name": name, "parameters": [{"param_name": "q", "value": self._word()}]}]
        return run | {name: more[name] for name in self._random.sample(list(more), self._random.randint(0, 3))}

    def _parameters(self) -> Things:
        parameters: Things = [
            {"name": self._word(), "param_name": self._random.choice(["rows", "raw"]), "value_type": "integer"},
            {"name": "Choice", "type": "list", "value_options": ["", "a", "yes"], "default_value": "a", "hidden": True},
            {"name": "limited", "value_type": "number", "minimum": 0.5, "maximum": 2, "pattern": "^[0-9.]+$"},
        ]
        return parameters[: self._random.randint(0, 3)]

    def _permissions(self) -> Things:
        grants: Things = [
            {"user": self._user(), "role": self._random.choice(["owner", "editor", "viewer"])},
            {"group": GROUPS[0], "role": self._random.choice(["editor", "viewer", "discoverable"])},
            {"everyone": True, "role": self._random.choice(["viewer", "discoverable"])},
        ]
        return self._some(grants)

    def _files(self) -> Things:
        files: Things = [
            {"path": "a.txt", "text": "\n  leading\n"},
            {"path": "figures/plot: 1.bin", "base64": "AP8="},
            {"path": "figures/large.csv", "size": 70_000},
            {"path": "figures/yes", "text": self._word()},
            {"path": "many", "files": 130, "size": 4000},
        ]
        return self._some(files)

    def _results(self) -> Things:
        """Files of runs; an export writes templates after the others."""
        templates: Things = [
            {"path": "table.csv", "template": "{{ rows(3, v=(0.0, 1.0), label='yes: {n}') | csv }}\n"},
            {"path": "of {{ item.name }}.txt", "for_each": "data_assets", "text": "one: each\n"},
            {"path": "{{ run.id }}/{{ item }}.bin", "for_each": "'a, b'", "base64": "AP8="},
            {"path": "who.txt", "template": "{{ owner.email }} {{ capsule.name }} {{ 1 // (parameters | length) }}"},
        ]
        return [*self._files(), *self._some(templates)]

    def _some(self, of: Things) -> Things:
        return self._random.sample(of, self._random.randint(0, len(of)))

    def _word(self) -> str:
        return self._random.choice(WORDS)

    def _user(self) -> str:
        return self._random.choice(USERS)
