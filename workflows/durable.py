"""Waiting out what is nobody's failure."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError, TimeoutType

from workflows.policies import Policy
from workflows.steering import stop_if_cancelled

T = TypeVar("T")
U = TypeVar("U")

LONGEST_PAUSE_S = 60.0
"""Between two rounds of attempts; an hour without a database adds some 500 events to a history."""
LOST_ROUNDS = 10
"""Rounds of attempts that a step may lose to dying workers. What kills every worker that takes it up ends here."""
_AWAY = "ServiceUnavailable"


async def once_it_is_back(attempt: Callable[[], Awaitable[T]], *, also_timeouts: bool = False) -> T:
    """What `attempt` answers; it is made again as long as an activity in it fails because the store is away, and
    LOST_ROUNDS times when it fails because its worker died.

    Declared attempts count real failures; a database that is being restarted, or a worker, is none of the book's.
    `also_timeouts` is for short steps: those time out only when their worker died or the store hangs.
    """
    rounds = lost = 0
    while True:
        try:
            return await attempt()
        except ActivityError as error:
            if worker_died(error.cause) and lost < LOST_ROUNDS:
                lost += 1
                stop_if_cancelled()
                continue
            if not (store_is_away(error.cause) or (also_timeouts and isinstance(error.cause, TimeoutError))):
                raise
        await pause(rounds)
        rounds += 1


async def to_an_outcome(
    run: Callable[[Any, U], Awaitable[T]],
    unit: U,
    give_up: Callable[[ApplicationError], Awaitable[T]],
    *,
    summary: str,
    policy: Policy,
    attempts: int | None = None,
) -> T:
    """What the activity `run` answers for a unit, however often workers die or the store is away, or what `give_up`
    does once `attempts` (the policy's, if not given) have failed by themselves or the error is a permanent one."""
    attempts = attempts or policy["retry_policy"].maximum_attempts
    away = 0
    while True:
        stop_if_cancelled()
        try:
            return await workflow.execute_activity_method(run, unit, summary=summary, **policy)
        except ActivityError as error:
            cause = error.cause
            if isinstance(cause, TimeoutError):
                continue  # the worker died or froze, which says nothing about the work
            if not isinstance(cause, ApplicationError):
                raise
            if store_is_away(cause):
                await pause(away)
                away += 1
                continue
            if real_failures(cause, attempts) < attempts:
                continue
            return await give_up(cause)


def giving_up(
    record: Callable[..., Awaitable[T]], unit: object, *, summary: str, policy: Policy, after: Policy | None = None
) -> Callable[[ApplicationError], Awaitable[T]]:
    """For `to_an_outcome`: have the activity `record` write down why a unit can't be made. With `after`, the policy of
    the work, it is also told how many attempts there were and where they failed."""

    async def give_up(error: ApplicationError) -> T:
        traced = [after["retry_policy"].maximum_attempts, trace_of(error)] if after else []
        return await workflow.execute_activity_method(
            record, args=[unit, error.type or "Error", error.message, *traced], summary=summary, **policy
        )

    return give_up


def real_failures(error: ApplicationError, attempts: int) -> int:
    """Attempts that failed by themselves; a permanent error is as good as all of them."""
    return int(error.details[0]) if error.details else attempts


def trace_of(error: ApplicationError) -> str | None:
    """Where an activity failed, at the bottom of it."""
    trace, cause = None, error
    while isinstance(cause, ApplicationError):
        trace = (cause.failure.stack_trace if cause.failure else None) or trace
        cause = cause.__cause__  # type: ignore[assignment]
    return trace


def store_is_away(cause: BaseException | None) -> bool:
    """Whether an activity failed because the database can't be reached."""
    return isinstance(cause, ApplicationError) and cause.type == _AWAY


def worker_died(cause: BaseException | None) -> bool:
    """Whether an activity's heartbeat stopped: its worker was killed, or frozen for longer than that."""
    return isinstance(cause, TimeoutError) and cause.type is TimeoutType.HEARTBEAT


async def pause(rounds: int) -> None:
    """Wait 1, 2, 4… seconds, LONGEST_PAUSE_S at most."""
    stop_if_cancelled()
    await workflow.sleep(min(2.0**rounds, LONGEST_PAUSE_S))
