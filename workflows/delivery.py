"""`WebhookDelivery`: tells one address of one thing, for a day if need be."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.delivering import Delivering
    from bookwright.contracts.deliveries import Delivered, DeliveryRun
    from workflows import policies
    from workflows.durable import once_it_is_back


@workflow.defn
class WebhookDelivery:
    """Makes an attempt, then waits longer each time and tries again, until the message is taken, the receiver wants no
    more, or a day has passed. The store has the message, and what each attempt came to."""

    @workflow.run
    async def run(self, run: DeliveryRun) -> Delivered:
        waits = (*policies.DELIVERY_WAITS, None)
        for attempt, wait in enumerate(waits, 1):
            made = await self._attempt(run.model_copy(update={"last": wait is None}), f"{attempt}/{len(waits)}")
            if wait is None or made.over:
                break
            await workflow.sleep(max(wait, timedelta(seconds=made.wait_s)))
        return made

    async def _attempt(self, run: DeliveryRun, which: str) -> Delivered:
        return await once_it_is_back(
            lambda: workflow.execute_activity_method(
                Delivering.deliver, run, summary=f"Attempt {which}", **policies.DELIVERY
            ),
            also_timeouts=True,
        )
