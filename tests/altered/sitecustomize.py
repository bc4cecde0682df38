"""For controls: with this folder on PYTHONPATH, a process of the service reads its scripts with a guard taken away."""

import os
from pathlib import Path

_read = Path.read_text


def _altered(self: Path, encoding: str | None = None, errors: str | None = None) -> str:
    text = _read(self, encoding, errors)
    return text.replace(os.environ["ALTER_OLD"], os.environ["ALTER_NEW"]) if self.suffix == ".lua" else text


Path.read_text = _altered  # type: ignore[method-assign]
