"""How the fields are written of what describes a hall, and of whatever else has ids, names and places."""

from typing import Annotated, Final, Literal

from msgspec import Meta

# `$` alone also matches before a last line feed, which `(?!\n)` refuses.
ID_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,39}$(?!\n)"
# No control characters, nothing that turns the direction of writing or hides, and not only spaces.
TEXT_PATTERN: Final = (
    r"^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]*$(?!\n)"
)

Id = Annotated[str, Meta(pattern=ID_PATTERN, description="Small letters, digits and -, at most 40.")]
Text = Annotated[str, Meta(min_length=1, max_length=80, pattern=TEXT_PATTERN)]
Address = Annotated[str, Meta(max_length=200, pattern=TEXT_PATTERN)]
Prefix = Annotated[str, Meta(pattern=r"^[A-Z]{1,3}$(?!\n)", description="Of the numbers; unique in the hall.")]
WallMoment = Annotated[
    str, Meta(pattern=r"^2[0-9]{3}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)", description="Hall's clock.")
]
WallTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]
EndTime = Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$(?!\n)")]
Spans = Annotated[tuple[tuple[WallTime, EndTime], ...], Meta(max_length=8)]
Latitude = Annotated[float, Meta(ge=-90, le=90, description="WGS-84")]
Longitude = Annotated[float, Meta(ge=-180, le=180, description="WGS-84")]
Language = Literal["zh-CN", "en"]
Always = Literal["always"]
