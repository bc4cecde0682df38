"""`o2o user`: the people who may sign in."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from rich.table import Table

from halls.service import Directory
from o2o.checks import ensure_migrated
from o2o.kernel.audit import PROGRAM
from o2o.kernel.clock import system_clock, to_ms
from o2o.kernel.database import open_database
from o2o.kernel.settings import read_settings
from staff.people import adding, checked_rights, disabling, hashed, parse_right, prepare, setting_password, settle
from staff.people_schemas import GivenRole
from staff.queries import people
from staff.sessions import By

Username = Annotated[str, typer.Argument(help="Small letters, digits, dots and dashes.")]

console = Console(markup=False, emoji=False)  # What people are called is theirs.
app = typer.Typer(help="The people who may sign in: add, list, password, disable.", no_args_is_help=True)


@app.command()
def add(
    username: Username,
    role: Annotated[
        list[str],
        typer.Option(
            help="hq, province:PROVINCE, manager:HALL, clerk:HALL, clerk:HALL:COUNTER or warehouse:PLACE; "
            "repeat for more."
        ),
    ],
    name: Annotated[str, typer.Option(help="The name to show; the username where none is given.")] = "",
) -> None:
    """Add a person; the password is asked for, or read from standard input."""
    given = [parse_right(text) for text in role]
    password = _password()

    async def work() -> None:
        rights = await checked_rights(Directory(), [GivenRole(one.role, one.scope, one.counter) for one in given])
        await settle(username, adding(await prepare(username, name or username, password, rights), _by()))

    _run(work)
    console.print(f"{username} can sign in.")


@app.command()
def password(username: Username) -> None:
    """Give a person a new password, and sign them out everywhere."""
    new = _password()

    async def work() -> None:
        await settle(username, setting_password(username, await hashed(new), _by()))

    _run(work)
    console.print(f"{username} has a new password.")


@app.command()
def disable(username: Username) -> None:
    """Let a person in no more, and end their sessions; the keys that they made rest as well."""

    async def work() -> None:
        await settle(username, disabling(username, _by()))

    _run(work)
    console.print(f"{username} can't sign in any more.")


@app.command("list")
def show() -> None:
    """List everyone, with their roles."""
    table = Table("username", "name", "roles", "", box=None)

    async def fill() -> None:
        for person in await people():
            roles = ", ".join(":".join(filter(None, (g.role, g.scope, g.counter))) for g in person.roles)
            table.add_row(person.username, person.name, roles, "disabled" if person.disabled else "")

    _run(fill)
    console.print(table)


def _by() -> By:
    return By(PROGRAM, to_ms(system_clock()))


def _password() -> str:
    """Never an argument: those are in the shell's history and in every process list."""
    if not sys.stdin.isatty():
        return _line(sys.stdin.buffer)
    entered: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return entered


def _line(source: BinaryIO) -> str:
    try:
        return source.readline().decode().rstrip("\n")
    except UnicodeDecodeError:
        raise typer.BadParameter("it is not UTF-8.", param_hint="password") from None


def _run(work: Callable[[], Awaitable[None]]) -> None:
    url = read_settings().database_url

    async def run() -> None:
        await ensure_migrated(url)
        async with open_database(url):
            await work()

    asyncio.run(run())
