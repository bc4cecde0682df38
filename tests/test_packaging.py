"""The wheel is the whole product: in an empty environment outside the checkout, the demo runs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from zipfile import ZipFile

import httpx2
import pytest

from tests.ports import free_port

ROOT = Path(__file__).parents[1]
START_S = 60
PACKAGES = {"o2o", "booking", "halls", "messages", "orders", "qr", "staff", "websocket"}

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the locked dependencies and the wheel, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    uv = (sys.executable, "-m", "uv", "--no-config")
    run(*uv, "venv", "--python", sys.executable, folder / "venv", cwd=folder)
    into = ("--quiet", "--python", folder / "venv/bin/python")
    run(*uv, "pip", "install", *into, "--require-hashes", "-r", ROOT / "requirements/runtime.txt", cwd=folder)
    run(*uv, "pip", "install", *into, "--no-deps", wheel, cwd=folder)
    return folder / "venv/bin"


@pytest.fixture
def demo(installed: Path, tmp_path: Path) -> Iterator[httpx2.Client]:
    """A client of `o2o demo`, started from an empty folder."""
    port = free_port()
    environ = {"PATH": os.defpath, "HOME": str(tmp_path), "O2O_PORT": str(port)}
    with (tmp_path / "said.log").open("w") as said:
        process = subprocess.Popen([installed / "o2o", "demo"], cwd=tmp_path, env=environ, stdout=said, stderr=said)
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            wait_until_ready(client, process, tmp_path / "said.log")
            yield client
    finally:
        process.terminate()
        process.wait(START_S)


def wait_until_ready(client: httpx2.Client, process: subprocess.Popen[bytes], said: Path) -> None:
    end = monotonic() + START_S
    while monotonic() < end and process.poll() is None:
        try:
            if client.get("/readyz").is_success:
                return
        except httpx2.TransportError:
            pass  # it does not listen yet
        sleep(0.1)
    pytest.fail(f"o2o demo was not ready within {START_S} s. It said:\n{said.read_text()[-3000:]}")


def test_the_wheel_carries_what_the_code_opens(wheel: Path) -> None:
    held = set(ZipFile(wheel).namelist())
    opened = {".html", ".lua", ".po", ".css", ".js", ".svg"}
    folders = [*(ROOT / package for package in PACKAGES), ROOT / "static", ROOT / "locales"]
    wanted = {
        str(path.relative_to(ROOT))
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in opened or path.match("*/migrations/[0-9]*.py")
    }

    assert {Path(name).suffix for name in wanted} >= opened | {".py"}
    assert wanted - held == set()


def test_the_wheel_carries_nothing_but_the_product(wheel: Path) -> None:
    held = {Path(name).parts[0] for name in ZipFile(wheel).namelist()}

    assert {name for name in held if not name.endswith(".dist-info")} == PACKAGES | {"static", "locales"}


def test_websocket_is_ours_where_everything_is_installed(installed: Path, tmp_path: Path) -> None:
    where = "import websocket, pathlib; print(pathlib.Path(websocket.__file__).parent / 'hub.py')"
    hub = Path(run(installed / "python", "-c", where, cwd=tmp_path).strip())

    assert hub.exists()
    assert hub.is_relative_to(installed.parent)


def test_the_demo_runs_from_the_wheel_alone(demo: httpx2.Client) -> None:
    page = demo.get("/", headers={"Accept-Language": "en"})
    halls = demo.get("/api/v1/halls").json()["halls"]

    assert page.is_success
    assert "Heping" in page.text
    assert "heping" in {hall["id"] for hall in halls}
    assert demo.get("/static/css/base.css").is_success
