"""What is run on one stack only is what reaches none."""

from pathlib import Path

import pytest

from tests.reach import imports_stack, longest_first, reaches
from tests.servers import RedisServer

TESTS = Path(__file__).parent


@pytest.mark.parametrize("name", ["serving.py", "booking/halls.py", "faults/conftest.py", "pages/conftest.py"])
def test_what_makes_backends_imports_the_stack_at_some_distance(name: str) -> None:
    assert imports_stack(TESTS / name)


@pytest.mark.parametrize("name", ["booking/test_estimates.py", "kernel/test_words.py", "halls/test_hours.py"])
def test_what_is_pure_does_not(name: str) -> None:
    assert not imports_stack(TESTS / name)


def test_a_fixture_that_makes_a_backend_is_enough(request: pytest.FixtureRequest, redis: RedisServer) -> None:
    assert reaches(request.node)


def test_files_with_slow_tests_come_first(request: pytest.FixtureRequest) -> None:
    items = request.session.items
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    begins = [item.path in slow for item in longest_first(items)]

    assert begins == sorted(begins, reverse=True)
