"""A job's state in the words of each section of the contract."""

import math
from datetime import datetime
from typing import Literal

from bookwright.contracts.progress import JobState
from bookwright.store.books.standing import Pace, Standing

BookState = Literal["processing", "ready", "failed", "cancelled"]
MEASURED = 3
"""From so many units on their pace is told."""

_PROCESSING = {
    JobState.QUEUED: "pending",
    JobState.RUNNING: "processing",
    JobState.PAUSED: "processing",
    JobState.DONE: "completed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}
_BOOK: dict[JobState, BookState] = {
    JobState.DONE: "ready",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}
_WITHOUT_TIME = {
    JobState.QUEUED: "Waiting to start",
    JobState.PAUSED: "Paused",
    JobState.DONE: "Complete!",
    JobState.FAILED: "Failed",
    JobState.CANCELLED: "Cancelled",
}


def processing_status(state: JobState) -> str:
    """The state as sections 2 to 4 call it."""
    return _PROCESSING[state]


def book_state(state: JobState) -> BookState:
    """The state as sections 1 and 5 call it."""
    return _BOOK.get(state, "processing")


def time_remaining(standing: Standing, now: datetime) -> str:
    """How long the book will take, by how fast its pages, or then its files, came lately. Nothing is made up: before
    enough was measured it says so."""
    if words := _WITHOUT_TIME.get(standing.book.state):
        return words
    if standing.book.read_at is None:
        return "Reading the text"
    pace = standing.binding or standing.narrating
    seconds = _seconds_left(pace, now)
    return "Not known yet" if seconds is None else _in_words(seconds)


def _seconds_left(pace: Pace, now: datetime) -> float | None:
    if pace.since is None or pace.done < MEASURED or not pace.left:
        return None
    return pace.left * (now - pace.since).total_seconds() / pace.done


def _in_words(seconds: float) -> str:
    if seconds < 60:
        return "Less than a minute"
    minutes = math.ceil(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    parts = [_plural(hours, "hour")] * (hours > 0) + [_plural(minutes, "minute")] * (minutes > 0)
    return " ".join(parts)


def _plural(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
