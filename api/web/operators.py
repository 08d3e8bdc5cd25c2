"""The words of operators' pages."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from api.jobs.views import TYPES
from api.web.words import Said
from bookwright.contracts.orders import JobKind
from bookwright.contracts.progress import JobState
from bookwright.store import JobRow
from bookwright.store.bulk.store import BulkVerb
from bookwright.store.jobs.filters import QueueState

KINDS = {JobKind.STORY: "Stories", JobKind.IMAGE: "Pictures", JobKind.AUDIO: "Audio"}
"""What jobs of a kind make."""
STATES = {
    QueueState.WAITING: Said("Waiting"),
    QueueState.ACTIVE: Said("Running", "busy"),
    QueueState.DELAYED: Said("Delayed", "warn"),
    QueueState.PAUSED: Said("Paused", "warn"),
    QueueState.COMPLETED: Said("Done", "good"),
    QueueState.FAILED: Said("Failed", "bad"),
    QueueState.CANCELLED: Said("Cancelled"),
}
"""Where jobs stand."""
VERBS: Mapping[BulkVerb, tuple[str, str]] = {
    BulkVerb.RETRY: ("Retry", "Ordered again: what is missing is made by new jobs."),
    BulkVerb.RESUME: ("Resume", "They go on."),
    BulkVerb.PAUSE: ("Pause", "They finish what is under way and begin nothing new."),
    BulkVerb.CANCEL: ("Cancel", "They stop. What was made is kept."),
}
"""What can be done to jobs, and what comes of it."""
CAN: Mapping[QueueState | None, tuple[BulkVerb, ...]] = {
    None: tuple(VERBS),
    QueueState.WAITING: (BulkVerb.CANCEL,),
    QueueState.ACTIVE: (BulkVerb.PAUSE, BulkVerb.CANCEL),
    QueueState.DELAYED: (BulkVerb.RESUME, BulkVerb.PAUSE, BulkVerb.CANCEL),
    QueueState.PAUSED: (BulkVerb.RESUME, BulkVerb.CANCEL),
    QueueState.COMPLETED: (BulkVerb.RETRY,),
    QueueState.FAILED: (BulkVerb.RETRY,),
    QueueState.CANCELLED: (BulkVerb.RETRY,),
}
"""What can be done to jobs that stand there; None is anywhere."""


class Asked(NamedTuple):
    """A filter as the address of a page has it."""

    type: str = ""
    state: str = ""
    user: str = ""
    q: str = ""
    since: str = ""
    until: str = ""

    @property
    def parts(self) -> dict[str, str]:
        """What is asked, for an address."""
        return {name: value for name, value in self._asdict().items() if value}


def state_of(job: JobRow) -> QueueState:
    """Where a job stands, as the figures count it."""
    match job.state:
        case JobState.QUEUED:
            return QueueState.DELAYED if job.retries else QueueState.WAITING
        case JobState.RUNNING:
            return QueueState.DELAYED if job.paused_reason else QueueState.ACTIVE
        case JobState.PAUSED:
            return QueueState.PAUSED
        case JobState.DONE:
            return QueueState.COMPLETED
        case JobState.FAILED:
            return QueueState.FAILED
        case JobState.CANCELLED:
            return QueueState.CANCELLED


def type_name(kind: JobKind) -> str:
    """The kind of a job in an address."""
    return TYPES[kind]


def lasting(seconds: float | None) -> str:
    """How long something took, to two units."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def moment(text: str) -> datetime | None:
    """A time that was put in, UTC. Raises ValueError."""
    if not text:
        return None
    found = datetime.fromisoformat(text)
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    if not 1970 < found.year < 9000:
        raise ValueError("no time of ours")
    return found
