"""How long work will still take, told from what was measured and from nothing else."""

import math
from typing import NamedTuple

MEASURED = 3
"""From so many units on a pace is told for sure. It is also how many units of earlier work count as much as what has
been measured now: after a few units, the pace of now is what is told."""


class Measured(NamedTuple):
    """So many units took so many seconds, whoever worked at once."""

    units: int
    seconds: float


class TimeLeft(NamedTuple):
    """Seconds until the end; `sure` when they follow from this work's own pace."""

    seconds: float
    sure: bool


def time_left(left: int, now: Measured, before: Measured | None = None) -> TimeLeft | None:
    """How long `left` units will take, by the pace `now` and that of work like it `before`; None without enough of
    either. A long wait for the first unit makes the answer longer, too."""
    weight = min(MEASURED, before.units) if before else 0
    if now.units + weight < MEASURED:
        return None
    known = before.seconds * weight / before.units if before and weight else 0.0
    return TimeLeft(left * (now.seconds + known) / (now.units + weight), now.units >= MEASURED)


def in_words(left: TimeLeft) -> str:
    """`2 minutes`, `1 hour 15 minutes`, `Less than a minute`; `About` stands before what is not sure."""
    if left.seconds < 60:
        return "Less than a minute" if left.sure else "About a minute"
    hours, minutes = divmod(math.ceil(left.seconds / 60), 60)
    parts = [_plural(hours, "hour")] * (hours > 0) + [_plural(minutes, "minute")] * (minutes > 0)
    return " ".join(parts if left.sure else ["About", *parts])


def _plural(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
