"""What a run found, for people and for programs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from o2o.replay.figures import Figures, percentile
from o2o.replay.history import History
from o2o.replay.judge import Verdict
from o2o.replay.plan import Shares
from o2o.replay.recording import LeftOut

# More sentences of one kind than this help nobody on a screen; the JSON has them all.
_SENTENCES_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Setting:
    """What was played, and how."""

    url: str
    halls: tuple[str, ...]
    queues: int
    left_out: tuple[LeftOut, ...]
    people: int
    seed: int
    speed: float | None
    shares: Shares


@dataclass(frozen=True, slots=True)
class Report:
    """`refused` and `unmet` are what a recorded day should never meet: they are as wrong as a lost ticket."""

    setting: Setting
    history: History
    verdict: Verdict
    figures: Figures
    seconds: float
    refused: tuple[str, ...]
    unmet: tuple[str, ...]

    @property
    def right(self) -> bool:
        return self.verdict.right and not self.refused and not self.unmet

    @property
    def tickets(self) -> int:
        return sum(ack.event == "ticket.issued" for ack in self.history.acks)

    @property
    def call_delays(self) -> list[float]:
        """Seconds from a call's request to its picture on the hall's display."""
        shown = {(screen.hall, event.version): event.at for screen in self.history.screens for event in screen.shown}
        calls = [ack for ack in self.history.acks if ack.event == "ticket.called"]
        return [shown[ack.hall, ack.version] - ack.sent for ack in calls if (ack.hall, ack.version) in shown]

    def findings(self) -> dict[str, Sequence[str]]:
        return {
            "lost": self.verdict.lost,
            "doubled": self.verdict.doubled,
            "out of order": self.verdict.out_of_order,
            "unequal": self.verdict.unequal,
            "refused": self.refused,
            "called nobody": self.unmet,
        }

    def as_json(self) -> dict[str, Any]:
        """Give everything but the history, with times in milliseconds."""
        return {
            "right": self.right,
            "setting": asdict(self.setting),
            "tickets": self.tickets,
            "changes": len(self.history.acks),
            "ends": dict(self._ends()),
            "seconds": round(self.seconds, 3),
            "requests": self.figures.requests,
            "repeats": dict(self.figures.repeats),
            "requests_per_s": round(self.figures.requests / self.seconds, 1),
            "tickets_per_s": round(self.tickets / self.seconds, 1),
            "answer_ms": _milliseconds(self.figures.latencies),
            "call_to_display_ms": _milliseconds(self.call_delays),
            "phones": len(self.history.phones),
            "display_snapshots": sum(len(screen.jumps) for screen in self.history.screens),
            "compared_with_sql": self.history.record is not None,
            "skipped_numbers": self.verdict.skipped,
            "findings": {name: list(sentences) for name, sentences in self.findings().items()},
        }

    def _ends(self) -> Counter[str]:
        return Counter(final.state if final else "not there" for final in self.history.finals.values())


def print_report(report: Report, console: Console) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _rows(report):
        table.add_row(name, value)
    console.print(table)
    for name, sentences in report.findings().items():
        for sentence in sentences[:_SENTENCES_SHOWN]:
            console.print(f"[red]{name}[/red]  {sentence}", highlight=False)
        if len(sentences) > _SENTENCES_SHOWN:
            console.print(f"[red]{name}[/red]  and {len(sentences) - _SENTENCES_SHOWN} more", highlight=False)
    if report.right:
        console.print("[green]Nothing lost, nothing doubled, all in order; everyone who watched saw the same.[/green]")
    else:
        console.print("[red]Something is wrong: see above.[/red]")


def _rows(report: Report) -> Iterator[tuple[str, str]]:
    setting, data = report.setting, report.as_json()
    yield "played", f"{', '.join(setting.halls)}: {setting.queues} queues, seed {setting.seed}"
    yield "pace", "as fast as the service bears" if setting.speed is None else f"{setting.speed:g} × real time"
    yield "left out", _left_out(setting.left_out)
    yield "seeded", _shares(setting.shares)
    yield "tickets", f"{report.tickets:,} of {setting.people:,} people; {_counts(data['ends'])}"
    yield "took", f"{report.seconds:.1f} s, {data['tickets_per_s']:,} tickets/s, {data['requests_per_s']:,} requests/s"
    yield "answers", _times(data["answer_ms"])
    yield "call to display", _times(data["call_to_display_ms"])
    yield "repeats", _counts(data["repeats"]) or "none"
    sql = " and SQL" if data["compared_with_sql"] else ""
    screens = len(report.history.screens)
    yield "compared", f"{screens} displays ({data['display_snapshots']} snapshots), {data['phones']} phones, HTTP{sql}"
    yield "found", "; ".join(f"{name} {len(some)}" for name, some in report.findings().items())
    yield "skipped numbers", str(report.verdict.skipped)


def _left_out(left_out: tuple[LeftOut, ...]) -> str:
    reasons = Counter(one.fault.value for one in left_out)
    return f"{len(left_out)} queues' days" + (f" ({_counts(reasons)})" if reasons else "")


def _shares(shares: Shares) -> str:
    parts = (
        ("absent", shares.absent),
        ("absent, then put back", shares.returned),
        ("sent behind the others", shares.deferred),
        ("left before called", shares.left),
        ("gave a phone number", shares.phone),
    )
    return ", ".join(f"{share:.0%} {name}" for name, share in parts)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in sorted(counts.items()))


def _times(milliseconds: dict[str, float | None]) -> str:
    return ", ".join(f"{name} {'–' if value is None else f'{value:.1f} ms'}" for name, value in milliseconds.items())


def _milliseconds(seconds: Sequence[float]) -> dict[str, float | None]:
    figures = {"p50": percentile(seconds, 0.5), "p99": percentile(seconds, 0.99)}
    return {name: None if value is None else round(value * 1000, 1) for name, value in figures.items()}
