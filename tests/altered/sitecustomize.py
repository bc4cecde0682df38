"""For controls: with this folder on PYTHONPATH, a process of the service reads files with guards taken away."""

import json
import os
from importlib.machinery import SourceFileLoader
from pathlib import Path

_read, _load = Path.read_text, SourceFileLoader.get_data
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


Path.read_text = _read_altered  # type: ignore[method-assign]
SourceFileLoader.get_data = _load_altered  # type: ignore[method-assign,assignment]
