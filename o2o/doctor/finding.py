"""What `o2o doctor` says of one thing that it looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    FINE = "fine"
    MIND = "mind"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """`name` is what docs/operating.md explains; `advice` says what to do, where there is something to do."""

    name: str
    verdict: Verdict
    said: str
    advice: str = ""


def fine(name: str, said: str) -> Finding:
    return Finding(name, Verdict.FINE, said)


def mind(name: str, said: str, advice: str) -> Finding:
    return Finding(name, Verdict.MIND, said, advice)


def wrong(name: str, said: str, advice: str) -> Finding:
    return Finding(name, Verdict.WRONG, said, advice)


def worst(findings: Iterable[Finding]) -> Verdict:
    order = list(Verdict)
    return max((finding.verdict for finding in findings), key=order.index, default=Verdict.FINE)
