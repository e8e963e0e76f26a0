"""The operations of the API that an import calls, and what they answer on deployments old and new."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from mock_server.importing.connection import Answer, Connection
from mock_server.importing.options import ImportFailedError

PAGE = 1000
"""How many objects a search returns at most; source: SDK models/capsule.py, `CapsuleSearchParams.limit`."""

GONE = (404, 405, 501)
"""Statuses of an operation that an older platform does not have."""

ADDED_IN = {
    "pipelines": ("operations for pipelines", (4, 1)),
    "custom_metadata": ("fields of custom metadata", (3, 9)),
    "app_panel": ("app panels", (3, 9)),
    "permissions": ("permissions that can be read", (4, 3)),
    "data_asset_files": ("listings of the files of data assets", (3, 1)),
    "computation_results": ("listings of results", (2, 6)),
}
"""By part of the API what it gives, and the platform version that it came with (SDK changelog)."""


REFUSED = "refused"
"""What is known of the permissions of an object whose permissions must not be seen."""


class Tree(NamedTuple):
    """The files of a result or data asset."""

    files: list[dict[str, Any]]
    """Each with `path` and `size`."""
    is_whole: bool
    """Whether these are all."""


class Source:
    """A deployment that is read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._answered: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self.version: str | None = None
        """The version of the platform, where it has told it."""

    def record(self, kind: str, id_: str) -> dict[str, Any] | None:
        """One object of a kind such as `capsules`; None when the token may not see it, or it is not there."""
        if not self._has(kind):
            return None
        return _object(self._part(f"one of {kind}", self._connection.ask("GET", f"/{kind}/{quote(id_, safe='')}")))

    def of_object(self, part: str, kind: str, id_: str) -> Any:
        """What belongs to an object, such as its `app_panel`; None when there is none, or it cannot be had."""
        if not self._has(part):
            return None
        path = f"/{kind}/{quote(id_, safe='')}/{part}"
        return self._part(part, self._connection.ask("GET", path)).body

    def roles(self, kind: str, id_: str) -> Any:
        """The permissions of an object; `REFUSED` when the token's user may not see them, None when nobody may."""
        if not self._has("permissions"):
            return None
        answer = self._connection.ask("GET", f"/{kind}/{quote(id_, safe='')}/permissions")
        return REFUSED if answer.status in (401, 403) else self._part("permissions", answer).body

    def custom_metadata(self) -> dict[str, Any] | None:
        """The fields of custom metadata."""
        if not self._has("custom_metadata"):
            return None
        return _object(self._part("custom_metadata", self._connection.ask("GET", "/custom_metadata")))

    def sample(self, kind: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        """The first objects that a search finds; none when it is refused."""
        if not self._has(kind):
            return []
        found = _object(self._part(kind, self._connection.ask("POST", f"/{kind}/search", params))) or {}
        return [record for record in found.get("results") or () if isinstance(record, dict)]

    def pages(self, kind: str, params: dict[str, Any], token: str | None) -> Iterator[tuple[list[Any], str | None]]:
        """The pages of a search, each with the token of the next one. Raises `ImportFailedError` when the search is
        refused.
        """
        while self._has(kind):
            asked = params | ({"next_token": token} if token else {})
            answer = self._part(kind, self._connection.ask("POST", f"/{kind}/search", asked))
            if not answer.ok:
                raise ImportFailedError(
                    f"the search for {kind.replace('_', ' ')} was refused: {answer.status} {answer.text}"
                )
            page = _object(answer) or {}
            token = page.get("next_token") if page.get("has_more") else None
            yield page.get("results") or [], token
            if not token:
                return

    def tree(self, kind: str, id_: str, most: int) -> Tree | None:
        """The files of a data asset or of a run's results, at most `most` of them; None when they cannot be listed."""
        part = "files" if kind == "data_assets" else "results"
        if not self._has(f"{kind.removesuffix('s')}_{part}"):
            return None
        folders, files, seen = [""], [], 0
        while folders:
            answer = self._listing(kind, part, id_, folders.pop())
            if answer is None:
                return None
            for item in answer:
                if item.get("type") == "folder":
                    folders.append(item["path"])
                else:
                    files.append({"path": item["path"], "size": item.get("size") or 0})
            seen += len(answer)
            if seen > most:
                return Tree([], is_whole=False)
        return Tree(sorted(files, key=lambda file: str(file["path"])), is_whole=True)

    def content(self, kind: str, id_: str, path: str, most: int) -> bytes | None:
        """The bytes of a file of at most `most` bytes; None when they cannot be had."""
        part = "files" if kind == "data_assets" else "results"
        where = f"/{kind}/{quote(id_, safe='')}/{part}"
        answer = self._connection.ask("GET", f"{where}/urls", params={"path": path})
        url = (_object(answer) or {}).get("download_url")
        if url is None and answer.status in GONE:
            answer = self._connection.ask("GET", f"{where}/download_url", params={"path": path})
            url = (_object(answer) or {}).get("url")
        return self._connection.download(url, most) if isinstance(url, str) else None

    def ask_version(self) -> str | None:
        """Ask for the version of the platform."""
        self.version = self._connection.platform_version()
        return self.version

    @property
    def lacking(self) -> list[str]:
        """What the platform does not have, a line each. Without a version it is what never answered."""
        return [
            f"the platform has no {what}: they came with version {'.'.join(map(str, added))}"
            for part, (what, added) in ADDED_IN.items()
            if not self._has(part) or (self.version is None and self._missing[part] and not self._answered[part])
        ]

    def _has(self, part: str) -> bool:
        """Tell whether the platform may have a part of the API."""
        if self.version is None or part not in ADDED_IN:
            return True
        return tuple(map(int, self.version.split("."))) >= ADDED_IN[part][1]

    def _listing(self, kind: str, part: str, id_: str, path: str) -> list[dict[str, Any]] | None:
        name = f"{kind.removesuffix('s')}_{part}"
        body = {"path": path} if path else {}
        answer = self._part(name, self._connection.ask("POST", f"/{kind}/{quote(id_, safe='')}/{part}", body))
        items = (_object(answer) or {}).get("items")
        return [item for item in items or () if _is_item(item)] if answer.ok else None

    def _part(self, part: str, answer: Answer) -> Answer:
        """Note whether the platform has a part of the API."""
        if answer.ok:
            self._answered[part] += 1
        elif answer.status in GONE:
            self._missing[part] += 1
        return answer


def _object(answer: Answer) -> dict[str, Any] | None:
    return answer.body if isinstance(answer.body, dict) else None


def _is_item(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("path"), str)
