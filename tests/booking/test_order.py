"""Who is called before whom: what a screen shows of it, and that a long line costs no more than its length."""

from typing import Final, NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from booking.order import Fairness, Order
from booking.profiles import profiles_of
from halls.assembly import assemble
from tests.booking.halls import hall_input

SERVICES: Final = ("sim", "bill", "repair", "gifts")
CLASSES: Final = ("standard", "priority")
HALL: Final = assemble(
    "heping",
    hall_input(
        services=[{"id": name, "prefix": name[0].upper(), "name": name} for name in SERVICES],
        counters=[
            {"id": "h-1", "name": "1", "services": ["sim", "bill"]},
            {"id": "h-2", "name": "2", "services": ["bill", "repair"]},
            {"id": "h-3", "name": "3", "services": ["sim", "bill"]},
        ],
        rules={"classes": list(CLASSES)},
    ),
    rev=1,
)
COUNTERS: Final = ("h-1", "h-2", "h-3", "gone")


class Row(NamedTuple):
    id: str
    service: str
    class_: str
    turn: float
    bound: str | None


def order(rows: list[Row], calls: int = 0, overdue: float = 5.0, open_: frozenset[str] = frozenset()) -> Order[Row]:
    shares = {profile.id: calls for profile in profiles_of(HALL.counters)}
    return Order(HALL, rows, Fairness("standard", 2, overdue), shares, open_)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(SERVICES),
        st.sampled_from(CLASSES),
        st.integers(0, 12),
        st.one_of(st.none(), st.none(), st.sampled_from(COUNTERS)),
    ),
    max_size=25,
).map(lambda some: [Row(f"t{n:02d}", *row) for n, row in enumerate(some)])


@given(
    rows=ROWS,
    calls=st.integers(0, 3),
    overdue=st.integers(-1, 8),
    open_=st.frozensets(st.sampled_from(COUNTERS)),
    most=st.integers(0, 6),
)
def test_the_first_of_a_line_are_those_whom_the_fewest_are_before(
    rows: list[Row], calls: int, overdue: int, open_: frozenset[str], most: int
) -> None:
    seen = order(rows, calls, overdue, open_)
    for services in ({"sim"}, {"gifts"}, {"sim", "repair"}):
        mine = [row for row in rows if row.service in services]
        expected = sorted(mine, key=lambda row: (seen.ahead[row.id], row.turn, row.id))

        assert seen.line(services) == expected
        assert seen.line(services, most) == expected[:most]


class Counted(Row):
    """A row that counts how often somebody asks for its service."""

    asked = 0

    @override
    def __getattribute__(self, name: str) -> object:
        if name == "service":
            Counted.asked += 1
        return super().__getattribute__(name)


def looks(people: int) -> int:
    """How often a row is looked at for what a screen shows of such a line, and for everybody's place."""
    Counted.asked = 0
    seen = order([Counted(f"t{n:05d}", SERVICES[n % 4], "standard", float(n), None) for n in range(people)])
    for service in SERVICES:
        seen.line({service}, 5)
    assert len(seen.ahead) == people
    return Counted.asked


def test_ten_times_as_many_are_ten_times_the_work() -> None:
    """Once it was a hundred times: a hall where thousands waited, and a screen looked on, gave nobody a turn."""
    assert looks(2_000) < 11 * looks(200)
