"""Deliveries as those see them who make them (`contracts.ports.deliveries.DeliveryDesk`)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.deliveries import DeliveryRun, DeliveryState, Outlet
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.ports.deliveries import Answer, Parcel
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Actor, Database
from bookwright.store.webhooks.alerts import alert_of
from bookwright.store.webhooks.records import Waiting
from bookwright.store.webhooks.tables import alerts, deliveries, webhooks

GONE = 410
KEPT = timedelta(days=30)
"""How long deliveries are kept."""
AT_ONCE = 50
_OUTBOX = (
    sa.select(
        deliveries.c.owner_id,
        deliveries.c.id,
        deliveries.c.turn,
        deliveries.c.event,
        sa.func.coalesce(deliveries.c.webhook_id, deliveries.c.outlet).label("whose"),
    )
    .where(sa.not_(deliveries.c.dispatched))
    .order_by(deliveries.c.number)
    .limit(AT_ONCE)
)


class DeliveryStore:
    """The outbox, and what becomes of what was in it."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock

    async def waiting(self) -> list[Waiting]:
        """All owners' deliveries that are to be begun, oldest first."""
        rows = await self._database.read(SERVICE, lambda c: c.execute(_OUTBOX).all())
        return [
            Waiting(owner_id=OwnerId(row.owner_id), delivery_id=row.id, turn=row.turn, event=row.event, whose=row.whose)
            for row in rows
        ]

    async def dispatched(self, delivery: Waiting) -> None:
        """Its workflow was started. One that was replayed meanwhile stays in the outbox."""
        this = (*_this(delivery.owner_id, delivery.delivery_id), deliveries.c.turn == delivery.turn)
        statement = sa.update(deliveries).where(*this).values(dispatched=True)
        await self._database.write(_as(delivery.owner_id), lambda c: c.execute(statement))

    async def parcel(self, run: DeliveryRun) -> Parcel | None:
        """See `DeliveryDesk`."""
        query = (
            sa.select(
                deliveries,
                webhooks.c.url,
                webhooks.c.secret,
                webhooks.c.former_secret,
                webhooks.c.former_until,
                webhooks.c.disabled_at,
            )
            .outerjoin(
                webhooks,
                sa.and_(webhooks.c.owner_id == deliveries.c.owner_id, webhooks.c.id == deliveries.c.webhook_id),
            )
            .where(*_this(run.owner_id, run.delivery_id), deliveries.c.state == DeliveryState.PENDING)
        )

        def work(connection: sa.Connection) -> Parcel | None:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            if row.disabled_at is not None:
                given_up = {"state": DeliveryState.FAILED, "error": "the webhook is disabled"}
                connection.execute(sa.update(deliveries).where(deliveries.c.number == row.number).values(given_up))
                return None
            alert = None
            if row.alert is not None:
                alert = alert_of(connection.execute(sa.select(alerts).where(alerts.c.number == row.alert)).one())
            former = row.former_until is not None and row.former_until > self._clock()
            return Parcel(
                delivery_id=row.id,
                outlet=Outlet(row.outlet),
                event=row.event,
                url=row.url or "",
                body=row.body,
                secrets=tuple(filter(None, (row.secret, row.former_secret if former else None))),
                alert=alert,
            )

        return await self._database.write(_as(run.owner_id), work)

    async def attempted(self, run: DeliveryRun, answer: Answer, disable_after: timedelta) -> DeliveryState:
        """See `DeliveryDesk`."""
        now = self._clock()
        this = _this(run.owner_id, run.delivery_id)
        final = run.last or answer.status == GONE
        state = DeliveryState.FAILED if final else DeliveryState.PENDING
        if answer.taken:
            state = DeliveryState.DELIVERED
        changes = {
            "state": state,
            "attempts": deliveries.c.attempts + 1,
            "status": answer.status,
            "error": answer.error,
            "answer_ms": answer.ms,
            "attempted_at": now,
        }

        def work(connection: sa.Connection) -> DeliveryState:
            written = sa.update(deliveries).where(*this).values(changes).returning(deliveries.c.webhook_id)
            row = connection.execute(written).one_or_none()
            if row is None:  # deleted with its job or webhook
                return DeliveryState.FAILED
            if row.webhook_id is not None:
                _judge(connection, run.owner_id, row.webhook_id, answer, now, disable_after)
            return state

        return await self._database.write(_as(run.owner_id), work)

    async def prune(self) -> None:
        """Drop deliveries and alerts that are old."""
        old = self._clock() - KEPT

        def work(connection: sa.Connection) -> None:
            ended = deliveries.c.state != DeliveryState.PENDING
            connection.execute(sa.delete(deliveries).where(deliveries.c.created_at < old, ended))
            connection.execute(sa.delete(alerts).where(alerts.c.last_at < old, alerts.c.acknowledged_at.is_not(None)))

        await self._database.write(SERVICE, work)


def _judge(
    connection: sa.Connection, owner: OwnerId, webhook: str, answer: Answer, now: datetime, disable_after: timedelta
) -> None:
    """Go by an attempt: one that is taken ends a row of failures, one too many disables the webhook."""
    this = (webhooks.c.owner_id == owner, webhooks.c.id == webhook)
    if answer.taken:
        clean = sa.update(webhooks).where(*this, webhooks.c.failing_since.is_not(None))
        connection.execute(clean.values(failing_since=None))
        return
    failing = sa.update(webhooks).where(*this).values(failing_since=sa.func.coalesce(webhooks.c.failing_since, now))
    since: Any = connection.execute(failing.returning(webhooks.c.failing_since)).scalar_one()
    reason = None
    if answer.status == GONE:
        reason = "it answered 410 Gone"
    elif now - since >= disable_after:
        reason = f"it has failed for {disable_after.days} days"
    if reason:
        enabled = sa.update(webhooks).where(*this, webhooks.c.disabled_at.is_(None))
        connection.execute(enabled.values(disabled_at=now, disabled_reason=reason))


def _this(owner: OwnerId, delivery: str) -> "tuple[sa.ColumnElement[bool], ...]":
    return deliveries.c.owner_id == owner, deliveries.c.id == delivery


def _as(owner: OwnerId) -> Actor:
    """Who may write a delivery: its owner, and of what is sent to the operator the service."""
    return owner or SERVICE
