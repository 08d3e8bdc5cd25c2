"""How a limit is divided, how it falls when a provider refuses calls, and how it recovers. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

RECOVERY = timedelta(seconds=5)
"""After each such time without a refusal one step of calls at once is added again."""
STEPS = 16
"""Steps from nothing to the ceiling, each of one call at least."""
TOGETHER = timedelta(seconds=1)
"""Refusals this close are of one burst: they halve the limit once."""
TURN_S = 10
"""When there are more processes than calls at once, it is others' turn after so many seconds."""


def bearable(ceiling: int, allowed: int | None, refused_at: datetime | None, now: datetime) -> int:
    """Calls at once that a provider bears now: what it bore after its last refusal, and a step more for each
    RECOVERY since, up to the ceiling."""
    if allowed is None or refused_at is None:
        return ceiling
    steps = max(now - refused_at, timedelta()) // RECOVERY
    return min(ceiling, allowed + steps * max(ceiling // STEPS, 1))


def halved(limit: int) -> int:
    """What is left of a limit that proved too high."""
    return max(limit // 2, 1)


def divided(limit: int, wanted: Mapping[str, int], now: datetime) -> dict[str, int]:
    """Each holder's part of a limit: nobody who wants it gets less than another who gets more than that one wants.
    What nobody wants is spread over all, so that work that comes in finds room."""
    first = int(now.timestamp() // TURN_S) % len(wanted)
    by_name = sorted(wanted)
    order = by_name[first:] + by_name[:first]
    parts = dict.fromkeys(order, 0)
    left = limit
    for most in (wanted, dict.fromkeys(order, limit)):
        while left and (open_to := [holder for holder in order if parts[holder] < most[holder]]):
            each = max(left // len(open_to), 1)
            for holder in open_to:
                more = min(each, most[holder] - parts[holder], left)
                parts[holder] += more
                left -= more
    return parts
