"""`WebhookDelivery`: how often and how long it is tried to tell somebody."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from bookwright.contracts.deliveries import DAY_S, Delivered, DeliveryRun
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.queues import Queue
from tests.workflows.conftest import working
from workflows.delivery import WebhookDelivery
from workflows.policies import DELIVERY_WAITS

ANNA = OwnerId("anna")
ATTEMPTS = len(DELIVERY_WAITS) + 1


class FakeDelivering:
    """A receiver whose answers are given, the last one for ever."""

    def __init__(self, *answers: Delivered | ApplicationError) -> None:
        self.answers = list(answers)
        self.runs: list[DeliveryRun] = []
        self.ats: list[float] = []

    def all(self) -> Sequence[Callable[..., Any]]:
        @activity.defn(name="Deliver")
        async def deliver(run: DeliveryRun) -> Delivered:
            self.runs.append(run)
            self.ats.append(activity.info().scheduled_time.timestamp())
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, ApplicationError):
                raise answer
            return answer.model_copy(update={"over": True}) if run.last else answer

        return [deliver]


async def begun(client: Client, name: str | None = None) -> WorkflowHandle[WebhookDelivery, Delivered]:
    return await client.start_workflow(
        WebhookDelivery.run,
        DeliveryRun(owner_id=ANNA, delivery_id="d"),
        id=f"delivery/{name or uuid4()}/1",
        task_queue=Queue.BOOKS,
        task_timeout=timedelta(seconds=2),
    )


NOT_TAKEN, TAKEN = Delivered(over=False), Delivered(over=True)


async def test_it_is_tried_for_a_day_ever_more_slowly_and_then_given_up(skipping: WorkflowEnvironment) -> None:
    fakes = FakeDelivering(NOT_TAKEN)
    async with working(skipping.client, fakes):
        await (await begun(skipping.client)).result()
    assert [run.last for run in fakes.runs] == [False] * (ATTEMPTS - 1) + [True]
    waited = [round(later - earlier) for earlier, later in zip(fakes.ats, fakes.ats[1:], strict=False)]
    assert waited == pytest.approx([wait.total_seconds() for wait in DELIVERY_WAITS], abs=5)
    assert 0.9 * DAY_S < sum(waited) <= DAY_S


async def test_a_receiver_that_asks_to_be_left_alone_is(skipping: WorkflowEnvironment) -> None:
    fakes = FakeDelivering(Delivered(over=False, wait_s=3600), TAKEN)
    async with working(skipping.client, fakes):
        await (await begun(skipping.client)).result()
    assert len(fakes.runs) == 2
    assert fakes.ats[1] - fakes.ats[0] == pytest.approx(3600, abs=5)


async def test_a_store_that_is_away_uses_up_no_attempt(skipping: WorkflowEnvironment) -> None:
    away = ApplicationError("the database is away", type="ServiceUnavailable")
    fakes = FakeDelivering(*[away] * 12, TAKEN)
    async with working(skipping.client, fakes):
        await (await begun(skipping.client)).result()
    assert not any(run.last for run in fakes.runs)
