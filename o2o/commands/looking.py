"""What options are given is looked at before anything is begun: a run of an hour must not end in a slip of the pen."""

from pathlib import Path

import typer


def http_address(given: str | None) -> str | None:
    """Give it back. Raises BadParameter for what is not an address that begins with http."""
    if given is not None and not given.startswith(("http://", "https://")):
        raise typer.BadParameter("an address such as https://hall.example.")
    return given


def new_file(given: Path | None) -> Path | None:
    """Give it back. Raises BadParameter where no file can be made."""
    if given is not None and (given.is_dir() or not given.parent.is_dir()):
        raise typer.BadParameter("a file, in a folder that is there.")
    return given
