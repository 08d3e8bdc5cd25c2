"""Looking again and again for what is to be begun."""

import asyncio
from collections.abc import Awaitable, Callable

from temporalio.service import RPCError

from bookwright.contracts.errors import BookwrightError
from bookwright.telemetry.logs import get_logger

logger = get_logger(__name__)

LOOK_S = 1.0


async def keep_looking(*looks: Callable[[], Awaitable[None]], every_s: float = LOOK_S) -> None:
    """Do all of these once in a while until cancelled. Trouble with the store or with Temporal is waited out, and one
    that has it keeps no other from its turn."""
    while True:
        for look in looks:
            try:
                await look()
            except (BookwrightError, RPCError) as error:
                logger.warning("looking waits", reason=type(error).__name__)
        await asyncio.sleep(every_s)
