"""Static files: an address that names its content is kept for a year, any other is asked for again."""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

FOLDER: Final = Path(__file__).parents[2] / "static"
HASH_LENGTH: Final = 10
FOR_EVER: Final = "public, max-age=31536000, immutable"


def static_url(path: str) -> str:
    """`/static/<path>?v=<hash of the content>`. A name that is not there is a mistake: FileNotFoundError."""
    return f"/static/{path}?v={_version(path)}"


class CachedFiles(StaticFiles):
    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        there = response.status_code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}
        named = there and scope["query_string"] == f"v={_version(path)}".encode()
        response.headers["Cache-Control"] = FOR_EVER if named else "no-cache"
        return response


def _version(path: str) -> str:
    file = FOLDER / path
    return _hash(file, file.stat().st_mtime_ns)


@cache
def _hash(file: Path, _changed: int) -> str:
    """Read again when the file was changed: whoever works on it sees it at once."""
    return hashlib.blake2b(file.read_bytes()).hexdigest()[:HASH_LENGTH]
