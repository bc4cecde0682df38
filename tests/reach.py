"""What is run where, and when: which tests reach a database or Redis, and which files begin first.

Tests that reach neither come out the same on every stack: once is enough. All backends come from `tests/stack.py`. A
test may reach it if its module, or the module of one of its fixtures, imports that one, be it over other modules of
`tests/`.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
STACK = TESTS / "stack.py"
BACKENDS = {"database", "redis"}
"""The fixtures of `tests/conftest.py` that make one."""


def reaches(item: pytest.Item) -> bool:
    """Whether what this test does may depend on the stack."""
    if not isinstance(item, pytest.Function) or BACKENDS & set(item.fixturenames):
        return True
    return any(imports_stack(module) for module in (item.path, *_fixture_modules(item)))


def longest_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Files with slow tests first, then those with the most: two processes that share them then end together."""
    count, slow = Counter(item.path for item in items), {item.path for item in items if item.get_closest_marker("slow")}
    return sorted(items, key=lambda item: (item.path not in slow, -count[item.path], item.path))


@cache
def imports_stack(module: Path) -> bool:
    """Whether this module of the tests imports the stack, at any distance."""
    seen, rest = set[Path](), [module]
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
        if module.is_relative_to(TESTS) and module != TESTS / "conftest.py":
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
