"""Webhooks of users: made, changed, rotated, tested and replayed. Each change is written down in the audit log."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bookwright.contracts.access import Actor, AuditAction
from bookwright.contracts.deliveries import TEST, DeliveryState, WebhookEvent
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.signatures import make_secret
from bookwright.store.access.audit import note
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import Database
from bookwright.store.database.statements import insert_missing, named
from bookwright.store.tables import users
from bookwright.store.webhooks.alerts import BY_OWNER
from bookwright.store.webhooks.outbox import put_message
from bookwright.store.webhooks.records import DeliveryFacts, NewWebhook, WebhookFacts
from bookwright.store.webhooks.tables import deliveries, webhooks

MOST = 20
"""Webhooks of one user."""
OVERLAP = timedelta(days=1)
"""After a rotation the former secret signs for so long, beside the new one."""


class WebhookStore:
    """Webhooks as their owners see them."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self, owner: OwnerId, url: str, description: str | None, events: Sequence[WebhookEvent], *, actor: Actor
    ) -> NewWebhook:
        """Make a webhook; its address was checked. Raises Conflict when the owner has MOST of them."""
        secret, now = make_secret(), self._clock()
        row = {
            "id": str(uuid4()),
            "owner_id": owner,
            "url": url,
            "description": description,
            "events": list(events),
            "secret": secret,
            "created_at": now,
        }

        def work(connection: sa.Connection) -> WebhookFacts:
            insert_missing(connection, users, {"owner_id": owner, "created_at": now})
            mine = sa.select(users.c.owner_id).where(users.c.owner_id == owner)
            connection.execute(mine.with_for_update())  # so that nobody else counts now
            of_owner = sa.select(sa.func.count()).select_from(webhooks).where(webhooks.c.owner_id == owner)
            if connection.execute(of_owner).scalar_one() >= MOST:
                raise Conflict(f"there are {MOST} webhooks already: remove one first")
            made = _facts(connection.execute(sa.insert(webhooks).values(row).returning(webhooks)).one(), now)
            self._note(connection, owner, actor, AuditAction.WEBHOOK_CREATED, made.webhook_id, {"events": list(events)})
            return made

        return NewWebhook(facts=await self._database.write(owner, work), secret=secret)

    async def webhook(self, owner: OwnerId, name: str) -> WebhookFacts:
        """A webhook by its id or number. Raises NotFound."""
        return _facts(await self._database.read(owner, lambda c: _row(c, owner, name)), self._clock())

    async def webhooks(self, owner: OwnerId, limit: int, cursor: int | None = None) -> list[WebhookFacts]:
        """The owner's webhooks, newest first. `cursor` is the last number of the list before."""
        query = sa.select(webhooks).where(webhooks.c.owner_id == owner)
        if cursor is not None:
            query = query.where(webhooks.c.number < cursor)
        query = query.order_by(webhooks.c.number.desc()).limit(limit)
        rows = await self._database.read(owner, lambda c: c.execute(query).all())
        return [_facts(row, self._clock()) for row in rows]

    async def change(
        self,
        owner: OwnerId,
        name: str,
        *,
        url: str | None = None,
        description: str | None = None,
        events: Sequence[WebhookEvent] | None = None,
        enabled: bool | None = None,
        actor: Actor,
    ) -> WebhookFacts:
        """Change what is named. One that is enabled again begins with a clean slate. Raises NotFound."""
        now = self._clock()
        wanted = {"url": url, "description": description, "events": None if events is None else list(events)}
        changes: dict[str, Any] = {field: value for field, value in wanted.items() if value is not None}
        told = {**changes, **({} if enabled is None else {"enabled": enabled})}
        if enabled:
            changes |= {"disabled_at": None, "disabled_reason": None, "failing_since": None}
        elif enabled is False:
            changes |= {"disabled_at": now, "disabled_reason": BY_OWNER}

        def work(connection: sa.Connection) -> Any:
            row = _row(connection, owner, name)
            if not changes or (enabled is False and row.disabled_at and len(told) == 1):
                return row
            statement = sa.update(webhooks).where(webhooks.c.number == row.number).values(changes)
            self._note(connection, owner, actor, AuditAction.WEBHOOK_CHANGED, row.id, {"fields": sorted(told)})
            return connection.execute(statement.returning(webhooks)).one()

        return _facts(await self._database.write(owner, work), now)

    async def remove(self, owner: OwnerId, name: str, *, actor: Actor) -> None:
        """Remove a webhook with its deliveries; those under way are dropped. Raises NotFound."""

        def work(connection: sa.Connection) -> None:
            row = _row(connection, owner, name)
            connection.execute(sa.delete(webhooks).where(webhooks.c.number == row.number))
            self._note(connection, owner, actor, AuditAction.WEBHOOK_DELETED, row.id, {})

        await self._database.write(owner, work)

    async def rotate(self, owner: OwnerId, name: str, *, actor: Actor) -> NewWebhook:
        """Make a new secret. For OVERLAP messages are signed with both. Raises NotFound."""
        secret, now = make_secret(), self._clock()
        changes = {"former_secret": webhooks.c.secret, "former_until": now + OVERLAP, "secret": secret}

        def work(connection: sa.Connection) -> Any:
            row = _row(connection, owner, name)
            self._note(connection, owner, actor, AuditAction.WEBHOOK_CHANGED, row.id, {"fields": ["secret"]})
            statement = sa.update(webhooks).where(webhooks.c.number == row.number).values(changes)
            return connection.execute(statement.returning(webhooks)).one()

        return NewWebhook(facts=_facts(await self._database.write(owner, work), now), secret=secret)

    async def test(self, owner: OwnerId, name: str) -> DeliveryFacts:
        """Send a message that tells of nothing. Raises NotFound, and Conflict for a webhook that is disabled."""

        def work(connection: sa.Connection) -> Any:
            row = _enabled(_row(connection, owner, name))
            sent = put_message(connection, owner, row.id, TEST, {"webhook_id": row.id})
            return _delivery_row(connection, owner, row.id, sent)

        return _delivery(await self._database.write(owner, work))

    async def deliveries(self, owner: OwnerId, name: str, limit: int, cursor: int | None = None) -> list[DeliveryFacts]:
        """What a webhook was told, newest first. Raises NotFound."""

        def look(connection: sa.Connection) -> Sequence[Any]:
            mine = (deliveries.c.owner_id == owner, deliveries.c.webhook_id == _row(connection, owner, name).id)
            query = sa.select(deliveries).where(*mine)
            if cursor is not None:
                query = query.where(deliveries.c.number < cursor)
            return connection.execute(query.order_by(deliveries.c.number.desc()).limit(limit)).all()

        return [_delivery(row) for row in await self._database.read(owner, look)]

    async def replay(self, owner: OwnerId, name: str, delivery: str) -> DeliveryFacts:
        """Send a message once more: the same id and body. Raises NotFound, and Conflict while it is being delivered or
        its webhook is disabled."""

        def work(connection: sa.Connection) -> Any:
            webhook = _enabled(_row(connection, owner, name))
            row = _delivery_row(connection, owner, webhook.id, delivery)
            if row.state == DeliveryState.PENDING:
                raise Conflict("this is being delivered: wait for its end, or for the next attempt")
            again = {"state": DeliveryState.PENDING, "turn": row.turn + 1, "dispatched": False}
            statement = sa.update(deliveries).where(deliveries.c.number == row.number).values(again)
            return connection.execute(statement.returning(deliveries)).one()

        return _delivery(await self._database.write(owner, work))

    def _note(
        self,
        connection: sa.Connection,
        owner: OwnerId,
        actor: Actor,
        action: AuditAction,
        webhook: str,
        facts: dict[str, Any],
    ) -> None:
        note(connection, owner, actor, action, webhook, facts, at=self._clock())


def _row(connection: sa.Connection, owner: OwnerId, name: str) -> Any:
    query = sa.select(webhooks).where(webhooks.c.owner_id == owner, named(webhooks, name))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such webhook")
    return row


def _enabled(row: Any) -> Any:
    if row.disabled_at is not None:
        raise Conflict(f"this webhook is disabled ({row.disabled_reason}): enable it first")
    return row


def _delivery_row(connection: sa.Connection, owner: OwnerId, webhook: str, delivery: str) -> Any:
    mine = (deliveries.c.owner_id == owner, deliveries.c.webhook_id == webhook, named(deliveries, delivery))
    row = connection.execute(sa.select(deliveries).where(*mine)).one_or_none()
    if row is None:
        raise NotFound("there is no such delivery")
    return row


def _facts(row: Any, now: datetime) -> WebhookFacts:
    return WebhookFacts(
        webhook_id=row.id,
        number=row.number,
        url=row.url,
        description=row.description,
        events=tuple(WebhookEvent(event) for event in row.events),
        enabled=row.disabled_at is None,
        disabled_at=row.disabled_at,
        disabled_reason=row.disabled_reason,
        failing_since=row.failing_since,
        rotating_until=row.former_until if row.former_until and row.former_until > now else None,
        created_at=row.created_at,
    )


def _delivery(row: Any) -> DeliveryFacts:
    return DeliveryFacts(
        delivery_id=row.id,
        number=row.number,
        event=row.event,
        job_id=JobId(row.job_id) if row.job_id else None,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        status=row.status,
        error=row.error,
        answer_ms=row.answer_ms,
        attempted_at=row.attempted_at,
        created_at=row.created_at,
    )
