"""What is sent to addresses that users and operators name: webhooks of jobs' events, and alerts."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import OwnerId

NOBODY = OwnerId("")
"""The owner of what is sent to the operator. Rows of this owner are seen by the service alone."""
DAY_S = 24 * 3600


class WebhookEvent(StrEnum):
    """What a webhook can be told of."""

    STARTED = "job.started"
    PAUSED = "job.paused"
    """It stands still until somebody acts, or its provider takes calls again."""
    WAITING = "job.waiting_for_approval"
    COMPLETED = "job.completed"
    """It is done; `parts_missing` says whether something was left out."""
    FAILED = "job.failed"
    CANCELLED = "job.cancelled"


TEST = "webhook.test"
"""What the test button sends; every webhook gets it."""


class Outlet(StrEnum):
    """Where something is sent."""

    WEBHOOK = "webhook"
    CHAT = "chat"
    MAIL = "mail"


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    """It was answered with a status from 200 to 299."""
    FAILED = "failed"
    """It was given up."""


class DeliveryRun(Payload):
    """The single argument of `WebhookDelivery`, and of each of its attempts."""

    owner_id: OwnerId
    delivery_id: str
    last: bool = False
    """Whether no other attempt follows if this one fails."""


class Delivered(Payload):
    """What became of one attempt."""

    over: bool
    """Whether nothing is left to be done: it was taken or given up, or is not wanted any more."""
    wait_s: float = Field(default=0, ge=0, le=DAY_S)
    """At least so long the receiver asks to be left alone."""


class AlertKind(StrEnum):
    """What an operator is told of."""

    JOB_FAILED = "job_failed"
    DEAD_LETTER = "dead_letter"
    """A step of an audiobook has failed for good and waits to be restarted."""
    BUDGET_REACHED = "budget_reached"
    WEBHOOK_DISABLED = "webhook_disabled"
    NO_WORKER = "no_worker"
    """Tasks wait in a queue that nobody polls."""


class Alert(Payload):
    """Something that an operator should see: one for each cause and hour."""

    number: int
    kind: AlertKind
    cause: str
    """What makes two alerts the same: a kind of job with its error, a step, a user, a webhook or a queue."""
    message: str
    """One line, in our words: no text of anybody's book."""
    count: int
    """How often it happened within the hour."""
    user_id: OwnerId | None
    first_at: datetime
    last_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
