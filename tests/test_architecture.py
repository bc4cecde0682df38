"""What import-linter and ruff cannot say about the shape of the project."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.expecting import Suite

ROOT = Path(__file__).parents[1]
PACKAGES = ("booking", "halls", "messages", "orders", "qr", "staff", "websocket")
SOURCES = sorted(path for package in ("o2o", *PACKAGES) for path in (ROOT / package).rglob("*.py"))
NAMELESS = {"utils", "helpers", "common", "manager", "misc"}
LONGEST_FILE = 300
LONGEST_FUNCTION = 40


def configured() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_module_of_composition_has_its_place_in_the_layers() -> None:
    layers = configured()["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {name.strip(" ()").removeprefix("o2o.") for layer in layers for name in layer.split(":")}

    modules = {path.stem for path in (ROOT / "o2o").iterdir() if path.suffix == ".py"}
    packages = {path.parent.name for path in (ROOT / "o2o").glob("*/__init__.py")}

    assert (modules | packages) - {"__init__", "__main__", "kernel"} <= placed


def test_every_package_keeps_its_tables_scripts_and_routes_to_itself() -> None:
    contracts = configured()["tool"]["importlinter"]["contracts"]
    private = {module for contract in contracts for module in contract.get("protected_modules", ())}

    for package in PACKAGES:
        for part in ("models", "store", "endpoints", "pages"):
            assert not (ROOT / package / f"{part}.py").exists() or f"{package}.{part}" in private


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_file_is_short_and_named_for_what_it_holds(path: Path) -> None:
    lines = path.read_text().count("\n")

    assert lines <= LONGEST_FILE or "migrations" in path.parts
    assert path.stem not in NAMELESS


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_no_function_is_long(path: Path) -> None:
    # The options of a command are declared in its signature, so only what it does is counted.
    lengths = {node.name: (node.end_lineno or 0) - node.body[0].lineno + 1 for node in functions(path)}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_every_test_expects_something() -> None:
    assert Suite(ROOT / "tests").idle() == []


def test_websocket_is_ours_and_no_dependency_brings_its_namesake() -> None:
    import websocket  # noqa: PLC0415  # the name is what is tested here

    assert Path(websocket.__file__ or "").parent == ROOT / "websocket"
    for lock in ("runtime", "dev"):
        assert "websocket-client" not in (ROOT / "requirements" / f"{lock}.txt").read_text()


@pytest.mark.parametrize("lock", ["runtime", "dev"])
def test_a_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]

    assert "://" not in text
    assert "--index-url" not in text
    assert all(pin.endswith("\\") for pin in pins)


def test_a_lock_holds_what_pyproject_asks_for() -> None:
    project = configured()
    names = {
        requirement.split(";")[0].split("[")[0].split(">")[0].split("=")[0].strip()
        for requirement in project["project"]["dependencies"]
    }
    locked = {line.split("==")[0] for line in (ROOT / "requirements" / "runtime.txt").read_text().splitlines()}

    assert names <= locked


def test_every_ignored_rule_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    ruff = text[text.index("[tool.ruff.lint]") : text.index("[tool.mypy]")]
    rules = [line for line in ruff.splitlines() if line.lstrip().startswith('"') and "msg" not in line]

    assert [line for line in rules if "#" not in line and not line.endswith("[")] == []
