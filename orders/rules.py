"""The rules of sourcing as headquarters keep them: one list, put whole, known to every process within seconds."""

import time
from collections.abc import Callable, Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from tortoise.backends.base.client import BaseDBAsyncClient

from halls.schemas import Document
from o2o.kernel.audit import EVERYWHERE, Done, changed, note
from o2o.kernel.database import is_postgres, transaction
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from orders.models import RuleRecord
from orders.sourcing_rules import Rule

AGE_S: Final = 3.0
"""How old what is known of rules may be: they seldom change."""


class RuleList(Document, frozen=True):
    rules: Annotated[tuple[Rule, ...], Meta(max_length=300)]


class Rules:
    """The rules, as this process knows them."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._rules: tuple[Rule, ...] = ()
        self._read_at: float | None = None

    async def all(self) -> tuple[Rule, ...]:
        if self._read_at is None or self._seconds() - self._read_at > AGE_S:
            self._rules = await stored_rules()
            self._read_at = self._seconds()
        return self._rules

    def forget(self) -> None:
        """Look again at the next question."""
        self._read_at = None


async def stored_rules() -> tuple[Rule, ...]:
    return tuple(msgspec.convert(row.document, Rule) for row in await RuleRecord.all().order_by("place"))


async def put_rules(rules: Rules, given: RuleList, *, at: int, actor: str) -> None:
    """Let these rules hold and no others. Raises InvalidError: two are for the same."""
    seen = set()
    for place, rule in enumerate(given.rules):
        if rule.scope in seen:
            raise InvalidError(_("Another rule is for the same province and product."), field=f"rules[{place}]")
        seen.add(rule.scope)
    done = Done("sourcing.edited", actor, at)
    await transaction(lambda client: _write(client, given.rules, done))
    rules.forget()


async def _write(client: BaseDBAsyncClient, given: Sequence[Rule], done: Done) -> None:
    if is_postgres(client):  # Whoever puts theirs at the same moment comes after; on SQLite one writes at a time.
        await client.execute_script(f"LOCK TABLE {RuleRecord._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    before = [row.document for row in await RuleRecord.all().using_db(client).order_by("place")]
    after = msgspec.json.decode(msgspec.json.encode(given))
    if before == after:
        return
    await RuleRecord.all().using_db(client).delete()
    rows = [RuleRecord(place=place, document=document) for place, document in enumerate(after)]
    await RuleRecord.bulk_create(rows, using_db=client)
    await note(client, done, [EVERYWHERE], changed({"rules": before}, {"rules": after}))
