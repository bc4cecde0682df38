"""For controls: with this folder on PYTHONPATH, a process of the service reads one file with a guard taken away."""

import os
from importlib.machinery import SourceFileLoader
from pathlib import Path

_read, _load = Path.read_text, SourceFileLoader.get_data
FILE, OLD, NEW = (os.environ[name] for name in ("ALTER_FILE", "ALTER_OLD", "ALTER_NEW"))


def _read_altered(self: Path, encoding: str | None = None, errors: str | None = None) -> str:
    text = _read(self, encoding, errors)
    return text.replace(OLD, NEW) if str(self).endswith(FILE) else text


def _load_altered(self: SourceFileLoader, path: str) -> bytes:
    data = _load(self, path)
    return data.replace(OLD.encode(), NEW.encode()) if path.endswith(FILE) else data


Path.read_text = _read_altered  # type: ignore[method-assign]
SourceFileLoader.get_data = _load_altered  # type: ignore[method-assign,assignment]
