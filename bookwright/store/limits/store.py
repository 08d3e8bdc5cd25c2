"""Leases of what providers take at once (`contracts.ports.limits.SharedLimits`)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.ports.limits import Ask, Grant
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.limits.sharing import TOGETHER, bearable, divided, halved
from bookwright.store.limits.tables import provider_limits as limits
from bookwright.store.limits.tables import provider_shares as shares


class LimitStore:
    """The leases of all processes that use one database. Their clocks may differ by a second."""

    lease_s = 3.0

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock

    async def renew(self, holder: str, asks: Sequence[Ask]) -> list[Grant]:
        """Lease anew, for all providers in one transaction."""
        now = self._clock()
        ordered = sorted(asks, key=lambda ask: ask.provider)  # always the same order: rows are locked one by one

        def work(connection: sa.Connection) -> list[Grant]:
            return [self._renew(connection, holder, ask, now) for ask in ordered]

        return await self._database.write(SERVICE, work)

    async def leave(self, holder: str, providers: Sequence[str]) -> None:
        """Give everything back that is leased of these. What nobody leases and nothing is known of goes."""
        mine = sa.delete(shares).where(shares.c.holder == holder, shares.c.provider.in_(providers))
        leased = sa.select(shares.c.provider).where(shares.c.provider == limits.c.provider).exists()
        nothing_known = (limits.c.allowed.is_(None), limits.c.closed_until.is_(None), sa.not_(leased))

        def work(connection: sa.Connection) -> None:
            connection.execute(mine)
            connection.execute(sa.delete(limits).where(limits.c.provider.in_(providers), *nothing_known))

        await self._database.write(SERVICE, work)

    def _renew(self, connection: sa.Connection, holder: str, ask: Ask, now: datetime) -> Grant:
        limit, closed = _limit(connection, ask, now)
        mine = shares.c.provider == ask.provider
        connection.execute(sa.delete(shares).where(mine, shares.c.expires_at <= now))
        others = connection.execute(sa.select(shares).where(mine, shares.c.holder != holder)).all()
        parts = divided(limit, {holder: ask.wanted} | {other.holder: other.wanted for other in others}, now)
        free = max(limit - sum(other.share for other in others), 0)
        size = min(parts[holder], free)
        lease = {
            "share": max(size, ask.held),
            "wanted": ask.wanted,
            "expires_at": now + timedelta(seconds=self.lease_s),
        }
        if not connection.execute(sa.update(shares).where(mine, shares.c.holder == holder).values(lease)).rowcount:
            connection.execute(sa.insert(shares).values(provider=ask.provider, holder=holder, **lease))
        return Grant(provider=ask.provider, size=size, target=parts[holder], limit=limit, closed_until=closed)


def _limit(connection: sa.Connection, ask: Ask, now: datetime) -> tuple[int, datetime | None]:
    """What the provider bears now, and until when it wants no call. Locks the provider's row until the commit."""
    known = _locked(connection, ask.provider)
    limit = bearable(ask.ceiling, known.allowed, known.refused_at, now)
    changes: dict[str, Any] = {}
    if ask.refused and (known.refused_at is None or now - known.refused_at >= TOGETHER):
        limit = halved(limit)
        changes |= {"allowed": limit, "refused_at": now}
    closed: datetime | None = max(filter(None, (known.closed_until, ask.closed_until)), default=None)
    if closed != known.closed_until:
        changes["closed_until"] = closed
    if changes:
        connection.execute(sa.update(limits).where(limits.c.provider == ask.provider).values(changes))
    return limit, closed if closed and closed > now else None


def _locked(connection: sa.Connection, provider: str) -> Any:
    """The provider's row, which is made with the first lease."""
    query = sa.select(limits).where(limits.c.provider == provider).with_for_update()
    if (row := connection.execute(query).one_or_none()) is None:
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(limits).values(provider=provider))
        except sa.exc.IntegrityError:
            pass  # another process was first
        row = connection.execute(query).one()
    return row
