"""`o2o display`: what it is given is looked at before anything is asked of a service."""

import pytest
from typer.testing import CliRunner

from o2o.cli import app


@pytest.mark.parametrize(("option", "value"), [("--lang", "fr"), ("--url", "hall.example"), ("--url", "")])
def test_an_option_that_makes_no_sense_is_refused_at_once(option: str, value: str) -> None:
    done = CliRunner().invoke(app, ["display", "heping", option, value])

    assert (done.exit_code, "Invalid value" in done.output) == (2, True)
