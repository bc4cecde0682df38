"""Money: whole fen inside, an amount and its currency outside."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

CNY: Final = "CNY"
FEN: Final = 100
"""Of a yuan."""

Amount = Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,8})\.[0-9]{2}$(?!\n)", description="Yuan and fen: 129.00")]


class Money(Struct, frozen=True, forbid_unknown_fields=True):
    """What is never a number in JSON: a reader might keep it in a float."""

    amount: Amount
    currency: Literal["CNY"] = CNY


def money(fen: int) -> Money:
    """`fen` may be less than nothing, as a refund is."""
    return Money(amount_of(fen))


def fen_of(given: Money) -> int:
    yuan, _dot, fen = given.amount.partition(".")
    return int(yuan) * FEN + int(fen)


def amount_of(fen: int) -> str:
    """As `Money.amount` has it: 12900 is 129.00."""
    yuan, rest = divmod(abs(fen), FEN)
    return f"{'-' if fen < 0 else ''}{yuan}.{rest:02d}"


def price(fen: int) -> str:
    """As people read it: ¥129, ¥12.50, −¥3.00."""
    yuan, rest = divmod(abs(fen), FEN)
    return f"{'−' if fen < 0 else ''}¥{yuan:,}{f'.{rest:02d}' if rest else ''}"
