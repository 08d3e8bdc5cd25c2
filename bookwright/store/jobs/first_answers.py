"""First answers: what a request with an Idempotency-Key was answered, so that asking again gets the same."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.errors import BadInput, Conflict
from bookwright.contracts.ids import OwnerId
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import Database
from bookwright.store.database.statements import insert, insert_missing
from bookwright.store.tables import first_answers, users

KEPT = timedelta(days=1)
HELD = timedelta(seconds=10)
"""A process that works on a request and died is given up after this time."""
FIELD = "Idempotency-Key"


class FirstAnswer(Payload):
    """An answer as it was given."""

    status: int
    headers: dict[str, str]
    body: str


class FirstAnswers:
    """The answers of each owner by key. Keys of different owners have nothing to do with each other."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, owner: OwnerId, key: str, digest: str) -> FirstAnswer | None:
        """The answer that was given before; None when the caller is the first and must `finish` or `forget`.

        Raises BadInput when the key was used for another request, Conflict while the first is being worked on.
        """
        now = self._clock()
        mine = (first_answers.c.owner_id == owner, first_answers.c.key == key)
        fresh = {
            "owner_id": owner,
            "key": key,
            "digest": digest,
            "status": None,
            "headers": None,
            "body": None,
            "held_until": now + HELD,
            "expires_at": now + KEPT,
        }

        def work(connection: sa.Connection) -> FirstAnswer | None:
            insert_missing(connection, users, {"owner_id": owner, "created_at": now})
            old = (first_answers.c.owner_id == owner, first_answers.c.expires_at <= now)
            connection.execute(sa.delete(first_answers).where(*old))
            statement = insert(connection, first_answers).values(fresh).on_conflict_do_nothing()
            if connection.execute(statement.returning(first_answers.c.key)).first() is not None:
                return None
            row = connection.execute(sa.select(first_answers).where(*mine).with_for_update()).one_or_none()
            if row is None or (row.digest == digest and row.status is None and row.held_until <= now):
                connection.execute(sa.update(first_answers).where(*mine).values(held_until=now + HELD))
                return None
            if row.digest != digest:
                raise BadInput("this key was used for another request: take a new one", field=FIELD)
            if row.status is None:
                raise Conflict("the first request with this key is still being worked on: ask again", field=FIELD)
            return FirstAnswer(status=row.status, headers=row.headers or {}, body=row.body or "")

        return await self._database.write(owner, work)

    async def hold(self, owner: OwnerId, key: str) -> None:
        """Say that the request is still being worked on; to be called well within HELD, again and again."""
        await self._change(owner, key, {"held_until": self._clock() + HELD})

    async def finish(self, owner: OwnerId, key: str, answer: FirstAnswer) -> None:
        """Keep the answer for KEPT."""
        await self._change(owner, key, answer.model_dump())

    async def forget(self, owner: OwnerId, key: str) -> None:
        """Nothing came of the request: the next one with this key is the first again."""
        mine = (first_answers.c.owner_id == owner, first_answers.c.key == key, first_answers.c.status.is_(None))
        await self._database.write(owner, lambda c: c.execute(sa.delete(first_answers).where(*mine)))

    async def _change(self, owner: OwnerId, key: str, values: Mapping[str, object]) -> None:
        mine = (first_answers.c.owner_id == owner, first_answers.c.key == key, first_answers.c.status.is_(None))
        await self._database.write(owner, lambda c: c.execute(sa.update(first_answers).where(*mine).values(values)))
