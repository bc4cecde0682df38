"""The demo: halls, a warehouse, products, stock and people with fixed names, in a database that holds nothing else."""

from dataclasses import dataclass

from halls.demo import DEMO_HALLS
from halls.service import Directory, put_hall
from halls.stock.demo import DEMO_WAREHOUSES, load_demo_stock, missing
from halls.stock.places import Places
from o2o.checks import ensure_ready
from o2o.kernel.audit import PROGRAM
from o2o.kernel.clock import Clock, system_clock
from o2o.kernel.database import open_database
from o2o.kernel.migrating import migrate
from o2o.kernel.redis import open_redis
from o2o.kernel.settings import Settings
from o2o.kernel.signing import Signer
from orders.demo import DEMO_PRODUCTS, load_demo_products
from orders.products import all_skus
from qr.service import code_for_hall
from staff.demo import demo_people, load_demo_people
from staff.queries import people


class NotADemoError(RuntimeError):
    """The database holds something that the demo did not put there, so the demo's public sign-ins must not reach it."""

    def __init__(self, found: list[str]) -> None:
        shown = ", ".join(found[:5]) + (" …" if len(found) > 5 else "")  # noqa: PLR2004 - enough to recognise it
        super().__init__(
            f"this database holds more than the demo's data ({shown}), and the demo's password is public: "
            "start it with `o2o serve`, or give the demo another folder with O2O_DATA_DIR"
        )


@dataclass(frozen=True, slots=True)
class SignIn:
    username: str
    name: str
    place: str


async def prepare_demo(settings: Settings, clock: Clock = system_clock) -> str:
    """Migrate, load what is missing of the demo's data, and give the code on the door of Heping hall.

    Raises NotADemoError, and what `ensure_ready` raises, before anything is written.
    """
    settings.make_data_dir()
    await migrate(settings.database_url)
    await ensure_ready(settings)
    async with open_database(settings.database_url):
        directory = Directory()
        halls = {hall.id for hall in await directory.all()}
        found = sorted(halls - set(DEMO_HALLS))
        found += [person.username for person in await people() if person.username not in demo_people()]
        found += [sku for sku in await all_skus() if sku not in DEMO_PRODUCTS]
        places = Places(directory)
        found += [place.id for place in await places.warehouses() if place.id not in DEMO_WAREHOUSES]
        if found:
            raise NotADemoError(found)
        for hall_id, hall in DEMO_HALLS.items():
            if hall_id not in halls:
                await put_hall(directory, hall_id, hall, now=clock(), actor=PROGRAM)
        await load_demo_products(clock())
        if await missing():  # Decided in Redis like all that a place has, which is opened for it alone.
            async with open_redis(settings.redis_url, settings.data_dir) as redis:
                await load_demo_stock(places, redis, clock)
        await load_demo_people(settings.demo_password, clock())
        return (await code_for_hall(Signer(settings.secret_keys), "heping", now=clock())).text


def sign_ins() -> list[SignIn]:
    """Who may sign in, and where they work."""
    return [
        SignIn(username, name, right.counter or ("" if right.scope == "*" else right.scope))
        for username, (name, right) in demo_people().items()
    ]
