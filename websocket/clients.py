"""What every client of the streams keeps to, as one table: the terminal imports it, pages get it rendered."""

from typing import Final, NamedTuple


class Rules(NamedTuple):
    """Seconds."""

    silence: float = 38.0
    """The service beats each 15 s: after two and a half of silence the line is dead, whatever the socket believes."""
    first_wait: float = 0.5
    """The first pause before coming back. Each next one is twice as long, up to the longest; up to half is left off."""
    longest_wait: float = 30.0
    steady: float = 10.0
    """A connection that held this long was good: the next pause begins small again."""
    grace: float = 2.0
    """A line that is back sooner was hardly gone: nobody is told."""
    call: float = 4.0
    """Each call is shown and spoken for so long before the next one."""
    behind: float = 8.0
    """When calls come faster, nobody waits longer than this to be shown: those that wait are shown together."""
    news: float = 20.0
    """An older call is shown, not announced: the screen only learned of it late."""


RULES: Final = Rules()


def client_rules() -> dict[str, int]:
    """List the table for pages, in milliseconds: `{"silence": 38000, …}`."""
    return {name: round(seconds * 1000) for name, seconds in RULES._asdict().items()}
