"""How pages say what the store knows."""

from datetime import datetime, timedelta
from typing import NamedTuple

from bookwright.contracts.progress import AWAITING_APPROVAL, JobState


class Said(NamedTuple):
    """A state in words, with the tone of its chip: good, warn, bad, busy or nothing."""

    text: str
    tone: str = ""


def standing(state: JobState, reason: str | None = None, warning: str | None = None) -> Said:
    """How a job stands, or a book by its newest one."""
    match state:
        case JobState.QUEUED:
            return Said("Waiting for its turn")
        case JobState.RUNNING:
            return Said("Being made", "busy")
        case JobState.PAUSED:
            return Said("Waits for your approval" if reason == AWAITING_APPROVAL else "Paused", "warn")
        case JobState.DONE:
            return Said("Ready, parts missing", "warn") if warning else Said("Ready", "good")
        case JobState.FAILED:
            return Said("Not finished", "bad")
        case JobState.CANCELLED:
            return Said("Cancelled")


def ago(moment: datetime, now: datetime) -> str:
    """How long ago something was, or the day when that is long."""
    past = now - moment
    if past < timedelta(minutes=1):
        return "just now"
    if past < timedelta(hours=1):
        return _many(past // timedelta(minutes=1), "minute") + " ago"
    if past < timedelta(days=1):
        return _many(past // timedelta(hours=1), "hour") + " ago"
    if past < timedelta(days=7):
        return _many(past // timedelta(days=1), "day") + " ago"
    return f"{moment.day} {moment:%B %Y}"


def size(count: int) -> str:
    """A file's size."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def money(usd: str) -> str:
    """An amount in US dollars as people write it; of less than a cent, as many digits as it needs."""
    amount = float(usd)
    return f"${amount:.2f}" if amount == 0 or amount >= 0.01 else f"${amount:.4f}".rstrip("0")


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
