"""A real mail server on this machine, in the test's own loop, which says what a test wants it to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from o2o.kernel.clock import system_clock

ACCEPTED = "250 taken"


@dataclass
class MailBoxes:
    """What came in, and what the server answers; `breaks` cuts the line once a letter is taken, before it says so."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)
    to_recipient: str = "250 go on"
    to_letter: str = ACCEPTED
    breaks: int = 0

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.to_letter != ACCEPTED:
            return self.to_letter
        content, line = cast("bytes", envelope.content), cast("asyncio.Transport", server.transport)
        self.letters.append(message_from_bytes(content, policy=default))
        self.recipients.extend(envelope.rcpt_tos)
        self.secured.append(line.get_extra_info("ssl_object") is not None)
        self.signed_in.append(bool(session.authenticated))
        if self.breaks:
            self.breaks -= 1
            line.abort()
        return ACCEPTED

    def texts(self) -> list[str]:
        return ["\n".join(letter.get_content().splitlines()) for letter in self.letters]


@asynccontextmanager
async def mail_server(ssl_context: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[MailBoxes]:
    """Open while the block runs, on a port of its own of 127.0.0.1."""
    boxes, spoken = MailBoxes(), list[SMTP]()

    def speak() -> SMTP:
        spoken.append(SMTP(boxes, **options))
        return spoken[-1]

    server = await asyncio.get_running_loop().create_server(speak, "127.0.0.1", 0, ssl=ssl_context)
    boxes.port = server.sockets[0].getsockname()[1]
    try:
        yield boxes
    finally:
        server.close()
        for one in spoken:
            if one.transport:
                cast("asyncio.Transport", one.transport).abort()
        await asyncio.sleep(0.01)


def only(user: str, password: str) -> Any:
    """Let in nobody else."""

    def judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        right = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=right, handled=False)

    return judge


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context for 127.0.0.1, and the file by which clients may trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")]), system_clock()
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "mail.pem", folder / "mail.key"
    certificate_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return context, certificate_file
