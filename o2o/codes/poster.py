"""What a poster says, on the page and in the PDF: the code, a short address, the hall's name, three steps."""

import ipaddress
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from halls.errors import CounterNotFoundError
from halls.hall import Hall
from o2o.kernel.clock import Clock
from o2o.kernel.errors import ConflictError
from o2o.kernel.i18n import LANGUAGES, _, translator
from o2o.kernel.settings import Settings
from o2o.kernel.signing import Signer
from qr.schemas import Code
from qr.service import code_for_counter, code_for_hall
from qr.states import Source, path_of

HEADLINE: Final = _("Take a number with your phone")
STEPS: Final = (
    _("Scan the code"),
    _("Choose what you need"),
    _("Come when it is your turn"),
)
COUNTER: Final = _("Counter %(counter)s")


class Size(StrEnum):
    """The paper: a sheet for the door, or the roll of a receipt printer."""

    A4 = "a4"
    ROLL = "80mm"


class Wish(NamedTuple):
    """Whose poster, on which paper, and where it will hang; without a counter it is the hall's own."""

    hall: Hall
    counter: str | None = None
    source: Source = Source.POSTER


class Words(NamedTuple):
    """A poster's words in one language."""

    hall: str
    counter: str
    headline: str
    steps: tuple[str, ...]


class Poster(NamedTuple):
    """`link` is what the code says, `address` what one types who can't scan; `words` are Chinese, then English."""

    code: Code
    source: Source
    link: str
    address: str
    words: tuple[Words, ...]


class LoopbackAddressError(ConflictError):
    """What is printed outlives a mistake: no phone reaches an address of the machine itself."""

    code = "base_address_is_loopback"

    def __init__(self, address: str) -> None:
        super().__init__(
            _(
                "No phone can reach %(address)s, which is this machine's own address, so nothing is printed with it. "
                "Set O2O_BASE_URL to the address that phones reach, such as https://hall.example, and start again."
            ),
            address=address,
        )


async def make_poster(settings: Settings, signer: Signer, clock: Clock, wish: Wish) -> Poster:
    """Raises LoopbackAddressError, CounterNotFoundError."""
    if is_loopback(settings.base_url):
        raise LoopbackAddressError(settings.base_url)
    hall, counter = wish.hall, None
    if wish.counter is None:
        code = await code_for_hall(signer, hall.id, now=clock())
    else:
        counter = hall.counter(wish.counter)
        if counter is None:
            raise CounterNotFoundError
        code = await code_for_counter(signer, hall.id, counter.id, now=clock())
    return Poster(
        code=code,
        source=wish.source,
        link=settings.base_url + path_of(code.text, wish.source),
        address=f"{urlsplit(settings.base_url).netloc}/halls/{hall.id}",
        words=tuple(_words(language, hall, counter.name if counter else "") for language in LANGUAGES),
    )


def is_loopback(base_url: str) -> bool:
    """Whether the address only leads back to the machine that asks for it."""
    host = urlsplit(base_url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _words(language: str, hall: Hall, counter: str) -> Words:
    texts = translator(language)
    return Words(
        hall=hall.names.in_language(language),
        counter=texts(COUNTER, counter=counter) if counter else "",
        headline=texts(HEADLINE),
        steps=tuple(texts(step) for step in STEPS),
    )
