"""For controls: with this folder on PYTHONPATH, a process of the service reads files with guards taken away."""

import json
import os
from collections.abc import Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

_read, _load, _stat = Path.read_text, SourceFileLoader.get_data, SourceFileLoader.path_stats
ALTER: list[tuple[str, str, str]] = json.loads(os.environ["ALTER"])
"""A file, what it says, and what is read in its place."""


def _read_altered(self: Path, encoding: str | None = None, errors: str | None = None) -> str:
    text = _read(self, encoding, errors)
    for file, old, new in ALTER:
        text = text.replace(old, new) if str(self).endswith(file) else text
    return text


def _load_altered(self: SourceFileLoader, path: str) -> bytes:
    data = _load(self, path)
    for file, old, new in ALTER:
        data = data.replace(old.encode(), new.encode()) if path.endswith(file) else data
    return data


def _stat_altered(self: SourceFileLoader, path: str) -> Mapping[str, Any]:
    """Without a date what was compiled with the guard is not used, and what is compiled without it is not kept."""
    if any(path.endswith(file) for file, _old, _new in ALTER):
        raise OSError(path)
    return _stat(self, path)


Path.read_text = _read_altered  # type: ignore[method-assign]
SourceFileLoader.get_data = _load_altered  # type: ignore[method-assign,assignment]
SourceFileLoader.path_stats = _stat_altered  # type: ignore[method-assign]
