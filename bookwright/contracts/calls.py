"""Provider calls: what identifies one, what it may cost, and how its answer is described."""

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import AssetId, BookId, JobId, OwnerId


class CallState(StrEnum):
    """The states of a ledger row, and of each attempt under it."""

    RESERVED = "reserved"
    SENT = "sent"
    SETTLED = "settled"
    REJECTED = "rejected"
    """Paid, but the answer is unusable."""
    FAILED = "failed"
    """Not paid."""
    AMBIGUOUS = "ambiguous"
    """Sent, and no answer recorded: it may have been paid."""
    FENCED = "fenced"
    """Answered after a newer attempt had taken over; kept, not used."""


class ProviderCall(Payload):
    """One request that may cost money, identified by what it asks for and not by who asks or when."""

    provider: str
    model: str
    operation: str
    input: dict[str, Any]
    """Canonical input: everything that changes the answer (text, voice, style, seed…), as plain JSON values."""
    max_cost_micros: int = Field(ge=0)
    """The most it can cost, in millionths of a US dollar."""
    take: int = Field(default=0, ge=0)
    """0; a redo or a re-ask after a bad answer is take 1, 2…"""

    @property
    def key(self) -> str:
        """SHA-256 over provider, model, operation, canonical input and take, in hexadecimal."""
        identity = [self.provider, self.model, self.operation, self.input, self.take]
        canonical = json.dumps(identity, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


class Usage(Payload):
    """Which unit of which book a call serves."""

    owner_id: OwnerId
    book_id: BookId
    job_id: JobId
    unit: str
    """Such as `page/7/narration/2`: the third clip of page 7's narration."""


class Holder(Payload):
    """Who is making a call: one activity, in its n-th attempt. A later attempt of the same activity takes its calls
    over at once, because Temporal starts it only after giving the earlier one up."""

    activity: str
    """What is being worked on, such as `book/…/1/chapter/2#2:9-16`; the same for every attempt at it."""
    attempt: int = Field(ge=1)


class RemoteTrace(Payload):
    """What is known of a job that an attempt created, or was about to create, at a provider."""

    token: str
    """Under which it is, or would have been, created."""
    external_id: str | None = None
    """None when the answer to its creation was never recorded: whether there is a job, the provider knows."""


class Reservation(Payload):
    """The right to make one attempt at a call. `fence` grows with each attempt; only the newest may settle."""

    owner_id: OwnerId
    call_id: str
    fence: int = Field(ge=1)
    max_cost_micros: int = Field(ge=0)
    trace: RemoteTrace | None = None
    """The job at the provider that an earlier attempt left behind, for this one to go on with. It is charged to this
    attempt now, and no more to that one."""


class Answer(Payload):
    """A settled call's answer: its bytes as an asset, the facts found in it, and what it cost."""

    asset: AssetId
    facts: dict[str, Any]
    """Small facts about the bytes, as plain JSON (a clip's duration and word timings)."""
    cost_micros: int = Field(ge=0)
    reused: bool = False
    """True when it had been bought before and nothing was paid now."""


class CallCounts(Payload):
    """The ledger's totals for one job."""

    calls: int = 0
    """Provider calls this job made (settled, rejected and ambiguous attempts)."""
    reused: int = 0
    """Uses of answers that were already there."""
    ambiguous: int = 0
    cost_micros: int = 0
    """Settled and rejected at their actual cost, ambiguous at their maximum."""
    saved_micros: int = 0
    """What the answers that were used again cost when they were bought."""


class LedgerRow(Payload):
    """One ledger row as an operator sees it."""

    call_id: str
    key: str
    provider: str
    model: str
    operation: str
    state: CallState
    attempts: int
    cost_micros: int
    created_at: datetime
