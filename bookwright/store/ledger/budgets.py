"""Budgets: conditional updates, so that no number of concurrent calls can pass a limit."""

from typing import Any

import sqlalchemy as sa

from bookwright.contracts.errors import BudgetReached
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.store.database.statements import insert_for, insert_missing
from bookwright.store.ledger.tables import budgets

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


def _commit(dialect: str) -> Any:
    statement = insert_for(dialect, budgets).values(
        owner_id=_P("p_owner"), scope=_P("p_scope"), ref=_P("p_ref"), committed_micros=_P("p_amount")
    )
    wanted = budgets.c.committed_micros + statement.excluded.committed_micros
    return statement.on_conflict_do_update(
        index_elements=["owner_id", "scope", "ref"],
        set_={"committed_micros": wanted},
        where=wanted <= sa.func.coalesce(budgets.c.cap_micros, _P("p_default", type_=sa.BigInteger)),
    ).returning(budgets.c.committed_micros)


_COMMIT = {dialect: _commit(dialect) for dialect in ("sqlite", "postgresql")}


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
    if month_default is not None and amount > month_default:
        # A row that is new is not compared with the limit, so it has to be there before.
        insert_missing(connection, budgets, {"owner_id": owner, "scope": MONTH, "ref": month, "committed_micros": 0})
    for scope, ref, default, reason in (
        (JOB, job, None, f"{STOPPED}of this order is used up. Raise it, or cancel the order."),
        (MONTH, month, month_default, f"{month_used_up(month)} {_WHAT_HELPS}"),
    ):
        parameters = {"p_owner": owner, "p_scope": scope, "p_ref": ref, "p_amount": amount}
        parameters["p_default"] = _LIMITLESS if default is None else default
        if connection.execute(_COMMIT[connection.dialect.name], parameters).first() is None:
            raise BudgetReached(reason, scope=scope)


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
