"""One attempt at a write that a desk carries out."""

from dataclasses import dataclass

from o2o.kernel.http import Operation
from o2o.kernel.signing import digest


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a write: which operation, by whom (`customer`, `staff:clerk1`, `clock`), received when (ms)."""

    operation: Operation
    actor: str
    received: int

    def step(self, name: str) -> "Attempt":
        """A step of the same operation, always under the same id: who repeats the whole repeats each step of it."""
        op = Operation(digest(f"{self.operation.id}\n{name}".encode()), self.operation.body)
        return Attempt(op, self.actor, self.received)
