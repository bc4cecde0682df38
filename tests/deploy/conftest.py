"""The files of deploy/, and the programs that they are for."""

import shutil
from pathlib import Path

from tests.conftest import lacking

DEPLOY = Path(__file__).parents[2] / "deploy"


def program(name: str, package: str) -> str:
    """Where the program is; without it the test is skipped, or fails on CI."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")
    if found is None:
        lacking(f"{name} is not installed: apt install {package}")
    return found or ""
