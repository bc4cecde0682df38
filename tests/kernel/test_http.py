"""What a request's body becomes, what is said about a bad one, and the id of a write."""

from datetime import datetime

import msgspec
import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from o2o.kernel.errors import IdempotencyKeyRequiredError, InvalidError, TooLargeError
from o2o.kernel.http import MAX_BODY, Operation, decode, form, is_known, operation, parse, query, reply

KEY = "0123456789abcdef"


class Place(msgspec.Struct, forbid_unknown_fields=True):
    floor: int = 0


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    service: str
    places: list[Place] = []


class Search(msgspec.Struct, forbid_unknown_fields=True):
    q: str = ""
    limit: int = 10
    since: datetime | None = None


def request(*chunks: bytes, path: str = "/api/v1/x", search: str = "", **headers: str) -> Request:
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.request", "body": b"", "more_body": False}

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": search.encode(), "headers": raw}
    return Request(scope, receive)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"service": 1}', "service"),
        (b"{}", "service"),
        (b"", "service"),
        (b'{"service": "sim", "colour": 1}', "colour"),
        (b'{"service": "sim", "places": [{"floor": "x"}]}', "places[0].floor"),
        (b'{"service": "sim", "places": [{"door": 1}]}', "places[0].door"),
        (b"[]", "body"),
        (b"{", "body"),
        (b"\xff", "body"),
        (b'{"service": "\xff"}', "body"),
        (b'{"service": "\\ud800"}', "body"),
        (b"9" * 5_000, "body"),
        (b"[" * 5_000, "body"),
    ],
)
def test_a_bad_body_names_the_field_at_fault(body: bytes, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        parse(body, Wish)

    assert refused.value.details["field"] == field


async def test_a_body_is_read_in_pieces() -> None:
    assert await decode(request(b'{"service"', b': "sim"}'), Wish) == Wish("sim")


async def test_a_body_may_be_read_twice() -> None:
    twice = request(b'{"service": "sim"}')

    assert await decode(twice, Wish) == await decode(twice, Wish)


async def test_no_body_is_an_empty_object() -> None:
    assert await decode(request(), Place) == Place()


async def test_a_body_that_is_too_large_is_not_read_to_its_end() -> None:
    with pytest.raises(TooLargeError):
        await decode(request(*[b"x" * MAX_BODY] * 2), Wish)


async def test_a_client_that_leaves_while_sending_is_no_mistake_of_the_body_s() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientDisconnect):
        await decode(Request({"type": "http", "method": "POST", "headers": []}, gone), Wish)


async def test_a_form_is_read_with_empty_fields_left_out() -> None:
    assert await form(request(b"q=&limit=5"), Search) == Search(limit=5)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"limit=x", "limit"),
        (b"z=1", "z"),
        (b"q=%ff", "body"),
        (b"a&" * 200, "body"),
        (b"since=today", "since"),
        (b"since=-58800", "since"),
        (b"since=1.7e9", "since"),
    ],
)
async def test_a_bad_form_names_the_field_at_fault(body: bytes, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await form(request(body), Search)

    assert refused.value.details["field"] == field


def test_a_query_is_read_as_its_types() -> None:
    assert query(request(search="q=he&limit=3"), Search) == Search("he", 3)


def test_a_write_without_a_key_is_refused() -> None:
    with pytest.raises(IdempotencyKeyRequiredError):
        operation(request(), "anonymous", b"{}")


@pytest.mark.parametrize("key", ["short", "x" * 65, "with a space in it", "ключключключключ"])
def test_a_key_has_16_to_64_plain_characters(key: str) -> None:
    with pytest.raises(InvalidError) as refused:
        operation(request(), "anonymous", b"{}", key)

    assert refused.value.details["field"] == "Idempotency-Key"


def test_the_same_write_is_the_same_operation() -> None:
    first = operation(request(idempotency_key=KEY), "anonymous", b"{}")

    assert first == operation(request(idempotency_key=KEY), "anonymous", b"{}")
    assert len(first.id) == 22


def test_who_where_and_which_key_make_an_operation() -> None:
    ids = {
        operation(request(), "anonymous", b"{}", KEY).id,
        operation(request(), "staff:clerk1", b"{}", KEY).id,
        operation(request(path="/api/v1/y"), "anonymous", b"{}", KEY).id,
        operation(request(), "anonymous", b"{}", KEY + "x").id,
    }

    assert len(ids) == 4


def test_another_body_under_a_key_shows_in_its_digest() -> None:
    first, second = (operation(request(), "anonymous", body, KEY) for body in (b"{}", b'{"a":1}'))

    assert first == Operation(second.id, first.body)
    assert first.body != second.body


def test_an_answer_is_json() -> None:
    answer = reply(Place(3), 201, {"Location": "/x"})

    assert (answer.body, answer.status_code, answer.headers["location"]) == (b'{"floor":3}', 201, "/x")


@pytest.mark.parametrize(
    ("asked", "known"),
    [('"7"', True), ('W/"7"', True), ('"6", "7"', True), ('"70"', False), ("7", False), ("", False)],
)
def test_who_has_what_a_tag_stands_for_is_known_by_it(asked: str, known: bool) -> None:
    assert is_known(request(**{"if-none-match": asked}), '"7"') is known
