"""Monthly budgets of users."""

import re
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from bookwright.contracts.access import Actor, AuditAction
from bookwright.contracts.base import Payload
from bookwright.contracts.errors import BadInput, NotFound
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.progress import JobState
from bookwright.store.access.audit import note
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.ledger.budgets import MONTH, month_used_up, set_cap
from bookwright.store.ledger.tables import budgets
from bookwright.store.tables import jobs, users

_MONTH = re.compile(r"[2-9]\d{3}-(0[1-9]|1[0-2])", re.ASCII)


class MonthBudget(Payload):
    """What a user's calls may cost in a month (`2026-11`, UTC), in micros."""

    user_id: OwnerId
    month: str
    cap_micros: int | None
    """None is without limit."""
    own: bool
    """Whether the user has a budget of their own, for this month or for each; else it is everybody's."""
    committed_micros: int
    """What calls did cost, with those under way at their most."""

    @property
    def left_micros(self) -> int | None:
        """What can still be spent; None is without limit."""
        return None if self.cap_micros is None else max(0, self.cap_micros - self.committed_micros)


class MonthBudgets:
    """Reads and sets monthly budgets. `default_micros` is that of users without one of their own."""

    def __init__(
        self, database: Database, default_micros: int | None = None, clock: Callable[[], datetime] = utcnow
    ) -> None:
        self.default_micros = default_micros
        self._database = database
        self._clock = clock

    async def of(self, user: OwnerId, month: str) -> MonthBudget:
        """A user's budget for a month. Raises NotFound."""
        return await self._database.read(user, lambda c: self._budget(c, user, month))

    async def set(self, user: OwnerId, month: str, cap_micros: int | None, *, actor: Actor | str) -> MonthBudget:
        """Give a user a budget of their own for a month; None takes it away. What was spent counts. Raises NotFound."""
        now = self._clock()

        def work(connection: sa.Connection) -> MonthBudget:
            _must_exist(connection, user)
            set_cap(connection, user, MONTH, month, cap_micros)
            facts = {"month": month, "cap_micros": cap_micros}
            note(connection, user, actor, AuditAction.BUDGET_SET, user, facts, at=now)
            return self._budget(connection, user, month)

        return await self._database.write(user, work)

    async def held_up(self, user: OwnerId, month: str) -> list[JobId]:
        """The user's jobs that stand still because the month's budget is used up."""
        query = (
            sa.select(jobs.c.id)
            .where(jobs.c.owner_id == user, jobs.c.state == JobState.PAUSED)
            .where(jobs.c.paused_reason.startswith(month_used_up(month)))
            .order_by(jobs.c.number)
        )
        found = await self._database.read(user, lambda c: c.execute(query).scalars().all())
        return [JobId(job) for job in found]

    async def held_up_before(self) -> list[tuple[OwnerId, JobId]]:
        """The jobs of all users that still stand because an earlier month's budget was used up."""
        query = (
            sa.select(jobs.c.owner_id, jobs.c.id)
            .where(jobs.c.state == JobState.PAUSED, jobs.c.paused_reason.like(month_used_up("____-__") + "%"))
            .where(jobs.c.paused_reason < month_used_up(f"{self._clock():%Y-%m}"))
            .order_by(jobs.c.number)
        )
        found = await self._database.read(SERVICE, lambda c: c.execute(query).all())
        return [(OwnerId(row.owner_id), JobId(row.id)) for row in found]

    def _budget(self, connection: sa.Connection, user: OwnerId, month: str) -> MonthBudget:
        of_user = connection.execute(sa.select(users.c.month_micros).where(users.c.owner_id == user)).one_or_none()
        if of_user is None:
            raise NotFound("there is no such user")
        row = connection.execute(
            sa.select(budgets.c.cap_micros, budgets.c.committed_micros).where(
                budgets.c.owner_id == user, budgets.c.scope == MONTH, budgets.c.ref == month
            )
        ).one_or_none()
        own = of_user.month_micros if row is None or row.cap_micros is None else row.cap_micros
        return MonthBudget(
            user_id=user,
            month=month,
            cap_micros=self.default_micros if own is None else own,
            own=own is not None,
            committed_micros=row.committed_micros if row else 0,
        )


def check_month(text: str) -> str:
    """A month as it was typed. Raises BadInput."""
    if not _MONTH.fullmatch(text):
        raise BadInput("month: give a year and a month, such as 2026-11", field="month")
    return text


def _must_exist(connection: sa.Connection, user: OwnerId) -> None:
    if connection.execute(sa.select(users.c.owner_id).where(users.c.owner_id == user)).first() is None:
        raise NotFound("there is no such user")
