"""The outbox of webhooks: what is to be delivered is written in the transaction of the event that it tells of."""

import json
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bookwright.contracts.deliveries import DeliveryState, Outlet, WebhookEvent
from bookwright.contracts.progress import AWAITING_APPROVAL, JobState
from bookwright.store.database.columns import utcnow
from bookwright.store.jobs.records import EventKind
from bookwright.store.tables import books, jobs
from bookwright.store.webhooks.tables import deliveries, webhooks

_ENDS = {
    JobState.DONE: WebhookEvent.COMPLETED,
    JobState.FAILED: WebhookEvent.FAILED,
    JobState.CANCELLED: WebhookEvent.CANCELLED,
}
_STATUS = {
    WebhookEvent.STARTED: "processing",
    WebhookEvent.PAUSED: "paused",
    WebhookEvent.WAITING: "waiting_for_approval",
    WebhookEvent.COMPLETED: "completed",
    WebhookEvent.FAILED: "failed",
    WebhookEvent.CANCELLED: "cancelled",
}
_LISTENING = sa.select(webhooks.c.id, webhooks.c.events).where(
    webhooks.c.owner_id == sa.bindparam("owner"), webhooks.c.disabled_at.is_(None)
)
_FACTS = (
    sa.select(
        jobs.c.number,
        jobs.c.kind,
        jobs.c.generation,
        jobs.c.retries,
        jobs.c.book_id,
        books.c.number.label("book_number"),
        books.c.pages,
    )
    .join(books, sa.and_(books.c.owner_id == jobs.c.owner_id, books.c.id == jobs.c.book_id))
    .where(jobs.c.owner_id == sa.bindparam("owner"), jobs.c.id == sa.bindparam("job"))
)


def tell_webhooks(
    connection: sa.Connection, owner: str, job: str, seq: int, kind: EventKind, data: dict[str, Any]
) -> None:
    """Put a message for each webhook of the owner that wants this event of a job into the outbox."""
    event = _told(kind, data)
    if event is None:
        return
    listening = connection.execute(_LISTENING, {"owner": owner}).all()
    wanted = [row.id for row in listening if event in row.events]
    if not wanted:
        return
    facts = connection.execute(_FACTS, {"owner": owner, "job": job}).one()
    told = {
        "job_id": job,
        "job_number": facts.number,
        "book_id": facts.book_id,
        "book_number": facts.book_number,
        "type": f"{facts.kind}_generation",
        "status": _STATUS[event],
        "generation": facts.generation,
        "attempts": facts.retries + 1,
        "pages": facts.pages,
        "parts_missing": bool(data.get("warning")),
        "event": seq,
    }
    for webhook in wanted:
        put_message(connection, owner, webhook, event, told, job=job)


def put_message(
    connection: sa.Connection, owner: str, webhook: str, event: str, data: dict[str, Any], *, job: str | None = None
) -> str:
    """Put one message into the outbox; its id. The body is written once and for all: each attempt sends these bytes."""
    now, name = utcnow(), str(uuid4())
    body = {"type": event, "timestamp": now.isoformat().replace("+00:00", "Z"), "data": data}
    connection.execute(
        sa.insert(deliveries).values(
            id=name,
            owner_id=owner,
            outlet=Outlet.WEBHOOK,
            webhook_id=webhook,
            job_id=job,
            event=event,
            body=json.dumps(body, separators=(",", ":")),
            state=DeliveryState.PENDING,
            created_at=now,
        )
    )
    return name


def _told(kind: EventKind, data: dict[str, Any]) -> WebhookEvent | None:
    """What webhooks call an event of a job; None for what they are not told of."""
    if kind is EventKind.STARTED:
        return WebhookEvent.STARTED
    if kind is EventKind.CLOSED:
        return _ENDS[JobState(data["state"])]
    if kind is EventKind.HOLD and data["paused"]:
        return WebhookEvent.WAITING if data["reason"] == AWAITING_APPROVAL else WebhookEvent.PAUSED
    return None
