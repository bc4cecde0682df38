"""What every test may rely on: the programs it needs are there, or it is skipped and says why."""

import os
import shutil

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Return the browser on this machine, or None."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is missing; on CI that is a failure, so that nothing is green by absence."""
    if item.get_closest_marker("browser") and chromium() is None:
        missing = "Chromium is not installed: apt install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
