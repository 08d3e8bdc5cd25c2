"""How much work waits in Temporal's task queues."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from bookwright.contracts.errors import ServiceUnavailable
from bookwright.contracts.queues import Queue

PATIENCE = timedelta(seconds=2)
_KINDS = {
    "workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}


class Seen(NamedTuple):
    """A worker's process that polls a queue, and when it last asked: it waits up to a minute for an answer."""

    identity: str
    at: datetime


class Backlog(NamedTuple):
    """Tasks of one kind (`workflow`, `activity`) that wait in one queue, for how long, and how many processes poll."""

    queue: str
    kind: str
    tasks: int
    age_s: float
    pollers: int
    seen: tuple[Seen, ...] = ()


async def backlogs(client: Client) -> list[Backlog]:
    """Of each queue that has such tasks at all. Raises ServiceUnavailable."""
    asked = [(queue, "activity") for queue in Queue] + [(Queue.BOOKS, "workflow")]
    return [await _backlog(client, queue, kind) for queue, kind in asked]


async def _backlog(client: Client, queue: Queue, kind: str) -> Backlog:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=_KINDS[kind],
        report_stats=True,
    )
    try:
        answer = await client.workflow_service.describe_task_queue(request, timeout=PATIENCE)
    except RPCError as error:
        raise ServiceUnavailable("Temporal did not answer") from error
    age = answer.stats.approximate_backlog_age.ToTimedelta().total_seconds()
    seen = tuple(Seen(poller.identity, poller.last_access_time.ToDatetime(UTC)) for poller in answer.pollers)
    return Backlog(queue.value, kind, answer.stats.approximate_backlog_count, age, len(seen), seen)
