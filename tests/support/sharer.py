"""A process that makes calls within what it leases: `-m tests.support.sharer DATABASE PROVIDER-URL NAME CALLS CEILING`.

It prints `ready`, makes its calls when a line comes in, and prints how many were answered.
"""

import asyncio
import sys

from activities.sharing import Sharing
from activities.slots import Turn
from bookwright.providers.sarvam import SarvamEngine
from bookwright.store import Database, LimitStore
from tests.support.emulator import KEY


async def main(database_url: str, provider_url: str, name: str, *numbers: str) -> None:
    calls, ceiling = map(int, numbers)
    async with Database(database_url) as database, SarvamEngine(KEY, provider_url, concurrency=ceiling) as engine:
        sharing = Sharing(LimitStore(database), name)
        limit = sharing.slots("sarvam", ceiling)
        voice = engine.voice("en", None)

        async def nothing() -> None:
            pass

        async def call(number: int) -> None:
            clock = asyncio.timeout(None)
            async with limit.ahead(), limit.deck(), clock:
                turn = Turn(limit, clock, 30, nothing, nothing)
                await engine.speak(engine.call(f"{name} says {number}.", voice), turn)

        await asyncio.to_thread(say, "ready")
        renewing = asyncio.create_task(sharing.run())
        await asyncio.gather(*(call(number) for number in range(calls)))
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        sys.stdout.write(f"{calls}\n")


def say(word: str) -> None:
    """Print a word, and wait for a line."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
