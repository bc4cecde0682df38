"""What is run on one stack only is what reaches none."""

from pathlib import Path

import pytest

from tests.reach import differing, imports_stack, longest_first, reaches
from tests.servers import RedisServer

pytest_plugins = ["pytester"]
TESTS = Path(__file__).parent


@pytest.mark.parametrize("name", ["serving.py", "booking/halls.py", "faults/conftest.py", "pages/conftest.py"])
def test_what_makes_backends_imports_the_stack_at_some_distance(name: str) -> None:
    assert imports_stack(TESTS / name)


@pytest.mark.parametrize("name", ["booking/test_estimates.py", "kernel/test_words.py", "halls/test_hours.py"])
def test_what_is_pure_does_not(name: str) -> None:
    assert not imports_stack(TESTS / name)


def test_a_fixture_that_makes_a_backend_is_enough(request: pytest.FixtureRequest, redis: RedisServer) -> None:
    assert reaches(request.node)


def test_the_longest_files_come_first(pytester: pytest.Pytester) -> None:
    usual, slow, slowest = "def test_a(): ...", "pytestmark = pytest.mark.slow", "pytestmark = pytest.mark.slow(90)"
    pytester.makepyfile(
        test_a=usual,
        test_b=f"import pytest\n{slow}\ndef test_b(): ...",
        test_c=f"import pytest\n{slowest}\ndef test_c(): ...",
    )

    assert [item.name for item in longest_first(items_of(pytester))] == ["test_c", "test_b", "test_a"]


def test_elsewhere_a_file_about_pages_is_run_by_its_first_test(pytester: pytest.Pytester) -> None:
    assert elsewhere(pytester, "pytestmark = pytest.mark.once", "def test_a(): ...", "def test_b(): ...") == ["test_a"]


def test_elsewhere_what_is_alike_is_left_out_beside_what_is_not(pytester: pytest.Pytester) -> None:
    assert elsewhere(pytester, "@pytest.mark.once", "def test_a(): ...", "def test_b(): ...") == ["test_b"]


def test_elsewhere_a_browser_goes_through_the_stories(pytester: pytest.Pytester) -> None:
    lines = ("pytestmark = pytest.mark.browser", "@pytest.mark.story", "def test_a(): ...", "def test_b(): ...")

    assert elsewhere(pytester, *lines) == ["test_a"]


def elsewhere(pytester: pytest.Pytester, *lines: str) -> list[str]:
    """The names of the tests of such a file that are run on another stack."""
    pytester.makepyfile("\n".join(["import pytest", *lines]))
    return [item.name for item in differing(items_of(pytester))]


def items_of(pytester: pytest.Pytester) -> list[pytest.Item]:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    items, _recorded = pytester.inline_genitems()
    return items
