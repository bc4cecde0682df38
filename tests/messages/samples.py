"""What each purpose's text can be filled with."""

from collections.abc import Mapping
from typing import Final

SAMPLES: Final[Mapping[str, str]] = {
    "items": "苹果手机壳 × 2",
    "total": "¥258",
    "amount": "¥129",
    "place": "和平营业厅",
    "until": "12月1日",
    "carrier": "顺丰速运",
    "tracking": "SF1234567890",
    "product": "苹果手机壳",
}
