"""Which tests expect something, be it in a function of the tests' own that they call."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

EXPECTING: Final = {
    "raises",
    "warns",
    "fail",
    "expect",
    "call_and_validate",
    "run_state_machine_as_test",
}
"""Calls that fail a test when something is not as expected."""

Node = ast.FunctionDef | ast.AsyncFunctionDef


class Function(NamedTuple):
    module: str
    name: str
    node: Node


class Suite:
    """The tests' modules below a folder, such as `tests`, read once."""

    def __init__(self, folder: Path) -> None:
        paths = sorted(folder.rglob("*.py"))
        names = [".".join(path.relative_to(folder.parent).with_suffix("").parts) for path in paths]
        self._trees = {name: ast.parse(path.read_text()) for name, path in zip(names, paths, strict=True)}
        self._known: dict[ast.AST, bool] = {}

    def idle(self) -> list[str]:
        """Tests that expect nothing, such as `tests.test_docs.test_links`."""
        tests = (one for name, tree in self._trees.items() for one in _functions(name, tree))
        return [f"{one.module}.{one.name}" for one in tests if one.name.startswith("test_") and not self._expects(one)]

    def _expects(self, function: Function) -> bool:
        if function.node not in self._known:
            self._known[function.node] = False  # Of one that calls itself.
            inside = list(ast.walk(function.node))
            calls = [one.func for one in inside if isinstance(one, ast.Call)]
            asserts = any(isinstance(one, ast.Assert) for one in inside)
            self._known[function.node] = asserts or any(self._call_expects(function.module, one) for one in calls)
        return self._known[function.node]

    def _call_expects(self, module: str, call: ast.expr) -> bool:
        name = call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
        if name in EXPECTING:
            return True
        called = self._called(module, call, name)
        return bool(called) and all(self._expects(one) for one in called)

    def _called(self, module: str, call: ast.expr, name: str) -> list[Function]:
        """Functions of the tests that a call may mean: of a method all that are named so."""
        imported = self._imported[module]
        if isinstance(call, ast.Name):
            named = imported.get(name, f"{module}.{name}")
        elif isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id in imported:
            named = f"{imported[call.value.id]}.{name}"
        else:
            return self._methods[name]
        return [self._plain[named]] if named in self._plain else []

    @cached_property
    def _imported(self) -> dict[str, dict[str, str]]:
        """What each module calls by which name, in full."""
        found: dict[str, dict[str, str]] = {}
        for module, tree in self._trees.items():
            imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
            found[module] = {
                one.asname or one.name: f"{node.module}.{one.name}" for node in imports for one in node.names
            }
        return found

    @cached_property
    def _methods(self) -> defaultdict[str, list[Function]]:
        found = defaultdict(list)
        for module, tree in self._trees.items():
            for of in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
                for node in of.body:
                    if isinstance(node, Node):
                        found[node.name].append(Function(module, node.name, node))
        return found

    @cached_property
    def _plain(self) -> dict[str, Function]:
        functions = (one for module, tree in self._trees.items() for one in _functions(module, tree))
        methods = {one.node for named in self._methods.values() for one in named}
        return {f"{one.module}.{one.name}": one for one in functions if one.node not in methods}


def _functions(module: str, tree: ast.AST) -> Iterator[Function]:
    return (Function(module, node.name, node) for node in ast.walk(tree) if isinstance(node, Node))
