"""`o2o serve`, `o2o demo`, `o2o worker`, `o2o migrate`: what runs the service."""

import asyncio
import errno
import os
import signal
import socket
from contextlib import nullcontext, suppress
from typing import Annotated, Any, Final

import typer
import uvicorn
from qrcode.main import QRCode
from rich.console import Console
from rich.table import Table

from o2o.app import open_state
from o2o.busy import busy_demo
from o2o.checks import ensure_migrated, ensure_ready
from o2o.demo import prepare_demo, sign_ins
from o2o.kernel.claim import FolderInUseError, embedded_url
from o2o.kernel.leader import standing_by
from o2o.kernel.logging import configure_logging
from o2o.kernel.migrating import Limits
from o2o.kernel.migrating import migrate as migrate_database
from o2o.kernel.settings import Settings, SettingsError, read_settings
from o2o.worker import all_jobs, run_jobs
from o2o.workers import serve_with_workers
from websocket.frames import MAX_FRAME_BYTES

APP: Final = "o2o.app:create_app_from_environment"
KEEP_ALIVE_S: Final = 75  # Longer than nginx keeps its own end (60 s), so that nginx never writes to a closed one.
GRACE_S: Final = 10
SILENT_S: Final = 30
PAGES: Final = (
    ("Customers: every hall", "/"),
    ("A customer in Heping hall", "/halls/heping"),
    ("What Heping hall sells", "/products?hall=heping"),
    ("The hall's display", "/display"),
    ("A clerk's tablet", "/clerk"),
    ("A hall's manager, headquarters", "/manage"),
    ("A place's stock", "/stock"),
    ("A warehouse's parcels", "/picking"),
    ("What people are told", "/outbox"),
    ("The API's description", "/api/openapi.json"),
)

console = Console()


def serve() -> None:
    """Serve the pages and the API."""
    settings = read_settings()
    configure_logging(demo=settings.demo)
    if settings.demo:
        asyncio.run(prepare_demo(settings))
    else:
        asyncio.run(ensure_ready(settings))
    with bind(settings) as bound:
        run_server(settings, bound)


def demo(
    *,
    busy: Annotated[bool, typer.Option("--busy", help="Let people come and clerks work, as on recorded days.")] = False,
) -> None:
    """Load the demo's halls and people into a database of their own, and serve."""
    os.environ["O2O_DEMO"] = "1"
    settings = read_settings()
    configure_logging(demo=True)
    # First of all, so that a port that is taken is said before anything is loaded or promised.
    with bind(settings) as bound:
        code = asyncio.run(prepare_demo(settings))
        print_welcome(settings, code)
        with busy_demo(_own_address(settings), settings.demo_password) if busy else nullcontext():
            run_server(settings, bound)


def worker() -> None:
    """Do what time brings, so that those who serve need not. Of several one works; another takes over when it dies."""
    settings = read_settings()
    if settings.redis_url is None:
        raise SettingsError(
            "O2O_REDIS_URL", "", "the worker shares a Redis with those who serve; alone, serve does its work"
        )
    configure_logging()
    asyncio.run(_work(settings))


def migrate(
    lock_s: Annotated[
        float, typer.Option("--lock-timeout", help="Seconds to wait for a lock, while others wait behind it.", min=0.1)
    ] = 2,
    statement_s: Annotated[
        float, typer.Option("--statement-timeout", help="Seconds that one statement may take.", min=1)
    ] = 30,
) -> None:
    """Bring the database's tables up to date, while the release before may still serve. Limits are PostgreSQL's."""
    settings = read_settings()
    settings.make_data_dir()
    asyncio.run(migrate_database(settings.database_url, Limits(lock_s, statement_s), console.print))
    console.print("The database is up to date.")


def bind(settings: Settings) -> socket.socket:
    """The port's socket, for us alone: the embedded Redis would hold uvicorn's too, as uvloop closes nothing for it.

    Raises SettingsError.
    """
    bound = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            advice = f"another program has it on {settings.host}; use another one"
        elif error.errno == errno.EACCES:
            advice = "this user may not have it; use one above 1023"
        else:
            advice = f"this machine has no such address ({error.strerror})"
            raise SettingsError("O2O_HOST", settings.host, advice) from error
        raise SettingsError("O2O_PORT", str(settings.port), advice) from error
    return bound


def run_server(settings: Settings, bound: socket.socket) -> None:
    """Serve from an open socket until told to stop."""
    config = uvicorn.Config(APP, workers=settings.workers, **server_options(settings))
    if settings.workers > 1:
        serve_with_workers(settings, config, bound)
        return
    server = uvicorn.Server(config)
    try:
        with suppress(KeyboardInterrupt):  # It has ended in order by then.
            server.run(sockets=[bound])
    except SystemExit as end:  # Its lifespan could not begin: why is in the log, and what can be put right is said.
        if settings.redis_url is None and embedded_url(settings.data_dir):
            raise FolderInUseError(settings.data_dir) from end
        raise
    if not server.started:
        raise typer.Exit(3)


def server_options(settings: Settings) -> dict[str, Any]:
    """What uvicorn is given, each away from its default for a reason."""
    return {
        "factory": True,
        "host": settings.host,
        "port": settings.port,
        "loop": "uvloop",
        "http": "o2o.kernel.connection:OneWriteProtocol",  # Of the 70 µs of a ticket's GET the second write took 20.
        # Sans-IO (the default took 97 s for 2,000 sockets) with a way to cut off who does not read.
        "ws": "websocket.server:SocketProtocol",
        "ws_max_size": MAX_FRAME_BYTES,
        "ws_per_message_deflate": False,  # 59 kB an idle socket against 25.
        "timeout_graceful_shutdown": GRACE_S,
        "timeout_keep_alive": KEEP_ALIVE_S,
        # A worker that says nothing for so long is killed; on a busy machine one needs more than 5 s to begin at all.
        "timeout_worker_healthcheck": SILENT_S,
        "forwarded_allow_ips": list(settings.trusted_proxies),
        "server_header": False,
        # Ours is configured already, and logs each request with its route only.
        "log_config": None,
        "access_log": False,
    }


def print_welcome(settings: Settings, code: str) -> None:
    """Every actor's page and the demo's sign-ins, and the hall's code for a phone to scan."""
    base = settings.base_url
    console.print("\n[bold]o2o[/bold] is running with demo data. Ctrl-C ends it.\n")
    for who, path in (*PAGES, ("The code on Heping hall's door", f"/qr/{code}.svg")):
        # An address must never be cut, however narrow the terminal is.
        console.print(f"  {who:30} {base}{path}", soft_wrap=True, highlight=False, markup=False)
    console.print(f"\nSign-ins, all with the password [bold]{settings.demo_password}[/bold]:\n")
    people = Table(box=None, show_header=False, padding=(0, 2))
    for one in sign_ins():
        people.add_row(one.username, one.name, one.place)
    console.print(people)
    if settings.host not in {"127.0.0.1", "localhost", "::1"}:
        console.print("\nThe code on the door of Heping hall, for a phone in the same network to scan:\n")
        _draw(f"{base}/q/{code}")


def _own_address(settings: Settings) -> str:
    """The service as this machine reaches it, whatever its public address is."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    return f"http://{host}:{settings.port}"


def _draw(address: str) -> None:
    code = QRCode(border=2)
    code.add_data(address)
    code.print_ascii(out=console.file, invert=True)


async def _work(settings: Settings) -> None:
    await ensure_migrated(settings.database_url)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with (
        open_state(settings) as state,
        standing_by(state["redis"].mutate, worker=True) as leadership,
        run_jobs(all_jobs(state), leadership),
    ):
        await stopped.wait()
