"""Breadth-first search over all interleavings, with the shortest trace of what it finds."""

import time
from collections import deque
from dataclasses import dataclass, field

from tests.model.hall import Hall
from tests.model.judge import broken
from tests.model.rules import Rules, Scenario
from tests.model.state import Process, State, ViolationError


@dataclass
class Search:
    """One experiment. `found` maps an invariant, "(a)", to what broke it and the steps that lead there."""

    rules: Rules
    scenario: Scenario
    limit: float = 120.0  # seconds
    live: bool = False  # look for states from which rest can't be reached
    found: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    finished: bool = True
    seconds: float = 0.0
    _states: list[State] = field(default_factory=list)
    _parents: list[int | None] = field(default_factory=list)
    _edges: list[tuple[int, int]] = field(default_factory=list)
    _quiet: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hall = Hall(self.rules, self.scenario)

    @property
    def states(self) -> int:
        return len(self._states)

    @property
    def verdict(self) -> str:
        nothing = "nothing" if self.finished else "nothing so far (time)"
        return "; ".join(text for text, _ in self.found.values()) or nothing

    def run(self) -> "Search":
        """Search until something is found, everything is seen, or time is up."""
        began = time.monotonic()
        self._states, self._parents = [self.hall.start()], [None]
        seen = {self._states[0]: 0}
        queue = deque([0])
        while queue and not self.found:
            if time.monotonic() - began > self.limit:
                self.finished = False
                break
            n = queue.popleft()
            for after in self._after(n):
                m = seen.get(after)
                if m is None:
                    m = seen[after] = len(self._states)
                    self._states.append(after)
                    self._parents.append(n)
                    if self._judge(m):
                        queue.append(m)
                if self.live:
                    self._edges.append((m, n))
        if self.live and self.finished and not self.found and "h" in self.scenario.judge:
            self._look_for_a_stuck_state()
        self.seconds = time.monotonic() - began
        return self

    def _after(self, n: int) -> list[State]:
        cut = self.hall.cut
        try:
            after = [self._canonical(state) for _, state in self.hall.steps(self._states[n])]
        except ViolationError as violation:
            if str(violation)[1] in self.scenario.judge:
                self._report(str(violation), n, "... and then the answer that differs")
            return []
        # Beyond a cut nothing is known, so it counts as coming to rest.
        if self.live and (self.hall.quiet(self._states[n]) or self.hall.cut > cut):
            self._quiet.append(n)
        return after

    def _judge(self, n: int) -> bool:
        texts = broken(self.hall, self._states[n])
        text = next((text for text in texts if text[1] in self.scenario.judge), None)
        if text:
            self._report(text, n)
        return text is None

    def _report(self, text: str, n: int, *last: str) -> None:
        self.found.setdefault(text[:3], (text, self._trace(n) + list(last)))

    def _look_for_a_stuck_state(self) -> None:
        back: list[list[int]] = [[] for _ in self._states]
        for to, start in self._edges:
            back[to].append(start)
        good, todo = set(self._quiet), list(self._quiet)
        while todo:
            for n in back[todo.pop()]:
                if n not in good:
                    good.add(n)
                    todo.append(n)
        stuck = next((n for n in range(len(self._states)) if n not in good), None)
        if stuck is not None:
            self._report("(h) from here the hall never comes to rest: something is repeated for ever", stuck)

    def _trace(self, n: int) -> list[str]:
        """Return the labels that lead to a state: replayed, since `_canonical` swaps the processes' names."""
        path = []
        at: int | None = n
        while at is not None:
            path.append(self._states[at])
            at = self._parents[at]
        labels = []
        state = path.pop()
        while path:
            goal = path.pop()
            label, state = next(step for step in self.hall.steps(state) if self._canonical(step[1]) == goal)
            labels.append(label)
        return labels

    def _canonical(self, state: State) -> State:
        """Swap the processes into one order, so that a state and its mirror image count once."""
        one, two, worker = state.procs
        if self.scenario.skew or not _swapped(one, two):
            return state
        wire = tuple((1 - i, op, listens) for i, op, listens in state.wire)
        return state._replace(procs=(two, one, worker), wire=wire)


def _swapped(one: Process, two: Process) -> bool:
    left = (one.phase[0], one.epoch, one.where, one.listens, one.attempt)
    right = (two.phase[0], two.epoch, two.where, two.listens, two.attempt)
    return left > right or (left == right and one.phase != two.phase and repr(one) > repr(two))
