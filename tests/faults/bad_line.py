"""A hall, a display that follows it, and between them a line that loses, doubles, delays and reorders frames."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol

import msgspec
from hypothesis import strategies as st

from booking.picture import Change
from tests.booking.announcer import Announcer
from tests.websocket.places import HALL
from websocket import frames, views
from websocket.views import About

ABOUT: Final = About(hall=HALL, open=True, join_url="http://o2o/q/x", qr="/qr/x.svg")
RESUMED_AT_MOST: Final = 4
"""Few, so that both ways to catch up are gone: the events that were missed, and a snapshot."""
SEEN: Final = ("id", "number", "service", "counter", "calls", "state")

Place = tuple[int, int]
Shown = dict[str, Any]
Step = tuple[str, int]

VERBS: Final[Sequence[Callable[[Announcer, int], Change]]] = (
    lambda hall, _: hall.issue(),
    lambda hall, n: hall.move("called", n, "c1"),
    lambda hall, n: hall.move("called", n, "c2"),
    lambda hall, n: hall.move("recalled", n),
    lambda hall, n: hall.move("serving", n),
    lambda hall, n: hall.move("completed", n),
    lambda hall, n: hall.move("requeued", n),
    lambda hall, n: hall.move("no_show", n),
    lambda hall, _: hall.open("c1"),
    lambda hall, n: hall.pause(calling=n % 2 == 0),
)
FAULTS: Final = ("is_lost", "is_doubled", "is_late", "breaks", "begins_anew", "comes_from_before", "beats")
STEPS: Final[st.SearchStrategy[list[Step]]] = st.lists(
    # Half of the time all goes well, else hardly anything would ever be shown.
    st.tuples(st.sampled_from(["happens", "arrives"] * 4 + list(FAULTS)), st.integers(0, 10 * len(VERBS) - 1)),
    min_size=20,
    max_size=100,
)


class Seen(NamedTuple):
    """A display as it stands: whether it listens, up to where it knows the hall (None: not at all), what people see."""

    listens: bool
    at: Place | None
    shown: Shown


class Display(Protocol):
    """A client of the stream, without its network."""

    def connect(self) -> str:
        """Come (back), and give what the display has, as its address says it."""

    def hear(self, frame: str, *, before: bool = False) -> Seen:
        """Get a frame; `before` says that it comes from the connection before this one."""

    def hang_up(self) -> None:
        """The connection breaks."""


class Service:
    """The hall's history, and what the service says of it (websocket/live_hall.py), in the service's own frames."""

    def __init__(self) -> None:
        self._hall = Announcer()
        self._events: dict[Place, str] = {}

    @property
    def at(self) -> Place:
        return self._hall.epoch, self._hall.version

    def happens(self, n: int) -> str:
        verb, nth = n % len(VERBS), n // len(VERBS)
        change, picture = VERBS[verb](self._hall, nth), self._hall.snapshot()
        board = msgspec.json.encode(views.board(ABOUT, picture, picture.order(HALL, 0)))
        event = frames.EventFrame(self._hall.epoch, change, ABOUT.zone).with_members(board=board)
        return self._events.setdefault(self.at, event.decode())

    def begins_anew(self) -> str:
        self._hall.new_epoch()
        return self.snapshot()

    def answer(self, since: str) -> list[str]:
        known = frames.said_in(f"since={since}".encode())
        assert known, f"no address says {since}"
        epoch, version = self.at
        if known.epoch != str(epoch) or not 0 <= version - known.version <= RESUMED_AT_MOST:
            return [self.snapshot()]
        missed = [(epoch, one) for one in range(known.version + 1, version + 1)]
        if any(place not in self._events for place in missed):
            return [self.snapshot()]
        return [self._events[place] for place in missed] or [self.heartbeat()]

    def heartbeat(self) -> str:
        return frames.heartbeat(self._hall.snapshot()).decode()

    def has_been(self, at: Place) -> bool:
        return at in self._hall.kept

    def snapshot(self, at: Place | None = None) -> str:
        picture = self._hall.snapshot(at)
        return frames.snapshot(picture, views.hall_state(ABOUT, picture, picture.order(HALL, 0))).decode()


class Line:
    """What is under way to the display, and the rules: it never goes back, and shows what was so where it stands."""

    def __init__(self, service: Service, display: Display) -> None:
        self._service = service
        self._display = display
        self._under_way: list[str] = []
        self._before: list[str] = []
        self._at: Place = (0, 0)
        self._connect()

    def happens(self, n: int) -> None:
        self._under_way.append(self._service.happens(n))

    def begins_anew(self, _: int) -> None:
        self._under_way.append(self._service.begins_anew())

    def beats(self, _: int) -> None:
        self._under_way.append(self._service.heartbeat())

    def arrives(self, _: int) -> None:
        if self._under_way:
            self._hears(self._under_way.pop(0))

    def is_lost(self, n: int) -> None:
        if self._under_way:
            self._under_way.pop(n % len(self._under_way))

    def is_doubled(self, n: int) -> None:
        if self._under_way:
            self._under_way.append(self._under_way[n % len(self._under_way)])

    def is_late(self, n: int) -> None:
        if self._under_way:
            self._under_way.append(self._under_way.pop(n % len(self._under_way)))

    def breaks(self, _: int) -> None:
        self._display.hang_up()
        self._connect()

    def comes_from_before(self, n: int) -> None:
        """A frame of the connection before this one was still somewhere."""
        if self._before:
            self._hears(self._before.pop(n % len(self._before)), before=True)

    def settles(self) -> Place:
        """Nothing is lost any more: what is under way arrives, and a heartbeat; and what a gap that it shows asks for.

        Gives where the display stands then.
        """
        self.beats(0)
        while self._under_way:
            self.arrives(0)
        return self._at

    def _connect(self) -> None:
        self._before, self._under_way = self._under_way, self._service.answer(self._display.connect())

    def _hears(self, frame: str, *, before: bool = False) -> None:
        listens, at, shown = self._display.hear(frame, before=before)
        if at:
            assert at >= self._at, f"went back from {self._at} to {at}"
            assert self._service.has_been(at), f"stands at {at}, where nothing ever was"
            assert shown == _so(self._service.snapshot(at)), f"shows what was not so at {at}"
            self._at = at
        if not listens:
            self._connect()


def follow(display: Display, steps: Sequence[Step]) -> None:
    """Let all this happen to the display. Raises AssertionError where it breaks a rule, or is not right after quiet."""
    service = Service()
    line = Line(service, display)
    for what, n in steps:
        getattr(line, what)(n)
    assert line.settles() == service.at, "not right after quiet"


def shown_in(state: Shown) -> Shown:
    """What people see of a state of the stream."""
    rows = {name: [[row[one] for one in SEEN] for row in state[name]] for name in ("calling", "calls")}
    return rows | {name: state[name] for name in ("waiting", "next", "head_count", "pause")}


def _so(snapshot: str) -> Shown:
    return shown_in(json.loads(snapshot)["state"])
