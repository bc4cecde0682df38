"""`o2o user`: who may sign in."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from halls.demo import DEMO_HALLS
from halls.service import Directory, put_hall
from o2o.cli import app
from o2o.kernel.clock import system_clock
from o2o.kernel.database import open_database
from o2o.kernel.errors import DomainError, InvalidError
from staff.errors import PersonExistsError, PersonNotFoundError
from tests.stack import stack

pytestmark = pytest.mark.once

PASSWORD = "a long password\n"


@pytest.fixture
def command(tmp_path: Path, database: str) -> "Command":
    return Command(tmp_path, database)


class Command:
    def __init__(self, folder: Path, database: str) -> None:
        self._environ = {"O2O_DATA_DIR": str(folder), "O2O_DATABASE_URL": database, "COLUMNS": "120"}

    def __call__(self, *arguments: str, typed: str | bytes = PASSWORD) -> Result:
        return CliRunner().invoke(app, arguments, input=typed, env=self._environ)


async def make_halls(database: str) -> None:
    async with open_database(database):
        for hall in ("heping", "nankai"):
            await put_hall(Directory(), hall, DEMO_HALLS[hall], now=system_clock(), actor="test")


def test_a_person_is_added_and_listed(command: Command, database: str) -> None:
    asyncio.run(make_halls(database))
    command("user", "add", "wang", "--role", "clerk:heping:heping-1", "--role", "manager:nankai", "--name", "王")

    listed = command("user", "list").output

    assert "wang" in listed
    assert "clerk:heping:heping-1, manager:nankai" in listed


def test_a_person_who_is_disabled_is_listed_so(command: Command) -> None:
    command("user", "add", "wang", "--role", "hq")

    command("user", "disable", "wang")

    assert "disabled" in command("user", "list").output


def test_a_password_in_another_encoding_is_refused(command: Command) -> None:
    refused = command("user", "add", "wang", "--role", "hq", typed="密码密码密码密码\n".encode("gbk"))

    assert (refused.exit_code, "UTF-8" in refused.output) == (2, True)
    assert "wang" not in command("user", "list").output


def test_a_password_is_never_shown(command: Command) -> None:
    added = command("user", "add", "wang", "--role", "hq")
    changed = command("user", "password", "wang")

    assert (added.exit_code, changed.exit_code) == (0, 0)
    assert PASSWORD.strip() not in added.output + changed.output


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["user", "add", "hq", "--role", "hq"], PersonExistsError),
        (["user", "add", "wang", "--role", "chief"], InvalidError),
        (["user", "add", "wang", "--role", "manager:nohall"], InvalidError),
        (["user", "add", "Wang Li", "--role", "hq"], InvalidError),
        (["user", "password", "nobody"], PersonNotFoundError),
        (["user", "disable", "nobody"], PersonNotFoundError),
    ],
)
def test_what_can_not_be_done_is_refused(command: Command, arguments: list[str], error: type[DomainError]) -> None:
    command("user", "add", "hq", "--role", "hq")

    assert isinstance(command(*arguments).exception, error)


def test_without_tables_it_says_what_to_do(tmp_path: Path) -> None:
    refused = Command(tmp_path, stack.empty_database(tmp_path))("user", "list")

    assert "run `o2o migrate`" in str(refused.exception)
