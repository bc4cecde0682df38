"""Documents stay true: their links lead somewhere, and a decision has its four parts."""

import re
from pathlib import Path

import pytest
from starlette.routing import Route, WebSocketRoute

from o2o.app import routes

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/decisions/[0-9]*.md"))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
LONGEST_DECISION = 80
PARTS = ("## Context", "## Decision", "## Consequences", "## Alternatives")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_link_leads_to_a_file(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text()) if "://" not in target]

    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_page_names_only_files_and_targets_that_exist(page: Path) -> None:
    text = page.read_text()
    files = re.findall(r"`((?:docs|tests|o2o|booking|halls|qr|staff|websocket|static)/[\w/.-]+\.\w+)`", text)
    targets = re.findall(r"`make ([a-z]+)", text)
    makefile = (ROOT / "Makefile").read_text()

    assert [file for file in files if not (ROOT / file).exists()] == []
    assert [target for target in targets if f"\n{target}:" not in makefile] == []


@pytest.mark.parametrize("page", DECISIONS, ids=relative)
def test_a_decision_is_a_page_with_four_parts(page: Path) -> None:
    text = page.read_text()

    assert [part for part in PARTS if part not in text] == []
    assert text.count("\n") <= LONGEST_DECISION


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_the_readme_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()

    assert "make run" in text
    assert "make test" in text


def test_every_route_of_the_api_is_described() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    paths = {route.path for route in routes() if isinstance(route, Route | WebSocketRoute)}
    public = {path for path in paths if path.startswith(("/api/v1/", "/ws/", "/q/", "/qr/"))}

    assert {path for path in public if path not in text} == set()
