"""What the store answers about webhooks."""

from datetime import datetime

from bookwright.contracts.base import Payload
from bookwright.contracts.deliveries import DeliveryState, WebhookEvent
from bookwright.contracts.ids import JobId, OwnerId


class WebhookFacts(Payload):
    """An address that is told of events, without its secret."""

    webhook_id: str
    number: int
    url: str
    description: str | None
    events: tuple[WebhookEvent, ...]
    enabled: bool
    disabled_at: datetime | None
    disabled_reason: str | None
    failing_since: datetime | None
    """The first attempt that failed since one did not."""
    rotating_until: datetime | None
    """Until then the secret before the present one signs too."""
    created_at: datetime


class NewWebhook(Payload):
    """A webhook with a secret that was just made."""

    facts: WebhookFacts
    secret: str


class DeliveryFacts(Payload):
    """What has become of one message."""

    delivery_id: str
    """Also the message's id: `webhook-id`."""
    number: int
    event: str
    job_id: JobId | None
    state: DeliveryState
    attempts: int
    status: int | None
    """Of the last answer; none when there was no answer."""
    error: str | None
    answer_ms: int | None
    attempted_at: datetime | None
    created_at: datetime


class Waiting(Payload):
    """A delivery in the outbox."""

    owner_id: OwnerId
    delivery_id: str
    turn: int
    event: str
    whose: str
    """The webhook, or the outlet: none of these is to keep the others waiting."""
