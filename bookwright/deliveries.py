"""The outbox of deliveries: has a workflow begun for each of them."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from bookwright.contracts.deliveries import DeliveryRun
from bookwright.contracts.queues import Queue
from bookwright.store.webhooks.deliveries import DeliveryStore
from bookwright.store.webhooks.records import Waiting
from bookwright.telemetry.logs import get_logger

logger = get_logger(__name__)

TASK = timedelta(seconds=2)
BEHIND_BOOKS = 5
"""The last of Temporal's priorities: nobody's book waits for a message."""


class DeliveryStarter:
    """Runs in every worker; doing the same twice has no effect."""

    def __init__(self, client: Client, deliveries: DeliveryStore) -> None:
        self._client = client
        self._deliveries = deliveries

    async def look(self) -> None:
        """Begin what waits in the outbox."""
        for delivery in await self._deliveries.waiting():
            await self._start(delivery)
            await self._deliveries.dispatched(delivery)

    async def _start(self, delivery: Waiting) -> None:
        try:
            await self._client.start_workflow(
                "WebhookDelivery",
                DeliveryRun(owner_id=delivery.owner_id, delivery_id=delivery.delivery_id),
                id=delivery_workflow_id(delivery),
                task_queue=Queue.BOOKS,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                task_timeout=TASK,
                priority=Priority(priority_key=BEHIND_BOOKS, fairness_key=delivery.whose[:64]),
                static_summary=f"Tell of {delivery.event}",
            )
        except WorkflowAlreadyStartedError:
            logger.info("delivery was begun before", owner=delivery.owner_id)


def delivery_workflow_id(delivery: Waiting) -> str:
    """The id of the `WebhookDelivery` of one turn of a delivery."""
    return f"delivery/{delivery.delivery_id}/{delivery.turn}"
