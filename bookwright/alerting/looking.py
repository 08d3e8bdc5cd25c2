"""Finding what operators should see: in the store, and in Temporal's queues."""

import time
from collections.abc import Awaitable, Callable

from temporalio.client import Client

from bookwright.contracts.deliveries import AlertKind
from bookwright.contracts.errors import ServiceUnavailable
from bookwright.store.database.columns import utcnow
from bookwright.store.webhooks.alerts import AlertStore, Found
from bookwright.telemetry.backlog import Backlog, backlogs

QUEUES_S = 60.0
"""Between looks at the queues: a request to Temporal for each."""
LONG_S = 30.0
"""A task that has waited for so long in a queue that nobody polls waits for a worker."""


class AlertLook:
    """Runs in every worker and in the web service: who is left sees that the others are gone."""

    def __init__(
        self,
        alerts: AlertStore,
        connect: Callable[[], Awaitable[Client]],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._alerts = alerts
        self._connect = connect
        self._now = now
        self._looked = -QUEUES_S

    async def look(self) -> None:
        """Write down what there is. Raises ServiceUnavailable for a store that is away; a Temporal that is away has
        nothing to show."""
        await self._alerts.look()
        if self._now() - self._looked >= QUEUES_S:
            self._looked = self._now()
            try:
                found = unattended(await backlogs(await self._connect()))
            except ServiceUnavailable:
                return
            if found:
                await self._alerts.record(found)


def unattended(queues: list[Backlog]) -> list[Found]:
    """Alerts of the queues in which tasks wait for a worker that is not there."""
    now = utcnow()
    return [
        Found(
            AlertKind.NO_WORKER,
            f"{queue.queue}/{queue.kind}",
            f"nobody polls {queue.queue} ({queue.kind} tasks), where work waits: start a worker with "
            f"--queues {queue.queue.removeprefix('bookwright-')}",
            queue.tasks,
            now,
        )
        for queue in queues
        if queue.tasks and not queue.pollers and queue.age_s >= LONG_S
    ]
