"""Keeping a long activity alive, and noticing that it was cancelled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

BEAT_S = 0.8
"""Three beats fit into the heartbeat time-out, so that one late beat doesn't cost an attempt."""


@asynccontextmanager
async def heartbeating() -> AsyncIterator[None]:
    """Heartbeat for as long as the block runs. Cancellation reaches the block as `asyncio.CancelledError`."""

    async def beat() -> None:
        while True:  # what ends sooner needs no beat: each costs a call to Temporal
            await asyncio.sleep(BEAT_S)
            activity.heartbeat(real_failures())

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait([beating])  # and not `await beating`: whose cancellation that raises is not known
        if not beating.cancelled():
            beating.result()


def real_failures() -> int:
    """How many earlier attempts failed by themselves. Attempts that ended because a worker died are not counted:
    the count travels in the heartbeat, which only a failing attempt raises."""
    details = activity.info().heartbeat_details
    return int(details[0]) if details else 0


def is_last_attempt() -> bool:
    """Whether this attempt is the last of those that are declared: what fails by itself now is given up."""
    policy = activity.info().retry_policy
    return policy is not None and 0 < policy.maximum_attempts <= real_failures() + 1
