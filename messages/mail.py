"""E-mail: one connection a letter, over TLS unless the server is this machine's."""

import asyncio
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from typing import Final

import aiosmtplib

from messages.channels import Channel, Letter, NeverError, NotNowError
from messages.schemas import Contact
from o2o.kernel.clock import Clock
from o2o.kernel.mail import Mailbox, MailServer
from o2o.kernel.settings import Settings

SEND_S: Final = 45.0
"""For a whole letter, well within the lease of a message (claims.LEASE_MS)."""
ANSWER_S: Final = 20.0
GOODBYE_S: Final = 2.0
FOR_GOOD: Final = 500  # Codes below mean: not now. From here on: never.
# A server that refuses us refuses every letter, and may take us again once somebody has put the settings right.
OURS: Final = (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPHeloError, aiosmtplib.SMTPSenderRefused)


def channels(settings: Settings, clock: Clock) -> list[Channel]:
    """Those that are set up, the better ones first."""
    if settings.smtp is None or settings.mail_from is None:
        return []
    return [Mail(settings.smtp, settings.mail_from, clock)]


class Mail:
    name = "mail"

    def __init__(self, server: MailServer, sender: Mailbox, clock: Clock) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock

    def reaches(self, contact: Contact) -> bool:
        return bool(contact.email)

    async def send(self, letter: Letter) -> None:
        """Raises NotNowError, NeverError."""
        message = self._message(letter)
        try:
            async with asyncio.timeout(SEND_S):
                await self._deliver(message)
        except OURS as error:
            raise NotNowError(_said(error), away=True) from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _judged(error.recipients[0]) from error
        except aiosmtplib.SMTPConnectError as error:
            raise NotNowError(_said(error), away=True) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _judged(error) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            # Perhaps it took the letter, and its word was lost: sent again it is the same letter, by its Message-ID.
            raise NotNowError(_said(error) or "no answer", away=True) from error

    async def _deliver(self, message: EmailMessage) -> None:
        server = self._server
        connection = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            # None: where the server offers it. With a server elsewhere not a word is said without TLS.
            start_tls=False if server.tls else None if server.here else True,
            cert_bundle=server.ca,
            local_hostname=self._sender.address.rpartition("@")[2],
            timeout=ANSWER_S,
        )
        try:
            await connection.connect()
            await connection.send_message(message)
            # The letter is theirs: whether they also say goodbye changes nothing.
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await connection.quit(timeout=GOODBYE_S)
        finally:
            connection.close()

    def _message(self, letter: Letter) -> EmailMessage:
        """Raises NeverError for an address that can't be written to: headers are never made of what is not one."""
        message = EmailMessage(policy=WIRE)
        host = self._sender.address.rpartition("@")[2]
        try:
            message["From"] = Address(self._sender.name, addr_spec=self._sender.address)
            message["To"] = Address(addr_spec=letter.contact.email or "")
            message["Subject"] = letter.written.subject
        except ValueError as error:
            raise NeverError("this is not an e-mail address") from error
        message["Date"] = self._clock()
        message["Message-ID"] = f"<{letter.id}@{host}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.written.text)
        message["Content-Language"] = letter.language  # After the content, which clears such headers.
        return message


def _judged(error: aiosmtplib.SMTPResponseException) -> Exception:
    """421 is the server's own trouble; 4xx the mailbox's for now; 5xx for ever."""
    if error.code >= FOR_GOOD:
        return NeverError(_said(error))
    return NotNowError(_said(error), away=error.code == aiosmtplib.SMTPStatus.domain_unavailable)


def _said(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return str(error)
