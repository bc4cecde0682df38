"""Forms with a file: what is no such form is refused, however it is broken."""

from typing import Any

import pytest
from starlette.requests import Request

from o2o.kernel.errors import InvalidError, TooLargeError
from o2o.kernel.uploads import read_parts

HEAD = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nsku,quantity\r\n'
FILE = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n\xff\0a\r\n'
)
END = b"--x--\r\n"


def sent(body: bytes, kind: bytes = b"multipart/form-data; boundary=x") -> Request[Any]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", kind)]}, receive)


async def test_fields_are_text_and_the_file_is_bytes() -> None:
    parts = await read_parts(sent(HEAD + FILE + END), 1000)

    assert (parts.fields, parts.file) == ({"text": "sku,quantity"}, b"\xff\0a")


async def test_a_form_without_a_file_has_an_empty_one() -> None:
    assert (await read_parts(sent(HEAD + END), 1000)).file == b""


@pytest.mark.parametrize(
    "request_",
    [
        sent(b"nothing of that kind"),
        sent(HEAD + END, b"multipart/form-data"),
        sent(HEAD + END, b"application/x-www-form-urlencoded"),
        sent(HEAD + FILE + FILE + END),
        sent(HEAD * 21 + END),
        sent(b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END),
    ],
    ids=["no parts", "no boundary", "another kind", "two files", "too many fields", "a part without a name"],
)
async def test_what_is_no_such_form_is_refused(request_: Request[Any]) -> None:
    with pytest.raises(InvalidError):
        await read_parts(request_, 10_000)


async def test_more_than_the_page_takes_is_refused() -> None:
    with pytest.raises(TooLargeError):
        await read_parts(sent(HEAD + FILE + END), 100)
