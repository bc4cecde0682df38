"""What a hall has stopped, as it is told to everybody."""

from typing import Annotated

from msgspec import Meta, Struct

from halls.fields import TEXT_PATTERN
from halls.schemas import Document

Message = Annotated[str, Meta(min_length=1, max_length=200, pattern=TEXT_PATTERN)]


class Words(Document, frozen=True, rename={"zh": "zh-CN"}):
    """A sentence in both languages."""

    zh: Message
    en: Message

    def in_language(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


class Paused(Struct, frozen=True, kw_only=True):
    """What a hall has stopped, since when (ms since 1970), and the words for everybody."""

    issuing: bool
    calling: bool
    message: Words | None
    since: int
