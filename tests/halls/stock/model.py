"""Stock as a few numbers and a list of what is kept: what the service has to agree with, whatever happens to it."""

from dataclasses import dataclass, field

from tests.halls.stock.rooms import PLACES


@dataclass
class Kept:
    """A hold as the model has it, and what became of it."""

    id: str
    place: str
    quantity: int
    holder: str
    made_at: int
    ends_at: int
    state: str = "active"


@dataclass
class Model:
    """What is where. Everything that is held and allocated is in `kept`."""

    on_hand: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PLACES, 0))
    kept: list[Kept] = field(default_factory=list)

    def sum(self, place: str, state: str) -> int:
        return sum(one.quantity for one in self.kept if one.place == place and one.state == state)

    def available(self, place: str) -> int:
        return self.on_hand[place] - self.sum(place, "active") - self.sum(place, "allocated")

    def counts(self, place: str) -> tuple[int, int, int]:
        return self.on_hand[place], self.sum(place, "allocated"), self.sum(place, "active")

    def let_go(self, place: str, now: int) -> None:
        for one in self.kept:
            if one.place == place and one.state == "active" and one.ends_at <= now:
                one.state = "expired"
