"""One attempt at a step that may have to wait, or fail and be made again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.heartbeat import heartbeating, real_failures
from activities.holding import as_wait, hold_for
from bookwright.contracts.errors import MustWait, StorageFull, Transient, WorkerLeaving
from bookwright.contracts.progress import Deferred

T = TypeVar("T")


async def attempt(work: Callable[[], Awaitable[T]], put_off: Callable[[Deferred], T]) -> T:
    """What `work` answers, heartbeating meanwhile; where it has to wait, what `put_off` makes of the reason. Raises
    Permanent errors as they are, Transient ones with the number of attempts that failed by themselves."""
    async with heartbeating():
        try:
            return await work()
        except (MustWait, StorageFull) as wait:
            return put_off(Deferred(hold=hold_for([as_wait(wait)])))
        except Transient as error:
            raise failed_attempt(error, leaving=isinstance(error, WorkerLeaving)) from error


def failed_attempt(error: BaseException, *, leaving: bool) -> ApplicationError:
    """What an attempt ends with that is to be made again: it says how many have failed by themselves, this one too
    unless it ended because its worker is `leaving`."""
    failures = real_failures() + (not leaving)
    activity.heartbeat(failures)
    return ApplicationError(str(error), failures, type=type(error).__name__)
