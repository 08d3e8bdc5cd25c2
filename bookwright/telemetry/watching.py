"""What is logged and counted of every activity, in one place."""

import asyncio
import time
from datetime import datetime
from typing import Any, Protocol

from temporalio import activity
from temporalio.exceptions import CancelledError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from bookwright.telemetry.logs import bound, get_logger

logger = get_logger(__name__)


class ActivityMeter(Protocol):
    """Counts activities."""

    def began(self, queue: str, name: str, attempt: int, lag_s: float) -> None:
        """An activity was taken up, `lag_s` after it could have been."""
        ...

    def ended(self, queue: str, name: str, outcome: str, seconds: float) -> None:
        """It ended: `done`, `deferred`, `cancelled`, `failed`, or `handed on` to be completed from elsewhere."""
        ...


class Watching(Interceptor):
    """Binds ids to all that an activity logs, and says how it ended."""

    def __init__(self, meter: ActivityMeter | None) -> None:
        self._meter = meter

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Watched(next, self._meter)


class _Watched(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, meter: ActivityMeter | None) -> None:
        super().__init__(next)
        self._meter = meter

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        if self._meter is not None:
            lag = _seconds(info.current_attempt_scheduled_time, info.started_time)
            self._meter.began(info.task_queue, info.activity_type, info.attempt, lag)
        with bound(workflow=info.workflow_id, activity=info.activity_type, attempt=info.attempt, **_ids(input.args)):
            began, outcome = time.perf_counter(), "handed on"  # what `raise_complete_async` raises is no Exception
            try:
                answer = await self.next.execute_activity(input)
                outcome = "deferred" if getattr(answer, "deferred", None) else "done"
                return answer
            except (asyncio.CancelledError, CancelledError):
                outcome = "cancelled"
                raise
            except Exception:
                outcome = "failed"
                raise
            finally:
                seconds = time.perf_counter() - began
                if self._meter is not None:
                    self._meter.ended(info.task_queue, info.activity_type, outcome, seconds)
                logger.info("activity ended", outcome=outcome, ms=round(seconds * 1000))


def _seconds(since: datetime, until: datetime) -> float:
    return max((until - since).total_seconds(), 0.0)


def _ids(args: Any) -> dict[str, str]:
    """Whose and which book's work it is, from the activity's one argument."""
    first = args[0] if args else None
    context = getattr(first, "context", first)
    found = {name: getattr(context, f"{name}_id", None) for name in ("owner", "book", "job")}
    return {name: value for name, value in found.items() if isinstance(value, str)}
