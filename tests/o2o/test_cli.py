"""The command itself: what whoever typed it can put right is a sentence, with code 2."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import COMMAND, Installation

pytestmark = pytest.mark.once


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /dev/full")
def test_output_that_can_not_be_written_is_said_without_a_traceback(tmp_path: Path) -> None:
    environ = Installation(tmp_path).environ
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "doctor"], env=environ, stdout=full, stderr=subprocess.PIPE, text=True, timeout=90, check=False
        )

    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "No space left" in done.stderr
