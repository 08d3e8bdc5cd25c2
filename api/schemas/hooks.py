"""Webhooks of users, and alerts for operators."""

from typing import Annotated

from pydantic import ConfigDict, Field

from bookwright.contracts.base import Payload
from bookwright.contracts.deliveries import Alert, WebhookEvent
from bookwright.hooks import LONGEST_DESCRIPTION, LONGEST_URL
from bookwright.store.webhooks.records import DeliveryFacts, WebhookFacts

Url = Annotated[str, Field(min_length=8, max_length=LONGEST_URL, pattern=r"^https?://[^\x00-\x20\x7f]+$")]
Description = Annotated[str, Field(max_length=LONGEST_DESCRIPTION, pattern=r"^[^\x00-\x1f\x7f]*$")]
Events = Annotated[tuple[WebhookEvent, ...], Field(min_length=1, max_length=len(WebhookEvent))]
ALL = tuple(WebhookEvent)


class WebhookOrder(Payload):
    """A webhook to make."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://hooks.example.com/bookwright",
                    "description": "the shop",
                    "events": ["job.completed", "job.failed"],
                }
            ]
        }
    )
    url: Url
    """Where events are posted: http or https, and nothing on this machine or its network."""
    description: Description | None = None
    events: Events = ALL
    """What to tell of; everything when left out."""


class WebhookChange(Payload):
    """What is to be changed of a webhook; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"events": ["job.failed"], "enabled": True}]})
    url: Url | None = None
    description: Description | None = None
    events: Events | None = None
    enabled: bool | None = None
    """True enables one that was disabled; false disables it."""


class MadeWebhook(WebhookFacts):
    """A webhook with its secret."""

    secret: str
    """Signs its messages, `whsec_…`. It is shown here and never again."""


class WebhookList(Payload):
    """Webhooks, newest first."""

    webhooks: tuple[WebhookFacts, ...]
    next_cursor: str | None = None


class DeliveryList(Payload):
    """What a webhook was told, newest first."""

    deliveries: tuple[DeliveryFacts, ...]
    next_cursor: str | None = None


class AlertList(Payload):
    """Alerts, newest first."""

    alerts: tuple[Alert, ...]
    next_cursor: str | None = None
