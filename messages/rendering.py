"""A message in words: its subject and its text, one template a purpose, in the reader's language."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from jinja2 import Template

from messages.schemas import Link
from messages.states import Purpose
from o2o.kernel.pages import environment
from o2o.kernel.signing import Signer

RIGHT_HIDDEN: Final = "…"


class Written(NamedTuple):
    """`subject` is one line. `text` says everything by itself, for channels that have no subject."""

    subject: str
    text: str


def written(purpose: Purpose, language: str, params: Mapping[str, str], address: str | None) -> Written:
    """What is said; the address, if there is one, stands in a line of its own."""
    template = environment(language).get_template(f"messages/{purpose.value}.txt")
    values = {name: _one_line(value) for name, value in params.items()}
    text = _block(template, "text", values)
    return Written(_one_line(_block(template, "subject", values)), f"{text}\n{address}" if address else text)


def address_of(link: Link | None, base_url: str, signer: Signer | None) -> str | None:
    """Where the message leads. Without a signer, for eyes that are not the reader's: the right to it is left out."""
    if link is None:
        return None
    address = base_url + link.path
    if link.right is None or link.of is None:
        return address
    token = RIGHT_HIDDEN if signer is None else signer.token(link.right, link.of)
    return f"{address}{'&' if '?' in address else '?'}k={token}"


def _block(template: Template, name: str, values: Mapping[str, str]) -> str:
    return "".join(template.blocks[name](template.new_context(dict(values)))).strip()


def _one_line(text: str) -> str:
    """Nothing in a name may begin a line of its own: it would be a header, or words that are not ours."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
