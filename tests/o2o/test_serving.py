"""`o2o demo` as a process of its own: everything answers, and it ends in order."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from redis import Redis

from tests.ports import free_port
from tests.servers import RedisServer
from tests.stack import stack

PATIENCE_S = 180  # As long as a start may take that migrates, on a busy machine.
BROWSER = {"accept": "text/html", "accept-language": "en"}


@dataclass(frozen=True)
class Demo:
    process: subprocess.Popen[str]
    url: str
    folder: Path
    output: Path

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return httpx2.get(self.url + path, headers={"accept-language": "en", **headers}, trust_env=False)


def environment(folder: Path, port: int, database: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("O2O_")}
    told = {"O2O_DATA_DIR": str(folder), "O2O_DATABASE_URL": database, "O2O_WORKERS": str(stack.workers)}
    return kept | told | {"O2O_PORT": str(port), "COLUMNS": "120"}


def start(folder: Path, database: str, *arguments: str) -> Demo:
    port, output = free_port(), folder / "output"
    command = [sys.executable, "-m", "o2o.cli", *arguments]
    environ = environment(folder, port, database)
    with output.open("w") as file:
        process = subprocess.Popen(command, env=environ, stdout=file, stderr=file, text=True)
    return Demo(process, f"http://127.0.0.1:{port}", folder, output)


def until_ready(demo: Demo) -> Demo:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and demo.process.poll() is None:
        try:
            if demo.get("/readyz").is_success:
                return demo
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError(demo.output.read_text())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    demo = start(folder, stack.empty_database(folder), "demo")
    try:
        yield until_ready(demo)
    finally:
        demo.process.terminate()
        demo.process.wait(PATIENCE_S)


@pytest.mark.parametrize(
    "path", ["/", "/halls/heping", "/display", "/sign-in", "/clerk", "/manage", "/api/openapi.json"]
)
def test_every_actor_s_page_answers(demo: Demo, path: str) -> None:
    answer = httpx2.get(demo.url + path, headers=BROWSER, follow_redirects=True, trust_env=False)

    assert answer.status_code == 200


def test_the_addresses_and_sign_ins_are_printed(demo: Demo) -> None:
    said = demo.output.read_text()

    for part in (
        f"{demo.url}/",
        f"{demo.url}/display",
        f"{demo.url}/clerk",
        "clerk1",
        "manager",
        "hq",
        "demo-password",
    ):
        assert part in said


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_the_embedded_redis_does_not_hold_the_port(demo: Demo) -> None:
    port = int(demo.url.rpartition(":")[2])
    listening = next(
        row.split()[9]
        for row in Path("/proc/net/tcp").read_text().splitlines()
        if f":{port:04X} 00000000:0000 0A" in row
    )
    holders = {path.parts[2] for path in Path("/proc").glob("[0-9]*/fd/*") if _leads_to(path, f"socket:[{listening}]")}

    names = {Path("/proc", pid, "comm").read_text().strip() for pid in holders}
    assert str(demo.process.pid) in holders
    assert "redis-server" not in names


def _leads_to(path: Path, target: str) -> bool:
    try:
        return str(path.readlink()) == target
    except OSError:
        return False


def test_the_code_on_the_door_leads_to_the_hall(demo: Demo) -> None:
    found = re.search(r"/qr/([\w-]+)\.svg", demo.output.read_text())
    assert found

    assert demo.get(f"/qr/{found[1]}.svg").headers["content-type"] == "image/svg+xml"
    assert demo.get(f"/q/{found[1]}").headers["location"].startswith("/halls/heping")


def test_pages_load_nothing_that_is_missing(demo: Demo) -> None:
    page = demo.get("/halls/heping", accept="text/html").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)

    assert addresses
    for address in set(addresses):
        answer = demo.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")


def test_a_number_is_taken(demo: Demo) -> None:
    headers = {"idempotency-key": "0123456789abcdef"}
    answer = httpx2.post(
        f"{demo.url}/api/v1/halls/heping/tickets", json={"service": "sim"}, headers=headers, trust_env=False
    )

    assert (answer.status_code, answer.json()["number"]) == (201, "A001")


def test_a_body_of_a_megabyte_is_refused(demo: Demo) -> None:
    headers = {"idempotency-key": "0123456789abcdef"}
    address = f"{demo.url}/api/v1/halls/heping/tickets"
    answer = httpx2.post(address, content=b"x" * 1024**2, headers=headers, trust_env=False)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_it_ends_in_order_and_begins_again_where_it_was(tmp_path: Path) -> None:
    database = stack.new_database(tmp_path)
    for _ in range(2):
        demo = until_ready(start(tmp_path, database, "demo"))
        demo.process.send_signal(signal.SIGTERM)

        # What uvicorn makes of it when all is done.
        assert demo.process.wait(PATIENCE_S) == (0 if stack.workers > 1 else -signal.SIGTERM)
        assert "error" not in demo.output.read_text().lower()


def test_serving_without_tables_says_what_to_do(tmp_path: Path) -> None:
    demo = start(tmp_path, stack.empty_database(tmp_path), "serve")

    assert demo.process.wait(PATIENCE_S) == 2
    assert "run `o2o migrate`" in demo.output.read_text()


def test_a_folder_that_another_serves_from_is_said_last(demo: Demo, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "o2o.cli", "serve"]
    environ = environment(demo.folder, free_port(), stack.new_database(tmp_path)) | {"O2O_WORKERS": "1"}
    second = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert second.returncode == 2
    assert second.stderr.splitlines()[-1].startswith(f"o2o: another o2o serves from {demo.folder}")


def test_a_port_that_is_taken_is_said_before_anything_else(demo: Demo, tmp_path: Path) -> None:
    taken = demo.url.rpartition(":")[2]
    command = [sys.executable, "-m", "o2o.cli", "demo"]
    environ = environment(tmp_path, int(taken), stack.empty_database(tmp_path))
    second = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert second.returncode == 2
    assert second.stderr == f"o2o: O2O_PORT is '{taken}': another program has it on 127.0.0.1; use another one\n"
    assert second.stdout == ""


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"O2O_HOST": "999.1.1.1"}, "O2O_HOST is '999.1.1.1': this machine has no such address"),
        ({"O2O_REDIS_URL": "redis://127.0.0.1:1"}, "look at O2O_REDIS_URL, and whether what it names answers"),
        ({"O2O_DATABASE_URL": "postgres://nobody@127.0.0.1:1/o2o"}, "look at O2O_DATABASE_URL, and whether"),
        ({"O2O_DATA_DIR": "/dev/null/o2o"}, "O2O_DATA_DIR is '/dev/null/o2o': use a folder that can be written"),
        (
            {"O2O_DATA_DIR": "/dev/null/o2o", "O2O_SECRET_KEY": "3h-Wd8wq0XsPZ2nVJ7yRk5tLbM9cFaGe"},
            "O2O_DATA_DIR is '/dev/null/o2o': use a folder that can be written",
        ),
    ],
)
def test_what_keeps_it_from_serving_is_a_sentence_that_names_a_variable(
    tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    environ = environment(tmp_path, free_port(), stack.new_database(tmp_path)) | changes
    command = [sys.executable, "-m", "o2o.cli", "serve"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("verb", ["serve", "demo"])
def test_a_redis_that_evicts_is_refused_before_it_serves(tmp_path: Path, redis: RedisServer, verb: str) -> None:
    with Redis.from_url(redis.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    environ = environment(tmp_path, free_port(), stack.new_database(tmp_path)) | {"O2O_REDIS_URL": redis.url}
    command = [sys.executable, "-m", "o2o.cli", verb]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("o2o: Redis would evict keys")
