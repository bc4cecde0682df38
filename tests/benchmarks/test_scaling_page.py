"""docs/scaling.md says what follows from the recorded costs, in its tables and in its sentences, and nothing else."""

from dataclasses import replace
from typing import Final

from benchmarks.marks import MARK
from benchmarks.scaling import ground, live, page
from benchmarks.scaling.model import Demand, search_s
from benchmarks.scaling.simulation import Setup
from benchmarks.scaling.trials import trials
from benchmarks.sizes import Sizes
from booking.service.carrying import SOON_MS
from halls.stock.states import HOLD_MS
from o2o.kernel.archive import AT_REST, CHUNK
from tests.figures import NUMBER, missing, unbacked

TEXT: Final = page.PAGE.read_text()
SCALING: Final = page.read()
COSTS: Final = SCALING.costs
NATION: Final = Demand()
PROVINCE: Final = replace(NATION, halls=650)
VISIT: Final = 4  # changes of a line


def phrases() -> list[str]:
    return [*of_the_demand(), *of_measuring(), *of_limits(), *of_what_is_left()]


def of_the_demand() -> list[str]:
    average = NATION.acts_a_day * NATION.peak_hour / 3_600
    assert (NATION.acts / average, NATION.reads, NATION.searches, NATION.orders) == (1.5, 0.5, 0.125, 0.01)
    assert (NATION.displays_told, NATION.phones) == (5, 50 * NATION.halls)
    return [
        f"{NATION.halls:,} halls, {NATION.acts_a_day / 1e6:.0f} million changes",
        f"some {NATION.acts_a_day / VISIT / 1e6:.0f} million visits",
        f"{NATION.peak_hour:.0%} of them in the busiest hour".replace("%", " %"),
        f"{NATION.acts:,.0f} changes a second",
        f"{NATION.displays:,} displays, five in each hall",
        f"busier than {NATION.busy:.0%}".replace("%", " %"),
    ]


def of_measuring() -> list[str]:
    assert page.tables(SCALING, NATION)
    return [
        f"the least of {ground.ROUNDS} rounds",
        f"with {ground.ALL_HALLS} halls: {ground.CLIENTS} requests under way",
        f"{live.FIRST + live.COUNTED:,} phones connected",
        f"told to {live.SOCKETS} displays and to {live.SOCKETS} phones",
        f"plays {Setup(1, 1, 1).seconds:.0f} s of that minute",
    ]


def of_limits() -> list[str]:
    pause_s = (HOLD_MS - SOON_MS) / 1_000
    searches = [f"{1_000 * search_s(demand, COSTS):.0f} ms" for demand in (PROVINCE, NATION)]
    return [
        f"A search among {PROVINCE.halls} halls takes {searches[0]}, among {NATION.halls:,} {searches[1]}",
        f"made longer every {pause_s / 60:.0f} minutes, so that 50,000 of them are {50_000 / pause_s:.0f} changes",
        f"moves {CHUNK:,} rows a second, little more than come, and {AT_REST * CHUNK:,} while hardly any hall",
        f"for {NATION.night_h:.0f} hours of a day here",
        f"An order costs it as much as {COSTS.order_sql_us / COSTS.act_sql_us:.0f} changes",
    ]


def of_what_is_left() -> list[str]:
    return [f"with {Sizes().waiting:,} people in line", f"nobody has run {NATION.halls:,} halls"]


def test_the_page_has_the_tables_that_follow_from_the_recorded_costs() -> None:
    assert page.drawn(TEXT, SCALING) == TEXT


def test_the_page_names_each_table_once() -> None:
    names = page.tables(SCALING, NATION)

    assert [TEXT.count(MARK.format(name, page.PROGRAM)) for name in names] == [1] * 6


def test_the_page_says_what_the_model_says() -> None:
    assert missing(TEXT, phrases()) == []


def test_every_number_on_the_page_is_backed() -> None:
    assert unbacked(TEXT, phrases(), NUMBER) == []


def test_the_simulations_are_those_of_the_recorded_costs() -> None:
    assert trials(NATION, COSTS) == SCALING.trials


def test_ten_times_as_many_orders_would_be_most_of_postgresqls_work() -> None:
    assert 10 * NATION.orders * COSTS.order_sql_us > COSTS.act_sql_us


def test_the_archive_is_moved_a_little_faster_than_it_grows_and_catches_up_by_night() -> None:
    grows = 1.25 * NATION.acts_a_day

    assert 1 < CHUNK * 86_400 / grows < 1.5
    assert CHUNK * AT_REST * NATION.night_h * 3_600 > 2 * grows
