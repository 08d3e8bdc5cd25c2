"""Searching what was ingested. The command line and the API share this."""

import asyncio
import logging
import time
from uuid import uuid4

from activities.buying import Buyer
from activities.slots import Slots
from bookwright.contracts.calls import Holder, Usage
from bookwright.contracts.errors import BadAnswer, BadInput, BookwrightError, ServiceUnavailable, StorageFull
from bookwright.contracts.ids import BookId, JobId, OwnerId
from bookwright.contracts.media import Vectors
from bookwright.contracts.ports.calls import Ledger, Material
from bookwright.contracts.ports.engines import Embedder
from bookwright.contracts.search import LONGEST_QUERY, MOST_FOUND, Found
from bookwright.store import Assets, Database
from bookwright.store.search.store import SearchStore
from bookwright.text.searching import asked

SEARCHES = "searches"
"""In place of a book and a job in the ledger."""
DEADLINE_S = 10.0
"""Of the query's vector, with all waiting for it: who searches does not wait longer, and is answered by words alone."""
AT_ONCE = 4
_NOBODY = "nobody is set who makes vectors (BOOKWRIGHT_EMBEDDINGS): only the words of the query were looked for"
_FAILED = "the query's vector could not be had just now: only its words were looked for"
_LOG = logging.getLogger(__name__)


class Searches:
    """Finds passages by their words and by what they mean."""

    def __init__(self, database: Database, ledger: Ledger, assets: Assets, embedder: Embedder | None) -> None:
        """Without an embedder, words alone are looked for."""
        self._store = SearchStore(database)
        self._buyer = Buyer(ledger, assets)
        self._assets = assets
        self._embedder = embedder
        self._room = Slots(min(AT_ONCE, embedder.concurrency) if embedder else AT_ONCE)

    async def search(self, owner: OwnerId, query: str, most: int) -> Found:
        """At most `most` (1 to MOST_FOUND) passages of the owner's audiobooks and of all public ones, best first. The
        query's vector is bought once by each owner, through the ledger. Raises BadInput."""
        query = query.replace("\0", " ").strip()
        if not 1 <= len(query) <= LONGEST_QUERY:
            raise BadInput(f"q: write 1 to {LONGEST_QUERY} characters to search for", field="q")
        if not 1 <= most <= MOST_FOUND:
            raise BadInput(f"limit: ask for 1 to {MOST_FOUND} passages", field="limit")
        vector, notice = await self._vector(owner, query)
        engine = self._embedder
        model = f"{engine.provider} {engine.model}" if engine else ""
        found = await self._store.search(owner, asked(query), vector, model, most=most)
        return Found(passages=tuple(found), by_meaning=vector is not None, notice=notice)

    async def _vector(self, owner: OwnerId, query: str) -> tuple[tuple[float, ...] | None, str | None]:
        """The query's vector, or why there is none."""
        engine = self._embedder
        if engine is None:
            return None, _NOBODY
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await self._bought(engine, owner, query), None
        except (StorageFull, ServiceUnavailable):
            raise
        except (BookwrightError, TimeoutError) as error:
            _LOG.warning("a query's vector could not be had: %s", type(error).__name__)
            return None, _FAILED

    async def _bought(self, engine: Embedder, owner: OwnerId, query: str) -> tuple[float, ...]:
        async def examine(made: Vectors) -> Material:
            if len(made.vectors) != 1:
                raise BadAnswer(f"{len(made.vectors)} vectors came for one text")
            data = made.model_dump_json().encode()
            return Material(data=data, media_type="application/json", facts={}, cost_micros=made.cost_micros)

        answer = await self._buyer.buy(
            lambda take: engine.call([query], query=True, take=take),
            engine.embed,
            examine,
            usage=Usage(owner_id=owner, book_id=BookId(SEARCHES), job_id=JobId(SEARCHES), unit="search"),
            holder=Holder(activity=f"{SEARCHES}/{uuid4()}", attempt=time.time_ns() // 1_000_000),
            limit=self._room,
            deadline_s=DEADLINE_S,
        )
        return Vectors.model_validate_json(await self._assets.get(answer.asset)).vectors[0]
