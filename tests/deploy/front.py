"""A real nginx with deploy/nginx/o2o.conf before a real service: names, ports and folders changed, nothing else."""

import asyncio
import contextlib
import os
import re
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from httpx2 import AsyncClient, AsyncHTTPTransport, HTTPError

from tests.deploy.conftest import DEPLOY, program
from tests.installation import PATIENCE_S, Installation
from tests.ports import free_port

MAIN = """daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    {temporary}
    include {folder}/o2o.conf;
}}
"""
HOST = "    server 127.0.0.1:8000 fail_timeout=2s;"
NOTHING: Mapping[str, str] = MappingProxyType({})
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Front:
    def __init__(self, folder: Path, *upstreams: int, edits: Mapping[str, str] = NOTHING) -> None:
        self.folder = folder
        self.port, self.plain = free_port(), free_port()
        self.url = f"https://localhost:{self.port}"
        folder.mkdir()
        _certify(folder)
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = "\n    ".join(f"{name}_temp_path {folder}/{name};" for name in TEMPORARY)
        (folder / "nginx.conf").write_text(MAIN.format(user=user, folder=folder, temporary=temporary))
        (folder / "o2o.conf").write_text(self._written(upstreams, edits))
        self.trust = ssl.create_default_context(cafile=folder / "fullchain.pem")

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Front"]:
        process = await asyncio.create_subprocess_exec(*self.command(), stderr=asyncio.subprocess.PIPE)
        try:
            await self._until_it_answers()
            yield self
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.communicate()

    def command(self, *options: str) -> list[str]:
        return [program("nginx", "nginx"), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), *options]

    def client(self, address: str = "127.0.0.1", **headers: str) -> AsyncClient:
        """Somebody who comes from that address."""
        transport = AsyncHTTPTransport(verify=self.trust, local_address=address)
        said = {"accept-language": "en", **headers}
        return AsyncClient(base_url=self.url, transport=transport, headers=said, timeout=30)

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))

    def _written(self, upstreams: Sequence[int], edits: Mapping[str, str]) -> str:
        text = (DEPLOY / "nginx" / "o2o.conf").read_text()
        text = re.sub(r"\n *listen \[::\][^\n]*", "", text)  # A test machine may have no IPv6.
        for old, new in (
            (HOST, "\n".join(HOST.replace("8000", str(port)) for port in upstreams)),
            ("listen 443", f"listen 127.0.0.1:{self.port}"),
            ("listen 80;", f"listen 127.0.0.1:{self.plain};"),
            ("server_name hall.example", "server_name localhost"),
            ("/etc/ssl/o2o", str(self.folder)),
            ("/var/cache/nginx/o2o", str(self.folder / "cache")),
            ("/usr/share/o2o", str(DEPLOY / "nginx")),
            ("access_log syslog:server=unix:/dev/log,nohostname,tag=o2o_nginx", f"access_log {self.folder}/access.log"),
            ("error_log  syslog:server=unix:/dev/log,nohostname,tag=o2o_nginx", f"error_log {self.folder}/errors.log"),
            *edits.items(),
        ):
            assert old in text, old
            text = text.replace(old, new)
        return text

    async def _until_it_answers(self) -> None:
        async with asyncio.timeout(PATIENCE_S), self.client() as client:
            while True:
                with contextlib.suppress(HTTPError):
                    await client.get("/healthz")
                    return
                await asyncio.sleep(0.05)


def _certify(folder: Path) -> None:
    """A certificate for localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))


@asynccontextmanager
async def behind_nginx(folder: Path) -> AsyncIterator[tuple[Front, Installation]]:
    """The demo behind nginx, reached by https."""
    installed = Installation(folder / "data", O2O_RATE_LIMITS="on")
    front = Front(folder / "nginx", installed.port)
    installed.environ["O2O_BASE_URL"] = front.url
    async with installed.serving(), front.running():
        yield front, installed
