"""The command `o2o`."""

import sys
from importlib.metadata import version as release
from typing import Annotated, Final

import typer
from redis.exceptions import RedisError
from rich.console import Console
from tortoise.exceptions import DBConnectionError, OperationalError

from o2o.backups.errors import BackupError
from o2o.checks import UnsoundError
from o2o.codes.pdf import FontError
from o2o.commands import examining, keeping, people, serving
from o2o.commands.bench import bench
from o2o.commands.display import DisplayEndedError, display
from o2o.commands.poster import poster
from o2o.commands.replay import replay
from o2o.demo import NotADemoError
from o2o.kernel.claim import FolderInUseError
from o2o.kernel.errors import DomainError
from o2o.kernel.migrating import MigrationError
from o2o.kernel.redis import NoRedisServerError
from o2o.kernel.settings import SettingsError
from o2o.replay.client import RefusedError, UnreachableError
from o2o.replay.recording import RecordingError
from o2o.replay.run import HallInUseError
from o2o.terminal.pairing import WrongHallError
from o2o.workers import WorkersError

# What whoever typed the command can put right: a sentence helps, a traceback would not.
EXPECTED: Final = (
    SettingsError,
    NotADemoError,
    UnsoundError,
    MigrationError,
    NoRedisServerError,
    FolderInUseError,
    BackupError,
    DomainError,
    DBConnectionError,
    OperationalError,
    RedisError,
    RecordingError,
    HallInUseError,
    RefusedError,
    UnreachableError,
    DisplayEndedError,
    WrongHallError,
    WorkersError,
    FontError,
    OSError,  # A file or folder of theirs; the message names it.
)

NAMED: Final = {
    DBConnectionError: "O2O_DATABASE_URL",
    OperationalError: "O2O_DATABASE_URL",
    RedisError: "O2O_REDIS_URL",
}
"""Where each of these is from."""

app = typer.Typer(
    help="A business hall's queue on the phone: take a number, see the line move, be called.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _tell_release(*, asked: bool) -> None:
    if asked:
        typer.echo(f"o2o {release('o2o')}")
        raise typer.Exit


@app.callback()
def about(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_release, is_eager=True, help="Say which release this is.")
    ] = False,
) -> None:
    pass


for command in (
    serving.serve,
    serving.demo,
    serving.worker,
    serving.migrate,
    examining.doctor,
    examining.rebuild,
    keeping.backup,
    keeping.restore,
    replay,
    display,
    poster,
    bench,
):
    app.command()(command)
app.add_typer(people.app, name="user")


def main() -> None:
    try:
        app()
    except EXPECTED as error:
        name = next((name for kind, name in NAMED.items() if isinstance(error, kind)), None)
        said = f"{str(error).rstrip('.')}: look at {name}, and whether what it names answers" if name else str(error)
        Console(stderr=True).print(f"o2o: {said}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
