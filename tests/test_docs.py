"""Documents stay true: their links lead somewhere, and a decision has its four parts."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from starlette.routing import Route, WebSocketRoute
from typer import Typer

from booking.states import TicketState
from o2o.app import routes
from o2o.cli import app
from o2o.kernel.errors import DomainError
from orders.demo import DEMO_PRODUCTS
from websocket.closing import Close

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/decisions/[0-9]*.md"))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PLACE = re.compile(r"\]\(([^)#\s:]*)#([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
IMAGE = re.compile(r'<img src="([^"]+)"')
PACKAGES = ("o2o", "booking", "halls", "messages", "orders", "qr", "staff", "websocket")
SOURCES = [path for folder in PACKAGES for path in (ROOT / folder).rglob("*")]
LONGEST_DECISION = 80
LONGEST_LINE = 120
PARTS = ("## Context", "## Decision", "## Consequences", "## Alternatives")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def places(page: Path) -> set[str]:
    """What its headings are called in an address."""
    headings = HEADING.findall(FENCED.sub("", page.read_text()))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def document(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def said_in_sources(pattern: str, suffix: str) -> set[str]:
    return {
        found
        for path in SOURCES
        if path.suffix == suffix
        for found in re.findall(pattern, path.read_text(), re.MULTILINE)
    }


def refusals(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from refusals(narrower)


def commands(typed: Typer, name: str = "o2o") -> Iterator[str]:
    for command in typed.registered_commands:
        yield f"{name} {command.name or getattr(command.callback, '__name__', '')}"
    for group in typed.registered_groups:
        if group.typer_instance:
            yield from commands(group.typer_instance, f"{name} {group.name}")


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_link_leads_to_a_file(page: Path) -> None:
    text = page.read_text()
    targets = [target for target in [*LINK.findall(text), *IMAGE.findall(text)] if "://" not in target]

    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_link_leads_to_a_heading(page: Path) -> None:
    links = [(page.parent / file if file else page, place) for file, place in PLACE.findall(page.read_text())]

    assert [(file.name, place) for file, place in links if place not in places(file)] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_heading_a_table_and_a_paragraph_stand_apart(page: Path) -> None:
    lines = FENCED.sub("", page.read_text()).splitlines()
    beside = [(before, line) for before, line in pairwise(lines) if before and line]

    assert [line for before, line in beside if before.startswith("#") or line.startswith("#")] == []
    assert [line for before, line in beside if line.startswith("|") and not before.startswith(("|", "<!--"))] == []
    assert [line for line in lines if re.match(" [^ ]", line)] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_page_names_only_files_and_targets_that_exist(page: Path) -> None:
    text = page.read_text()
    files = re.findall(
        r"`((?:docs|tests|o2o|booking|halls|messages|orders|qr|staff|websocket|static)/[\w/.-]+\.\w+)`", text
    )
    targets = re.findall(r"`make ([a-z]+)", text)
    makefile = (ROOT / "Makefile").read_text()

    assert [file for file in files if not (ROOT / file).exists()] == []
    assert [target for target in targets if f"\n{target}:" not in makefile] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_line_is_short_unless_it_is_a_row(page: Path) -> None:
    lines = [line for line in page.read_text().splitlines() if not line.startswith("|")]

    assert [line for line in lines if len(line) > LONGEST_LINE] == []


@pytest.mark.parametrize("page", DECISIONS, ids=relative)
def test_a_decision_is_a_page_with_four_parts(page: Path) -> None:
    text = page.read_text()

    assert [part for part in PARTS if part not in text] == []
    assert text.count("\n") <= LONGEST_DECISION


def test_every_decision_has_a_number_of_its_own() -> None:
    """Gaps are no harm: several people may be deciding at once, each with numbers set aside."""
    numbers = [page.name[:4] for page in DECISIONS]

    assert len(set(numbers)) == len(numbers)


def test_the_readme_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()

    assert "make run" in text
    assert "make test" in text


def test_every_route_is_described() -> None:
    text = document("api.md")
    paths = {route.path for route in routes() if isinstance(route, Route | WebSocketRoute)}

    assert {path for path in paths if f"`{path}" not in text and f" {path}" not in text} == set()


def test_examples_are_of_what_the_demo_has() -> None:
    skus = set(re.findall(r"\"sku\":\"([\w-]+)\"|/stock/([\w-]+)[ /]", document("api.md")))

    assert skus
    assert {sku for pair in skus for sku in pair if sku} <= set(DEMO_PRODUCTS)


def test_every_refusal_is_explained_with_its_status() -> None:
    text = document("api.md")
    told = {(kind.status, kind.code) for kind in refusals(DomainError)}

    assert {one for one in told if f"| {one[0]} | `{one[1]}` |" not in text} == set()


def test_every_event_state_and_close_code_is_named() -> None:
    text = document("api.md")
    events = said_in_sources(r"name = '((?:ticket|counter|hall)\.[a-z_]+)'", ".lua")

    assert events
    assert {name for name in events | set(TicketState) if f"`{name}`" not in text} == set()
    assert {close for close in Close if f"| {close.value} | {close.reason}" not in text} == set()


def test_every_kind_of_deed_is_named() -> None:
    text = document("api.md")
    sorts = "hall|person|session|key|screen|code|message|product|sourcing|delivery"
    names = said_in_sources(rf"\"((?:{sorts})\.(?!lua)[a-z_]+)\"", ".py")

    assert "person.added" in names
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_every_part_of_the_application_and_module_of_the_kernel_is_named() -> None:
    text = document("architecture.md")
    parts = {path.name if path.suffix else f"{path.name}/" for path in (ROOT / "o2o").iterdir()}
    modules = {path.name for path in (ROOT / "o2o" / "kernel").glob("*.py")}
    named = (parts | modules) - {"__init__.py", "__main__.py", "__pycache__/"}

    assert {name for name in named if f"`{name}`" not in text and f"o2o/{name}" not in text} == set()


def test_every_table_is_named() -> None:
    tables = said_in_sources(r"^        table = \"([a-z_]+)\"", ".py")
    text = document("architecture.md").partition("## In SQL")[2]

    assert "tickets" in tables
    assert {table for table in tables if f"`{table}`" not in text} == set()


def test_every_command_is_described() -> None:
    text = document("operating.md")

    assert "o2o user add" in set(commands(app))
    assert {name for name in commands(app) if f"| `{name}" not in text} == set()


def test_every_finding_of_the_doctor_is_explained() -> None:
    rows = "".join(line for line in document("operating.md").splitlines() if line.startswith("|"))
    findings = said_in_sources(r"\b(?:fine|mind|wrong)\(\s*\"([a-z_.]+)\"", ".py")

    assert "halls.differ" in findings
    assert {name for name in findings if f"`{name}`" not in rows} == set()


def test_what_is_logged_and_counted_is_explained() -> None:
    text = document("operating.md")
    events = said_in_sources(r"log\.(?:info|warning|error|exception)\(\s*\"([a-z_]+)\"", ".py") - {"request"}
    figures = {metric.name for metric in REGISTRY.collect() if metric.name.startswith("o2o_")}

    assert events
    assert {name for name in events | figures if name not in text} == set()
