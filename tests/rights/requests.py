"""What a request needs to get as far as the question of who sends it."""

from typing import Final

THERE: Final = {"shipment": "one", "hall": "heping", "counter": "heping-1", "province": "tianjin"}
"""Values of an address that are there from the beginning."""

BODIES: Final = {
    "POST /api/v1/displays/token": '{"secret": "nobody.knows"}',
    "POST /api/v1/halls/{hall}/displays": '{"code": "PAIRING"}',
    "POST /api/v1/holds": '{"place": "heping", "sku": "case-x200"}',
    "PUT /api/v1/displays/{display}": '{"name": "By the stairs"}',
    "POST /display/pair": "code=PAIRING&hall=heping&key=a-key-of-the-form",
    "POST /api/v1/keys": '{"name": "a", "role": "clerk", "scope": "heping"}',
    "POST /api/v1/orders/{order}/delivery-failure": '{"reason": "a"}',
    "POST /api/v1/orders/{order}/delivery-return": '{"reason": "a"}',
    "POST /api/v1/orders/{order}/shipment": '{"carrier": "ems", "tracking": "EA123456789CN"}',
    "POST /api/v1/people": (
        '{"username": "SOMEBODY", "name": "New", "password": "long enough", '
        '"roles": [{"role": "clerk", "scope": "heping"}]}'
    ),
    "POST /api/v1/session": '{"username": "", "password": ""}',
    "POST /api/v1/session/unlocking": '{"pin": "2580"}',
    "POST /password": "of=another-form",
    "POST /stock/{place}/count": "sku=case-x200",
    "POST /pin": "of=another-form",
}
"""The pages' forms are not among them: a form that can't be read is refused after that question."""

QUERIES: Final = {
    "GET /checkout": "?sku=case-x200&hall=heping",
    "GET /api/v1/keys": "?hall=heping",
    "GET /api/v1/people": "?hall=heping",
    "GET /api/v1/sessions": "?hall=heping",
}
