"""The demo's people, with fixed names so that scripts can sign in as them."""

from datetime import datetime
from typing import Final

from o2o.kernel.audit import PROGRAM
from o2o.kernel.clock import to_ms
from staff.passwords import verify_password
from staff.people import adding, hashed, prepare, setting_password, settle
from staff.queries import people, person_by_username
from staff.schemas import Right
from staff.sessions import By
from staff.states import EVERYWHERE, Role

_HALLS: Final = ("heping", "nankai")
_COUNTERS: Final = 4


def demo_people() -> dict[str, tuple[str, Right]]:
    """Username → name and right: `clerk1` … `clerk8`, four a hall, each at a counter; and one for each other role."""
    clerks = [(hall, counter) for hall in _HALLS for counter in range(1, _COUNTERS + 1)]
    people = {
        f"clerk{number}": (f"Clerk {number}", Right(Role.CLERK, hall, f"{hall}-{counter}"))
        for number, (hall, counter) in enumerate(clerks, start=1)
    }
    people["manager"] = ("Manager", Right(Role.MANAGER, "heping"))
    people["warehouse"] = ("Warehouse", Right(Role.WAREHOUSE, "tianjin"))
    people["province"] = ("Province", Right(Role.PROVINCE, "tianjin"))
    people["hq"] = ("Headquarters", Right(Role.HQ, EVERYWHERE))
    return people


async def load_demo_people(password: str, now: datetime) -> None:
    """Add who is missing. People who are there keep what they have, but the password, when that is another one now."""
    by = By(PROGRAM, to_ms(now))
    kept = await person_by_username("hq")
    changed = kept is not None and not await verify_password(kept.password_hash, password)
    there = {person.username for person in await people()}
    for username, (name, right) in demo_people().items():
        if username not in there:
            await settle(username, adding(await prepare(username, name, password, [right]), by))
        elif changed:
            await settle(username, setting_password(username, await hashed(password), by))
