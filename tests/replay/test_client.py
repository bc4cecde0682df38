"""Each write is repeated under its key until it is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from o2o.replay.client import RefusedError, Service

Answer = bytes | None
"""Raw HTTP; None cuts the connection instead."""


def http(status: str, body: str = "", *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", body)
    return "\r\n".join(lines).encode()


CREATED = http("201 Created", '{"number": "A001"}')
SIGNED_IN = http("201 Created", '{"token": "mine"}')
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = http("503 Service Unavailable", "", "Retry-After: 0")
GATEWAY = http("502 Bad Gateway", "<html>")
PORTAL = http("200 OK", "<html>Sign in to this network</html>")
SLOW_DOWN = http("429 Too Many Requests", "", "Retry-After: 0")
FULL = http("409 Conflict", '{"code": "hall_full", "detail": "The hall is full."}')


class Served:
    """A server that gives these answers in turn and keeps each request's head."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.heads: list[str] = []
        self.talks: set[asyncio.Task[None] | None] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talks.add(asyncio.current_task())
        while head := await self._head(reader):
            self.heads.append(head)
            answer = self.answers.pop(0)
            if answer is None:
                break
            writer.write(answer)
        writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> str:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        except asyncio.IncompleteReadError:
            return ""
        length = head.partition("\r\ncontent-length: ")[2].partition("\r\n")[0]
        await reader.readexactly(int(length or 0))
        return head

    def line(self, number: int, name: str) -> str:
        """Give a header of the request of this number, in small letters."""
        return self.heads[number].partition(f"\r\n{name}: ")[2].partition("\r\n")[0]

    def keys(self) -> set[str]:
        return {self.line(number, "idempotency-key") for number in range(len(self.heads))}


@asynccontextmanager
async def service(served: Served) -> AsyncIterator[Service]:
    server = await asyncio.start_server(served.handle, "127.0.0.1", 0)
    client = Service(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield client
    finally:
        await client.close()
        await asyncio.gather(*filter(None, served.talks))
        server.close()


@pytest.mark.parametrize(
    ("answer", "why"), [(BUSY, "503"), (GATEWAY, "502"), (SLOW_DOWN, "429"), (None, "RemoteProtocolError")]
)
async def test_what_was_not_answered_is_asked_again_with_the_same_key(answer: Answer, why: str) -> None:
    served = Served(answer, CREATED)

    async with service(served) as client:
        assert await client.post("/halls/heping/tickets") == {"number": "A001"}

    assert (len(served.heads), len(served.keys())) == (2, 1)
    assert client.figures.repeats == {why: 1}


async def test_two_writes_have_two_keys() -> None:
    served = Served(CREATED, CREATED)

    async with service(served) as client:
        await client.post("/halls/heping/tickets")
        await client.post("/halls/heping/tickets")

    assert len(served.keys()) == 2


async def test_an_empty_answer_is_none() -> None:
    async with service(Served(EMPTY)) as client:
        assert await client.post("/counters/heping-1/calls") is None


async def test_a_refusal_is_not_repeated_and_names_its_code() -> None:
    served = Served(FULL)

    async with service(served) as client:
        with pytest.raises(RefusedError, match=r"409 hall_full: The hall is full\.") as refused:
            await client.post("/halls/heping/tickets")

    assert (refused.value.code, len(served.heads)) == ("hall_full", 1)


async def test_a_page_of_something_else_in_between_is_no_answer() -> None:
    async with service(Served(PORTAL)) as client:
        with pytest.raises(RefusedError, match="200 : <html>Sign in to this network"):
            await client.get("/halls/heping")


async def test_the_sign_in_goes_along_unless_another_token_does() -> None:
    served = Served(SIGNED_IN, EMPTY, EMPTY)

    async with service(served) as client:
        await client.sign_in("hq", "secret")
        await client.post("/counters/heping-1/calls")
        await client.post("/tickets/t/cancellation", token="theirs")

    assert [served.line(number, "authorization") for number in range(3)] == ["", "bearer mine", "bearer theirs"]
