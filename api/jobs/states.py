"""A job's state in the words of each section of the contract."""

from datetime import datetime
from typing import Literal

from bookwright.contracts.progress import JobState
from bookwright.store.books.standing import Pace, Standing
from bookwright.text.remaining import Measured, TimeLeft, in_words, time_left

BookState = Literal["processing", "ready", "failed", "cancelled"]

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
    """How long the book will take, by how fast its pages, or then its files, came lately, and before enough of them
    came by earlier books of the same voice provider. Nothing is made up: without either it says so."""
    book, earlier = standing.book, standing.earlier
    if words := _WITHOUT_TIME.get(book.state):
        return words
    if book.read_at is None:
        return "Reading the text"
    if book.reason:  # it runs, and waits for somebody else
        return "Waiting for a provider"
    if standing.binding is not None:
        left = _left(standing.binding, now, None)
    else:
        before = Measured(earlier.pages, earlier.narrating_s) if earlier else None
        left = _left(standing.narrating, now, before)
    if left is None:
        return "Not known yet"
    if earlier is not None and standing.binding is None:  # the files are bound after the last page
        left = left._replace(seconds=left.seconds + book.pages * earlier.after_s / earlier.pages)
    return in_words(left)


def _left(pace: Pace, now: datetime, before: Measured | None) -> TimeLeft | None:
    seconds = (now - pace.since).total_seconds() if pace.since else 0.0
    return time_left(pace.left, Measured(pace.done, seconds), before) if pace.left else None
