"""How pages say what the store knows."""

from datetime import datetime, timedelta
from typing import NamedTuple

from bookwright.contracts.orders import Edition, JobKind, Track
from bookwright.contracts.progress import AWAITING_APPROVAL, JobState, StageName

EDITIONS = {
    Edition.PDF: ("PDF", "To read and to print"),
    Edition.EPUB: ("E-book", "EPUB; its words light up as they are read"),
    Edition.M4B: ("Audiobook", "M4B, one file with chapters"),
    Edition.MP3: ("MP3 chapters", "Also as a podcast feed"),
    Edition.M4B_AMBIENCE: ("Audiobook with ambience", "M4B; needs ambient sound"),
    Edition.ACX: ("MP3 for ACX", "As audiobook shops take it"),
    Edition.BUNDLE: ("Everything", "A ZIP of all the others"),
}
"""What editions are called, and what they are for."""
KINDS = {JobKind.STORY: "Story", JobKind.IMAGE: "Pictures", JobKind.AUDIO: "Narration"}
"""What kinds of jobs make."""
STAGES = {
    StageName.CHARACTERS: "Meeting the characters",
    StageName.ENHANCEMENT: "Settling how they look",
    StageName.STORY: "Writing the story",
    StageName.TEXT: "Reading the text",
    StageName.READING: "Reading scanned pages",
    StageName.NARRATION: "Narrating",
    StageName.ANALYSIS: "Finding scenes",
    StageName.ILLUSTRATIONS: "Illustrating",
    StageName.VALIDATION: "Checking the pictures",
    StageName.SOUNDSCAPE: "Ambient sound",
    StageName.BINDING: "Binding the files",
}
"""What is done in a job's stages."""
TRACKS = {
    Track.NARRATION: "Narration",
    Track.ILLUSTRATIONS: "Picture",
    Track.SOUNDSCAPE: "Ambient sound",
}
"""What a page has besides its text."""


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
