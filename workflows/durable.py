"""Waiting out what is nobody's failure."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError

from workflows.steering import stop_if_cancelled

T = TypeVar("T")

LONGEST_PAUSE_S = 60.0
"""Between two rounds of attempts; an hour without a database adds some 500 events to a history."""
_AWAY = "ServiceUnavailable"


async def once_it_is_back(attempt: Callable[[], Awaitable[T]], *, also_timeouts: bool = False) -> T:
    """What `attempt` answers; it is made again as long as an activity in it fails because the store is away.

    Declared attempts count real failures, and a database that is being restarted is none of the book's.
    `also_timeouts` is for short steps: those time out only when their worker died or the store hangs.
    """
    rounds = 0
    while True:
        try:
            return await attempt()
        except ActivityError as error:
            if not (store_is_away(error.cause) or (also_timeouts and isinstance(error.cause, TimeoutError))):
                raise
        await pause(rounds)
        rounds += 1


def store_is_away(cause: BaseException | None) -> bool:
    """Whether an activity failed because the database can't be reached."""
    return isinstance(cause, ApplicationError) and cause.type == _AWAY


async def pause(rounds: int) -> None:
    """Wait 1, 2, 4… seconds, LONGEST_PAUSE_S at most."""
    stop_if_cancelled()
    await workflow.sleep(min(2.0**rounds, LONGEST_PAUSE_S))
