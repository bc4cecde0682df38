"""The model's arithmetic, and a simulation that must agree with it."""

from dataclasses import replace

import msgspec
import pytest

from benchmarks.scaling.costs import Costs
from benchmarks.scaling.model import Demand, Plan, hearing, limits, plan, search_s, serving
from benchmarks.scaling.simulation import Setup, Simulation, Station

COSTS = Costs(
    bare_us=40, act_service_us=500, act_redis_us=150, act_sql_us=130, commit_ms=1.3, wal_bytes=2_300,
    sql_bytes=1_400, read_service_us=100, read_redis_us=0, display_frame_us=7, phone_frame_us=40, connect_us=500,
    idle_socket_us=3, socket_kib=25, heard_us=7, deliver_us=1.6, settle_hall_us=7, finder_us=700, finding_us=1_000,
    order_service_us=5_000, order_redis_us=500, order_sql_us=2_000, order_wal_bytes=20_000, order_sql_bytes=9_000,
    order_events=3,
)  # fmt: skip
SMALL = Demand(halls=200, acts_a_day=6e6, displays=1_000, phones=10_000)


def test_a_nations_busiest_minute_has_three_thousand_changes_a_second() -> None:
    assert Demand().acts == pytest.approx(3_000)
    assert Demand().displays_told == 5
    assert Demand(sigma=0).phones_told == 50


def test_as_many_processes_are_planned_as_keep_each_below_the_limit() -> None:
    planned = plan(SMALL, COSTS)

    work = sum(load.cores for load in serving(SMALL, COSTS))

    assert work / planned.bearing + hearing(SMALL, COSTS) <= SMALL.busy
    assert work / (planned.bearing - 1) + hearing(SMALL, COSTS) > SMALL.busy


def test_processes_are_added_until_all_sockets_are_back_in_time() -> None:
    quick, slow = (plan(replace(SMALL, back_s=back_s), COSTS) for back_s in (1, 600))

    assert quick.returning == quick.processes == 6
    assert slow.returning == 1
    assert slow.processes == slow.bearing


def test_no_number_of_processes_helps_when_hearing_alone_keeps_each_busy() -> None:
    with pytest.raises(OverflowError, match="announcements alone"):
        plan(Demand(), msgspec.structs.replace(COSTS, heard_us=200))


def test_the_busiest_of_many_halls_is_several_times_an_average_one() -> None:
    nation = Demand()

    assert nation.average_hall == pytest.approx(9)
    assert 5 < nation.busiest_hall / nation.average_hall < 15
    assert replace(nation, sigma=0).busiest_hall == pytest.approx(9)


def test_orders_take_cores_log_and_rows_of_their_own() -> None:
    bought = replace(SMALL, orders=0.1)
    none, some = (plan(replace(bought, orders=orders), COSTS) for orders in (0, 0.1))

    assert some.sql_gb_a_day - none.sql_gb_a_day == pytest.approx(6e6 * 0.1 * 9_000 / 1e9)
    assert some.wal_mb_a_second - none.wal_mb_a_second == pytest.approx(bought.acts * 0.1 * 0.02)
    assert some.bearing > none.bearing


@pytest.mark.parametrize(("times", "shards"), [(1, 1), (20, 3), (40, 4)])
def test_one_redis_is_planned_or_a_cluster_of_three_masters_and_more(times: int, shards: int) -> None:
    asked = replace(SMALL, acts_a_day=times * SMALL.acts_a_day, displays=0, phones=0)

    assert plan(asked, COSTS).shards == shards


def test_sockets_and_connections_are_those_of_all_processes() -> None:
    planned = plan(SMALL, COSTS)

    assert planned.sockets * planned.processes >= SMALL.phones + SMALL.displays
    assert planned.connections == 10 * (planned.processes + 2)


def test_what_ends_first_comes_first() -> None:
    times = [limit.times for limit in limits(Demand(), COSTS)]

    assert times == sorted(times)


def test_a_station_serves_in_order_on_as_many_servers_as_it_has() -> None:
    station = Station(2)

    assert [station.serve(0.0, 1.0) for _ in range(3)] == [1.0, 1.0, 2.0]
    assert station.serve(5.0, 0.5) == 5.5
    assert station.work == 3.5


@pytest.mark.parametrize("demand", [SMALL, replace(SMALL, sigma=0, searches=0)])
def test_the_simulated_parts_are_as_busy_as_the_model_says(demand: Demand) -> None:
    planned = plan(demand, COSTS)
    seen = Simulation(setup(planned), demand, COSTS).run()

    work = sum(load.cores for load in serving(demand, COSTS)) / planned.processes
    assert seen.process == pytest.approx(work + hearing(demand, COSTS), rel=0.05)
    assert seen.acts == pytest.approx(demand.acts * 10, rel=0.05)
    assert seen.late_s < 0.1


def test_an_overrun_plan_is_seen_to_be_late() -> None:
    planned = plan(SMALL, COSTS)

    seen = Simulation(setup(replace(planned, bearing=planned.processes // 2)), SMALL, COSTS).run()

    assert seen.late_s > 0.5


def test_a_long_search_keeps_others_waiting_however_little_is_busy() -> None:
    slow = msgspec.structs.replace(COSTS, finder_us=150_000)

    seen, slowed = (Simulation(setup(plan(SMALL, costs)), SMALL, costs).run() for costs in (COSTS, slow))

    assert search_s(SMALL, slow) > 0.1
    assert slowed.p99_ms > 10 * seen.p99_ms


def setup(planned: Plan) -> Setup:
    return Setup(planned.processes, planned.shards, planned.sql_cores)
