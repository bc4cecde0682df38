"""One attempt at a write that a desk carries out."""

from dataclasses import dataclass
from typing import Any

from o2o.kernel.http import Operation
from o2o.kernel.journal import Command
from o2o.kernel.signing import digest


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a write: which operation, by whom (`customer`, `staff:clerk1`, `clock`), received when (ms)."""

    operation: Operation
    actor: str
    received: int

    def command(self, verb: str, args: dict[str, Any]) -> Command:
        """What a desk is asked to do in this attempt; arguments that are None are left out."""
        return Command(
            op=self.operation.id,
            verb=verb,
            body=self.operation.body,
            actor=self.actor,
            received=self.received,
            args={name: value for name, value in args.items() if value is not None},
        )

    def step(self, name: str) -> "Attempt":
        """A step of the same operation, always under the same id: who repeats the whole repeats each step of it."""
        op = Operation(digest(f"{self.operation.id}\n{name}".encode()), self.operation.body)
        return Attempt(op, self.actor, self.received)
