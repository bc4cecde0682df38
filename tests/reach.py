"""What is run where, and when: which tests reach a database or Redis, and which files begin first.

Tests that reach neither come out the same on every stack: once is enough. All backends come from `tests/stack.py`. A
test may reach it if its module, or the module of one of its fixtures, imports that one, be it over other modules of
`tests/`. Of those that reach one, what is about pages, rights and texts comes out the same too, as long as its
statements run there at all: docs/decisions/0074.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
STACK = TESTS / "stack.py"
COMMON = TESTS / "conftest.py"
BACKENDS = {"database", "redis"}
"""The fixtures of `tests/conftest.py` that make one."""
SLOW_S, BROWSER_S, USUAL_S = 15, 4, 0.2
"""What a test takes, by its marks, to begin with the longest files."""


def reaches(item: pytest.Item) -> bool:
    """Whether what this test does may depend on the stack."""
    if not isinstance(item, pytest.Function) or BACKENDS & set(item.fixturenames):
        return True
    return any(imports_stack(module) for module in (item.path, *_fixture_modules(item)))


def differing(items: list[pytest.Item]) -> list[pytest.Item]:
    """What may come out otherwise on another stack: of a file whose tests are all marked `once` the first is enough.

    Of the browser's tests those that go through every layer are (`story`).
    """
    able = [item for item in items if item.get_closest_marker("story") or not item.get_closest_marker("browser")]
    whole = {item.path for item in able if not item.get_closest_marker("once")}
    first = {item.path: item for item in reversed(able) if item.path not in whole}
    return [item for item in able if not item.get_closest_marker("once") or first.get(item.path) is item]


def longest_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """By how long their files take, roughly: three processes that share them then end together."""
    takes = defaultdict[Path, float](float)
    for item in items:
        takes[item.path] += _seconds(item)
    return sorted(items, key=lambda item: (-takes[item.path], item.path))


def _seconds(item: pytest.Item) -> float:
    if slow := item.get_closest_marker("slow"):
        return float(slow.args[0]) if slow.args else SLOW_S
    return BROWSER_S if item.get_closest_marker("browser") else USUAL_S


@cache
def imports_stack(module: Path) -> bool:
    """Whether this module of the tests imports the stack, at any distance; what every test has counts for none."""
    seen, rest = {COMMON}, [module]
    while rest:
        seen.add(one := rest.pop())
        rest += imported(one) - seen
    return STACK in seen


@cache
def imported(module: Path) -> frozenset[Path]:
    """The modules of `tests/` that a module imports itself."""
    return frozenset(file for name in _names(module) if (file := _file(name)))


def _fixture_modules(item: pytest.Function) -> Iterator[Path]:
    """Where its fixtures are written, apart from those that every test has."""
    for fixtures in item._fixtureinfo.name2fixturedefs.values():
        module = Path(fixtures[-1].func.__code__.co_filename)
        if module.is_relative_to(TESTS) and module != COMMON:
            yield module


def _names(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_bytes())):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(name)):
                yield name
                yield from (f"{name}.{alias.name}" for alias in node.names)


def _file(name: str) -> Path | None:
    top, *rest = name.split(".")
    file = TESTS.joinpath(*rest).with_suffix(".py")
    return file if top == "tests" and rest and file.is_file() else None
