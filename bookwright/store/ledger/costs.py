"""What calls cost: by book, provider, operation, day or user, in a span of time."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.calls import CallState
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.ledger.report import CHARGED, UNIT_SUMS, UnitCosts, stage_costs, unit_costs
from bookwright.store.ledger.tables import provider_attempts as attempts
from bookwright.store.ledger.tables import provider_calls as calls
from bookwright.store.ledger.tables import usages
from bookwright.store.tables import books, jobs


class CostKey(StrEnum):
    """What costs are summed up by."""

    BOOK = "book"
    PROVIDER = "provider"
    OPERATION = "operation"
    DAY = "day"
    """UTC."""
    USER = "user"


class Span(Payload):
    """From a time on, up to and without another; None is without end."""

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def month(cls, month: str) -> "Span":
        """A month, such as `2026-11`, UTC. Raises ValueError."""
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        return cls(since=first, until=after)


class CostLine(Payload):
    """The costs of one book, provider, operation, day or user, in micros. Calls that were refused or never sent cost
    nothing and are not counted."""

    key: str
    title: str | None = None
    """Of a book that is there."""
    settled: int = 0
    settled_micros: int = 0
    """Answers that are used, at their actual cost."""
    rejected: int = 0
    rejected_micros: int = 0
    """Answers that can't be used, and those that came too late."""
    ambiguous: int = 0
    ambiguous_micros: int = 0
    """Calls whose answer nobody knows, at their most."""
    reserved: int = 0
    reserved_micros: int = 0
    """Calls under way, at their most."""
    reused: int = 0
    saved_micros: int = 0
    """Uses of answers that were there, and what buying them again would have cost. They count for the time at which
    their job was ordered."""

    @property
    def cost_micros(self) -> int:
        """What was charged; without what is under way."""
        return self.settled_micros + self.rejected_micros + self.ambiguous_micros


class CostReport(Payload):
    """Costs of a span of time. The dearest first; days in their order."""

    by: CostKey
    span: Span
    lines: tuple[CostLine, ...]
    more: int = 0
    """Lines that were left out; the total has them."""
    total: CostLine


class JobCosts(Payload):
    """What a job's calls cost up to now."""

    stages: tuple[UnitCosts, ...]
    pages: tuple[UnitCosts, ...]


_KNOWN_AT_ONCE = 500
_KINDS = {
    CallState.SETTLED: "settled",
    CallState.REJECTED: "rejected",
    CallState.FENCED: "rejected",
    CallState.AMBIGUOUS: "ambiguous",
    CallState.RESERVED: "reserved",
    CallState.SENT: "reserved",
}


class CostBooks:
    """Reports of costs."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock

    def this_month(self) -> Span:
        """The month that it is now."""
        return Span.month(self._clock().strftime("%Y-%m"))

    async def of_owner(self, owner: OwnerId, by: CostKey, span: Span, limit: int | None = None) -> CostReport:
        """One owner's costs."""
        return await self._database.read(owner, lambda c: _report(c, owner, by, span, limit))

    async def of_all(self, by: CostKey, span: Span, limit: int | None = None) -> CostReport:
        """All owners' costs."""
        return await self._database.read(SERVICE, lambda c: _report(c, None, by, span, limit))

    async def of_job(self, owner: OwnerId, job: JobId, first: int, last: int) -> JobCosts:
        """A job's costs by stage, and by page for a range of pages."""

        def work(connection: sa.Connection) -> JobCosts:
            return JobCosts(
                stages=stage_costs(connection, owner, job), pages=_page_costs(connection, owner, job, first, last)
            )

        return await self._database.read(owner, work)


def _page_costs(connection: sa.Connection, owner: OwnerId, job: JobId, first: int, last: int) -> tuple[UnitCosts, ...]:
    rows = connection.execute(
        sa.select(attempts.c.unit, *UNIT_SUMS)
        .where(attempts.c.owner_id == owner, attempts.c.job_id == job, attempts.c.state != CallState.FAILED)
        .where(attempts.c.unit.like("page/%"))
        .group_by(attempts.c.unit)
    )
    pages: dict[int, list[int]] = {}
    for unit, *sums in rows:
        page = int(unit.split("/")[1])
        if first <= page <= last:
            pages[page] = [known + more for known, more in zip(pages.get(page, (0, 0, 0)), map(int, sums), strict=True)]
    return tuple(unit_costs(str(page), pages[page]) for page in sorted(pages))


def _report(connection: sa.Connection, owner: OwnerId | None, by: CostKey, span: Span, limit: int | None) -> CostReport:
    sums: dict[str, dict[str, int]] = {}
    for key, state, count, micros in connection.execute(_paid(connection.dialect.name, owner, by, span)):
        kind, line = _KINDS[CallState(state)], sums.setdefault(key, {})
        line[kind] = line.get(kind, 0) + count
        line[f"{kind}_micros"] = line.get(f"{kind}_micros", 0) + int(micros)
    for key, count, micros in connection.execute(_reused(connection.dialect.name, owner, by, span)):
        sums.setdefault(key, {}).update(reused=count, saved_micros=int(micros))
    found = [CostLine.model_validate({"key": key} | line) for key, line in sums.items()]
    found.sort(key=lambda line: (line.key,) if by is CostKey.DAY else (-line.cost_micros, -line.saved_micros, line.key))
    shown = found if limit is None else found[:limit]
    if by is CostKey.BOOK:
        shown = _titled(connection, owner, shown)
    return CostReport(by=by, span=span, lines=tuple(shown), more=len(found) - len(shown), total=_total(found))


def _paid(dialect: str, owner: OwnerId | None, by: CostKey, span: Span) -> "sa.Select[Any]":
    key: sa.ColumnElement[Any] = {
        CostKey.BOOK: attempts.c.book_id,
        CostKey.PROVIDER: calls.c.provider,
        CostKey.OPERATION: calls.c.operation,
        CostKey.DAY: _day(dialect, attempts.c.reserved_at),
        CostKey.USER: attempts.c.owner_id,
    }[by]
    query = sa.select(key, attempts.c.state, sa.func.count(), sa.func.sum(CHARGED)).where(
        attempts.c.state != CallState.FAILED, *_within(attempts.c.reserved_at, span)
    )
    if by in (CostKey.PROVIDER, CostKey.OPERATION):
        query = query.join(calls, sa.and_(calls.c.owner_id == attempts.c.owner_id, calls.c.id == attempts.c.call_id))
    if owner is not None:
        query = query.where(attempts.c.owner_id == owner)
    return query.group_by(key, attempts.c.state)


def _reused(dialect: str, owner: OwnerId | None, by: CostKey, span: Span) -> "sa.Select[Any]":
    key: sa.ColumnElement[Any] = {
        CostKey.BOOK: usages.c.book_id,
        CostKey.PROVIDER: calls.c.provider,
        CostKey.OPERATION: calls.c.operation,
        CostKey.DAY: _day(dialect, jobs.c.created_at),
        CostKey.USER: usages.c.owner_id,
    }[by]
    query = (
        sa.select(key, sa.func.count(), sa.func.sum(calls.c.cost_micros))
        .select_from(usages)
        .join(calls, sa.and_(calls.c.owner_id == usages.c.owner_id, calls.c.id == usages.c.call_id))
        .join(jobs, sa.and_(jobs.c.owner_id == usages.c.owner_id, jobs.c.id == usages.c.job_id))
        .where(usages.c.reused, *_within(jobs.c.created_at, span))
    )
    if owner is not None:
        query = query.where(usages.c.owner_id == owner)
    return query.group_by(key)


def _within(moment: "sa.ColumnElement[Any]", span: Span) -> "Iterable[sa.ColumnElement[bool]]":
    if span.since is not None:
        yield moment >= span.since
    if span.until is not None:
        yield moment < span.until


def _day(dialect: str, moment: "sa.ColumnElement[Any]") -> "sa.ColumnElement[Any]":
    if dialect == "sqlite":
        return sa.func.date(moment)
    # Said as text, not as parameters: PostgreSQL takes two parameters of the same value for two expressions.
    utc = sa.func.timezone(sa.literal_column("'UTC'"), moment)
    return sa.func.to_char(utc, sa.literal_column("'YYYY-MM-DD'"))


def _titled(connection: sa.Connection, owner: OwnerId | None, lines: list[CostLine]) -> list[CostLine]:
    titles: dict[str, str | None] = {}
    for start in range(0, len(lines), _KNOWN_AT_ONCE):
        some = [line.key for line in lines[start : start + _KNOWN_AT_ONCE]]
        query = sa.select(books.c.id, books.c.title).where(books.c.id.in_(some))
        if owner is not None:
            query = query.where(books.c.owner_id == owner)
        titles |= {row.id: row.title for row in connection.execute(query)}
    return [line.model_copy(update={"title": titles.get(line.key)}) for line in lines]


def _total(lines: Iterable[CostLine]) -> CostLine:
    sums: dict[str, int] = {}
    for line in lines:
        for name, value in line.model_dump(exclude={"key", "title"}).items():
            sums[name] = sums.get(name, 0) + value
    return CostLine.model_validate({"key": "total"} | sums)
