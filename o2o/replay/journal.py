"""Collects what the service acknowledged while a run goes on."""

from dataclasses import dataclass, field

from o2o.replay.client import Answer
from o2o.replay.history import Ack


@dataclass(slots=True)
class Journal:
    """`tokens` own the tickets; `refusals` and `unmet` (calls that found nobody) should have no entries."""

    acks: list[Ack] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)

    def note(self, event: str, answer: Answer, *, counter: str | None = None, to: str | None = None) -> None:
        ticket = answer.data
        self.acks.append(
            Ack(
                hall=ticket["hall"],
                event=event,
                ticket=ticket["id"],
                number=ticket["number"],
                service=ticket["service"],
                state=ticket["state"],
                version=ticket["version"],
                counter=counter,
                to=to,
                sent=answer.sent,
            )
        )
