"""Examples of webhooks and alerts."""

from typing import Any

_WEBHOOK_ID = "3b1f7c52-0c0e-4f0a-9a36-5b8f0c2d7e41"
_DELIVERY_ID = "a4f0d9be-8a0e-4d55-b1c2-77d2f6a1e930"
_JOB_ID = "5e0d7f0a-93f4-4c0e-8c55-1d2f6a3b9c20"
_BEGAN, _ENDED = "2026-03-01T09:00:00Z", "2026-03-01T09:01:30Z"
_WEBHOOK: dict[str, Any] = {
    "webhook_id": _WEBHOOK_ID,
    "number": 1,
    "url": "https://hooks.example.com/bookwright",
    "description": "the shop",
    "events": ["job.completed", "job.failed"],
    "enabled": True,
    "disabled_at": None,
    "disabled_reason": None,
    "failing_since": None,
    "rotating_until": None,
    "created_at": _BEGAN,
}
_DELIVERY: dict[str, Any] = {
    "delivery_id": _DELIVERY_ID,
    "number": 7,
    "event": "job.completed",
    "job_id": _JOB_ID,
    "state": "delivered",
    "attempts": 1,
    "status": 204,
    "error": None,
    "answer_ms": 41,
    "attempted_at": _ENDED,
    "created_at": _ENDED,
}
_ALERT: dict[str, Any] = {
    "number": 3,
    "kind": "job_failed",
    "cause": "0f3c",
    "message": "2 audio jobs have failed: the voice refused this text",
    "count": 2,
    "user_id": None,
    "first_at": _BEGAN,
    "last_at": _ENDED,
    "acknowledged_at": None,
    "acknowledged_by": None,
}
SCHEMAS: dict[str, Any] = {
    "Alert": _ALERT,
    "AlertList": {"alerts": [_ALERT], "next_cursor": None},
    "DeliveryFacts": _DELIVERY,
    "DeliveryList": {"deliveries": [_DELIVERY], "next_cursor": None},
    "MadeWebhook": {**_WEBHOOK, "secret": "the secret itself, which is shown this once"},
    "WebhookFacts": _WEBHOOK,
    "WebhookList": {"webhooks": [_WEBHOOK], "next_cursor": None},
}
PATHS = {"webhook": _WEBHOOK_ID, "delivery": _DELIVERY_ID, "alert": "3"}
