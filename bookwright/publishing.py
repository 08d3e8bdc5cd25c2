"""Keeps what Cloudinary delivers in step with the store: in every worker that binds, beside its work.

Publishing is no part of making a book. Whatever goes wrong here, the book is complete and the store delivers it.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from bookwright.contracts.errors import (
    AssetCorrupt,
    AssetMissing,
    BookwrightError,
    MustWait,
    Permanent,
    RateLimited,
)
from bookwright.contracts.ports.publishing import Publisher
from bookwright.contracts.ports.store import AssetStore
from bookwright.store.publications import Due, Publications
from bookwright.telemetry.logs import get_logger

logger = get_logger("publishing")

AT_ONCE = 4
LOOK_S = 2.0
"""How long nothing is looked for after nothing was found."""
DEADLINE_S = 600.0
"""One file has been published, or given up for now, by then."""
HOLD = timedelta(seconds=DEADLINE_S + 60)
"""How long a claimed key is nobody else's: a worker that died did not give it back."""
AGAIN = timedelta(seconds=30)
"""When what failed is tried again."""
PERSON = timedelta(minutes=5)
"""The same, when a person has to act: the key is wrong, or the account is full."""


class Publishing:
    """Publishes and withdraws what is due."""

    def __init__(self, publications: Publications, assets: AssetStore, publisher: Publisher) -> None:
        self._publications = publications
        self._assets = assets
        self._publisher = publisher
        self._closed_until = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                worked = await self.step()
            except Exception as error:  # the database is away, or a bug: books are made all the same
                logger.warning("publishing waits", error_type=type(error).__name__)
                worked = 0
            if not worked:
                await asyncio.sleep(LOOK_S)

    async def step(self) -> int:
        """Work at what is due now, a few files at once; answers how many that were."""
        if datetime.now(UTC) < self._closed_until:
            return 0
        due = await self._publications.claim(AT_ONCE, HOLD)
        await asyncio.gather(*(self._work(one) for one in due))
        return len(due)

    async def _work(self, due: Due) -> None:
        now = datetime.now(UTC)
        try:
            async with asyncio.timeout(DEADLINE_S):
                if due.asset is None:
                    await self._publisher.withdraw(due.name)
                    await self._publications.withdrawn(due)
                else:
                    path = await asyncio.to_thread(self._assets.path, due.asset)
                    await self._publications.published(due, await self._publisher.publish(due.name, path))
            return
        except (AssetMissing, AssetCorrupt, FileNotFoundError):  # its book was deleted, or the store lacks it
            until, reason = now + AGAIN, "its asset can't be read"
        except Permanent as error:
            if due.asset is not None:
                logger.warning("not published", name=due.name, reason=str(error))
                await self._publications.refused(due, str(error))
                return
            until, reason = now + PERSON, str(error)
        except MustWait as wait:
            until, reason = wait.until if isinstance(wait, RateLimited) else now + PERSON, str(wait)
            self._closed_until = until
        except (BookwrightError, TimeoutError) as error:
            until, reason = now + AGAIN, str(error) or "it took too long"
        logger.warning("published later", name=due.name, reason=reason)
        await self._publications.later(due, until)
