"""Budgets: conditional updates, so that no number of concurrent calls can pass a limit."""

from typing import Any

import sqlalchemy as sa

from bookwright.contracts.errors import BudgetReached
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.store.database.statements import insert_for
from bookwright.store.ledger.tables import budgets
from bookwright.store.tables import users

JOB, MONTH = "job", "month"
_P = sa.bindparam

_RELEASE = (
    sa.update(budgets)
    .where(budgets.c.owner_id == _P("p_owner"))
    .where(
        sa.or_(
            sa.and_(budgets.c.scope == JOB, budgets.c.ref == _P("p_job")),
            sa.and_(budgets.c.scope == MONTH, budgets.c.ref == _P("p_month")),
        )
    )
    .values(committed_micros=budgets.c.committed_micros + _P("p_amount"))
)


_LIMITLESS = 2**62
"""More than can be committed."""


_OWN_MONTH = sa.select(users.c.month_micros).where(users.c.owner_id == _P("p_owner")).scalar_subquery()
"""What the owner may spend in a month that has no budget of its own; none is what everybody may."""


def _commit(dialect: str, scope: str) -> Any:
    statement = insert_for(dialect, budgets).values(
        owner_id=_P("p_owner"), scope=scope, ref=_P("p_ref"), committed_micros=_P("p_amount")
    )
    wanted = budgets.c.committed_micros + statement.excluded.committed_micros
    limits = [budgets.c.cap_micros, *([_OWN_MONTH] if scope == MONTH else []), _P("p_default", type_=sa.BigInteger)]
    return statement.on_conflict_do_update(
        index_elements=["owner_id", "scope", "ref"],
        set_={"committed_micros": wanted},
        where=wanted <= sa.func.coalesce(*limits),
    ).returning(budgets.c.committed_micros)


_COMMIT = {(dialect, scope): _commit(dialect, scope) for dialect in ("sqlite", "postgresql") for scope in (JOB, MONTH)}
_LIMIT = sa.select(sa.func.coalesce(budgets.c.cap_micros, _OWN_MONTH, _P("p_default", type_=sa.BigInteger))).where(
    budgets.c.owner_id == _P("p_owner"), budgets.c.scope == MONTH, budgets.c.ref == _P("p_ref")
)


STOPPED = "The budget "
"""How the reason begins that a job gives when any budget holds it up."""


def month_used_up(month: str) -> str:
    """How the reason begins that a job gives when a month's budget holds it up; by that it is known."""
    return f"{STOPPED}for {month} is used up."


_WHAT_HELPS = (
    "An admin can raise it (`bookwright users budget`, or PUT /api/admin/users/{user}/budget), or the order can be "
    "cancelled."
)
"""Raising the budget of the order would not."""


def commit_to(
    connection: sa.Connection, owner: OwnerId, job: JobId, month: str, amount: int, month_default: int | None = None
) -> None:
    """Commit `amount` against the job's and the month's budget; `month_default` is the limit of a month for which the
    owner has none of their own. Raises BudgetReached; the caller's transaction must then be undone. What is committed
    is counted also where no limit is set (yet)."""
    if amount == 0:
        return
    dialect = connection.dialect.name
    parameters = {"p_owner": owner, "p_ref": job, "p_amount": amount, "p_default": _LIMITLESS}
    if connection.execute(_COMMIT[dialect, JOB], parameters).first() is None:
        raise BudgetReached(f"{STOPPED}of this order is used up. Raise it, or cancel the order.", scope=JOB)
    parameters |= {"p_ref": month, "p_default": _LIMITLESS if month_default is None else month_default}
    committed = connection.execute(_COMMIT[dialect, MONTH], parameters).scalar()
    # A row that is new was not compared with the limit.
    over = committed == amount and amount > connection.execute(_LIMIT, parameters).scalar_one()
    if committed is None or over:
        raise BudgetReached(f"{month_used_up(month)} {_WHAT_HELPS}", scope=MONTH)


def correct_by(connection: sa.Connection, owner: str, job: str, month: str, amount: int) -> None:
    """Change what is committed: a call cost less than was reserved for it, or nothing."""
    if amount:
        connection.execute(_RELEASE, {"p_owner": owner, "p_job": job, "p_month": month, "p_amount": amount})


def month_committed(connection: sa.Connection, month: str) -> int:
    """What all owners' calls of a month (`2026-11`) cost, those still open at their most, in micros."""
    committed = sa.select(sa.func.coalesce(sa.func.sum(budgets.c.committed_micros), 0))
    return int(connection.execute(committed.where(budgets.c.scope == MONTH, budgets.c.ref == month)).scalar_one())


def set_cap(connection: sa.Connection, owner: OwnerId, scope: str, ref: str, cap_micros: int | None) -> None:
    """Set or lift a limit; what is committed stays."""
    statement = insert_for(connection.dialect.name, budgets).values(
        owner_id=owner, scope=scope, ref=ref, cap_micros=cap_micros, committed_micros=0
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["owner_id", "scope", "ref"], set_={"cap_micros": statement.excluded.cap_micros}
        )
    )


def left_of_job(connection: sa.Connection, owner: OwnerId, job: str) -> int | None:
    """What a job's budget has left, in micros, calls that are still open at their most; None when it has no limit."""
    mine = (budgets.c.owner_id == owner, budgets.c.scope == JOB, budgets.c.ref == job)
    row = connection.execute(sa.select(budgets.c.cap_micros, budgets.c.committed_micros).where(*mine)).one_or_none()
    return None if row is None or row.cap_micros is None else max(0, row.cap_micros - row.committed_micros)
