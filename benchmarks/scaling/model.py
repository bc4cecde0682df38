"""From demand and costs to machines: how busy each part is, and how many of it are needed. Arithmetic only."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, exp, sqrt
from statistics import NormalDist
from typing import Final

from benchmarks.scaling.costs import SEARCHED, Costs
from booking.rounds import TURN_S
from o2o.kernel.archive import AT_REST, CHUNK
from o2o.kernel.postgres import CONNECTIONS

US: Final = 1e-6
KIB: Final = 1_024
GB: Final = 1e9
MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
ACTS: Final = "changes of the line"
SEARCHES: Final = "searches for halls"
ORDERS: Final = "orders"
SQL_CORES: Final = 32
WORKERS: Final = 2
CLUSTER: Final = 3
ROWS: Final = 1.25  # Each act leaves an event, each visit of four acts a ticket. An order leaves events of its place.


@dataclass(frozen=True, slots=True)
class Demand:
    """What a national operator asks for. An act is one change of a line: a visit makes four or five.

    `burst` is the busiest minute of the peak hour over its average, `sigma` how unequal halls are (log-normal), `reads`
    and `searches` how often a page is read and a hall is searched for, per act, `orders` how often something is bought.
    No core is planned to be busier than `busy`. After an outage all sockets are back in `back_s`. Of a day's hours
    hardly any hall is in use for `night_h`.
    """

    halls: int = 20_000
    acts_a_day: float = 60e6
    peak_hour: float = 0.12
    burst: float = 1.5
    sigma: float = 0.6
    displays: int = 100_000
    phones: int = 1_000_000
    reads: float = 0.5
    searches: float = 0.125
    orders: float = 0.01
    busy: float = 0.6
    back_s: float = 60.0
    night_h: float = 8.0

    @property
    def acts(self) -> float:
        """Acts a second in the busiest minute."""
        return self.acts_a_day * self.peak_hour / HOUR_S * self.burst

    @property
    def displays_told(self) -> float:
        """Displays that an act is shown on: every hall has as many."""
        return self.displays / self.halls

    @property
    def phones_told(self) -> float:
        """Phones that an act is shown on: busy halls have more acts and more phones, both by their share."""
        return self.phones / self.halls * exp(self.sigma**2)

    @property
    def busiest_hall(self) -> float:
        """Acts of the busiest hall in that minute: so far out is the largest of so many."""
        beyond = NormalDist().inv_cdf(1 - 1 / self.halls)
        return self.average_hall * exp(self.sigma * beyond - self.sigma**2 / 2)

    @property
    def average_hall(self) -> float:
        return self.acts / self.halls * MINUTE_S


@dataclass(frozen=True, slots=True)
class Load:
    """What a part of the work takes: cores (1.0 is one core wholly busy), and which station does it."""

    name: str
    cores: float


def serving(demand: Demand, costs: Costs) -> list[Load]:
    """The work that all serving processes share."""
    acts = demand.acts
    sockets = demand.displays + demand.phones
    return [
        Load(ACTS, acts * costs.act_service_us * US),
        Load("reads of tickets and halls", acts * demand.reads * costs.read_service_us * US),
        Load(SEARCHES, acts * demand.searches * search_s(demand, costs)),
        Load(ORDERS, acts * demand.orders * costs.order_service_us * US),
        Load("events to displays", acts * demand.displays_told * costs.display_frame_us * US),
        Load("events to waiting phones", acts * demand.phones_told * costs.phone_frame_us * US),
        Load("heartbeats of sockets", sockets * costs.idle_socket_us * US),
    ]


def hearing(demand: Demand, costs: Costs) -> float:
    """Cores that each process spends on announcements of halls that nobody watches in it."""
    return demand.acts * costs.heard_us * US


def search_s(demand: Demand, costs: Costs) -> float:
    """Seconds of a core that one search takes.

    Those in a band of latitude are looked at, as wide as the nearest are far: of four times as many, twice as many.
    """
    return (costs.finder_us + costs.finding_us * sqrt(demand.halls / SEARCHED)) * US


@dataclass(frozen=True, slots=True)
class Plan:
    """How many of everything: `bearing` processes bear the minute, `returning` take all sockets back in time."""

    bearing: int
    returning: int
    shards: int
    sql_cores: int
    worker: float
    all_sockets: int
    memory_gb: float
    sql_gb_a_day: float
    wal_mb_a_second: float

    @property
    def processes(self) -> int:
        return max(self.bearing, self.returning)

    @property
    def sockets(self) -> int:
        """Of each process."""
        return ceil(self.all_sockets / self.processes)

    @property
    def connections(self) -> int:
        """To PostgreSQL, if every process opens as many as it may."""
        return CONNECTIONS * (self.processes + WORKERS)


def plan(demand: Demand, costs: Costs) -> Plan:
    """What demand needs at these costs. Raises OverflowError when hearing alone keeps every process busy."""
    bearing = _bearing(demand, costs)
    sockets = demand.displays + demand.phones
    returning = ceil(sockets * costs.connect_us * US / demand.back_s)
    return Plan(
        bearing=bearing,
        returning=returning,
        shards=_shards(_redis(demand, costs, max(bearing, returning)) / demand.busy),
        sql_cores=max(1, ceil(_sql(demand, costs) / demand.busy)),
        worker=_looks(demand) * costs.settle_hall_us * US,
        all_sockets=sockets,
        memory_gb=sockets * costs.socket_kib * KIB / GB,
        sql_gb_a_day=demand.acts_a_day * (costs.sql_bytes + demand.orders * costs.order_sql_bytes) / GB,
        wal_mb_a_second=demand.acts * (costs.wal_bytes + demand.orders * costs.order_wal_bytes) / 1e6,
    )


def _shards(cores: float) -> int:
    """One Redis where it does; a cluster has three masters at least."""
    return 1 if cores <= 1 else max(CLUSTER, ceil(cores))


def _looks(demand: Demand) -> float:
    """Halls that the job `settle` looks at in a second: those that have fallen quiet after an act, and some in turn."""
    return demand.acts + demand.halls / TURN_S


def _bearing(demand: Demand, costs: Costs) -> int:
    room = demand.busy - hearing(demand, costs)
    if room <= 0:
        raise OverflowError("announcements alone keep each process busy")
    return ceil(sum(load.cores for load in serving(demand, costs)) / room)


def _redis(demand: Demand, costs: Costs, processes: int) -> float:
    """Scripts and reads, and each announcement to each process."""
    own = costs.act_redis_us + demand.reads * costs.read_redis_us + processes * costs.deliver_us
    return demand.acts * (own + demand.orders * costs.order_redis_us) * US


def _sql(demand: Demand, costs: Costs) -> float:
    """Cores for the rows of acts and orders."""
    return demand.acts * (costs.act_sql_us + demand.orders * costs.order_sql_us) * US


@dataclass(frozen=True, slots=True)
class Limit:
    """Where a part of the plan ends: at so many times the demand, everything else growing with it."""

    name: str
    times: float
    because: str


def limits(demand: Demand, costs: Costs) -> list[Limit]:
    """What can't be had more of, the nearest first."""
    return sorted(_limits(demand, costs), key=lambda limit: limit.times)


def _limits(demand: Demand, costs: Costs) -> Iterator[Limit]:
    worker = _looks(demand) * costs.settle_hall_us * US
    yield Limit("the job that looks at halls", 1 / worker, "one process does it, each second")
    yield Limit("hearing of every hall", demand.busy / hearing(demand, costs), "each process hears all announcements")
    rows = demand.acts_a_day * (ROWS + demand.orders * costs.order_events)
    moved = CHUNK * (DAY_S + demand.night_h * HOUR_S * (AT_REST - 1))
    yield Limit("moving old days away", moved / rows, f"{CHUNK:,} rows a second at most, {AT_REST * CHUNK:,} by night")
    yield Limit("one PostgreSQL machine", SQL_CORES * demand.busy / _sql(demand, costs), "with 32 cores")
