"""Webhooks and alerts in the store, on both databases."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bookwright.contracts.access import Actor
from bookwright.contracts.deliveries import AlertKind, DeliveryRun, DeliveryState, Outlet, WebhookEvent
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.ports.deliveries import Answer
from bookwright.contracts.progress import AWAITING_APPROVAL, JobState
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE
from bookwright.store.jobs.store import JobRow
from bookwright.store.ledger.budgets import month_used_up
from bookwright.store.webhooks.alerts import AlertStore
from bookwright.store.webhooks.deliveries import DeliveryStore
from bookwright.store.webhooks.store import MOST, OVERLAP, WebhookStore
from bookwright.store.webhooks.tables import deliveries
from tests.store.conftest import ANNA, BELA, World

URL = "https://hooks.example.com/a"
BY = Actor("anna")
DAYS = timedelta(days=5)
TAKEN, LOST, GONE = Answer(status=204, ms=3), Answer(error="there was no answer"), Answer(status=410)


@pytest.fixture
def hooks(world: World) -> WebhookStore:
    return WebhookStore(world.database, world.clock)


@pytest.fixture
def outbox(world: World) -> DeliveryStore:
    return DeliveryStore(world.database, world.clock)


async def running(world: World, owner: OwnerId = ANNA) -> JobRow:
    job = await world.accepted(owner)
    await world.jobs.started(owner, job.job_id)
    return job


async def bodies(outbox: DeliveryStore) -> list[dict[str, Any]]:
    """What is in the outbox, in order."""
    parcels = [await outbox.parcel(run_of(one.owner_id, one.delivery_id)) for one in await outbox.waiting()]
    return [json.loads(parcel.body) for parcel in parcels if parcel]


def run_of(owner: OwnerId, delivery: str, *, last: bool = False) -> DeliveryRun:
    return DeliveryRun(owner_id=owner, delivery_id=delivery, last=last)


async def test_events_of_a_job_are_put_into_the_outbox_of_those_who_want_them(
    world: World, hooks: WebhookStore, outbox: DeliveryStore
) -> None:
    everything = await hooks.create(ANNA, URL, None, list(WebhookEvent), actor=BY)
    failures = await hooks.create(ANNA, URL, None, [WebhookEvent.FAILED], actor=BY)
    await hooks.create(BELA, URL, None, list(WebhookEvent), actor=BY)
    job = await running(world)
    await world.books.hold(ANNA, job.job_id, AWAITING_APPROVAL, paused=True)
    await world.books.hold(ANNA, job.job_id, None, paused=False)
    await world.books.hold(ANNA, job.job_id, "the key is refused", paused=True)
    await world.jobs.close(ANNA, job.job_id, JobState.FAILED, "the voice refused a text that nobody else may see")
    told = await bodies(outbox)
    assert [body["type"] for body in told] == [
        "job.started",
        "job.waiting_for_approval",
        "job.paused",
        "job.failed",
        "job.failed",
    ]
    assert {each.whose for each in await outbox.waiting()} == {everything.facts.webhook_id, failures.facts.webhook_id}
    data = told[-1]["data"]
    assert (data["job_id"], data["job_number"], data["status"]) == (job.job_id, job.number, "failed")
    assert all(not isinstance(value, str) or "refused" not in value for body in told for value in body["data"].values())


async def test_an_event_that_is_undone_tells_nobody(world: World, hooks: WebhookStore, outbox: DeliveryStore) -> None:
    await hooks.create(ANNA, URL, None, list(WebhookEvent), actor=BY)
    job = await world.accepted()

    class Undone(Exception):
        pass

    def work(connection: sa.Connection) -> None:
        from bookwright.store.jobs.writes import start_job

        start_job(connection, ANNA, job.job_id)
        raise Undone

    with pytest.raises(Undone):
        await world.database.write(ANNA, work)
    assert await outbox.waiting() == []
    await world.jobs.started(ANNA, job.job_id)
    await world.jobs.started(ANNA, job.job_id)
    assert len(await outbox.waiting()) == 1


async def test_the_same_bytes_are_sent_at_each_attempt_and_replay(
    world: World, hooks: WebhookStore, outbox: DeliveryStore
) -> None:
    made = await hooks.create(ANNA, URL, None, [WebhookEvent.STARTED], actor=BY)
    await running(world)
    [waiting] = await outbox.waiting()
    run = run_of(ANNA, waiting.delivery_id)
    first = await outbox.parcel(run)
    assert first and first.url == URL and first.secrets == (made.secret,)
    await outbox.dispatched(waiting)
    assert await outbox.waiting() == []
    with pytest.raises(Conflict, match="being delivered"):
        await hooks.replay(ANNA, "1", waiting.delivery_id)
    assert await outbox.attempted(run, LOST, DAYS) is DeliveryState.PENDING
    assert await outbox.attempted(run, TAKEN, DAYS) is DeliveryState.DELIVERED
    assert await outbox.parcel(run) is None, "it was taken"
    again = await hooks.replay(ANNA, "1", waiting.delivery_id)
    assert (again.state, again.attempts, again.status) == (DeliveryState.PENDING, 2, 204)
    [waiting] = await outbox.waiting()
    assert waiting.turn == 2
    assert await outbox.parcel(run) == first
    assert await outbox.attempted(run_of(ANNA, waiting.delivery_id, last=True), LOST, DAYS) is DeliveryState.FAILED


async def test_a_rotated_secret_signs_for_a_day_beside_the_new_one(
    world: World, hooks: WebhookStore, outbox: DeliveryStore
) -> None:
    made = await hooks.create(ANNA, URL, None, [WebhookEvent.STARTED], actor=BY)
    fresh = await hooks.rotate(ANNA, made.facts.webhook_id, actor=BY)
    sent = await hooks.test(ANNA, "1")
    run = run_of(ANNA, sent.delivery_id)
    parcel = await outbox.parcel(run)
    assert parcel and parcel.secrets == (fresh.secret, made.secret)
    assert fresh.facts.rotating_until == world.clock.now + OVERLAP
    world.clock.pass_by(OVERLAP.total_seconds() + 1)
    parcel = await outbox.parcel(run)
    assert parcel and parcel.secrets == (fresh.secret,)
    assert (await hooks.webhook(ANNA, "1")).rotating_until is None


@pytest.mark.parametrize(
    ("answer", "after_days", "reason"),
    [(GONE, 0, "it answered 410 Gone"), (LOST, 5, "it has failed for 5 days"), (LOST, 4.9, None), (TAKEN, 9, None)],
)
async def test_a_webhook_that_is_gone_or_fails_for_days_is_disabled(
    world: World, hooks: WebhookStore, outbox: DeliveryStore, answer: Answer, after_days: float, reason: str | None
) -> None:
    await hooks.create(ANNA, URL, None, list(WebhookEvent), actor=BY)
    first, second = await hooks.test(ANNA, "1"), await hooks.test(ANNA, "1")
    await outbox.attempted(run_of(ANNA, first.delivery_id), LOST, DAYS)
    world.clock.pass_by(after_days * 24 * 3600)
    await outbox.attempted(run_of(ANNA, first.delivery_id), answer, DAYS)
    found = await hooks.webhook(ANNA, "1")
    assert (found.enabled, found.disabled_reason) == (reason is None, reason)
    if reason is None:
        return
    assert await outbox.parcel(run_of(ANNA, second.delivery_id)) is None, "nothing more is sent there"
    assert {one.state for one in await hooks.deliveries(ANNA, "1", 9)} <= {DeliveryState.FAILED, DeliveryState.PENDING}
    before = len(await outbox.waiting())
    await running(world)
    assert len(await outbox.waiting()) == before, "nor written for it"
    with pytest.raises(Conflict, match="enable it first"):
        await hooks.test(ANNA, "1")
    again = await hooks.change(ANNA, "1", enabled=True, actor=BY)
    assert (again.enabled, again.failing_since) == (True, None)


async def test_webhooks_are_their_owners_and_few(world: World, hooks: WebhookStore) -> None:
    made = await hooks.create(ANNA, URL, "shop", [WebhookEvent.FAILED], actor=BY)
    sent = await hooks.test(ANNA, "1")
    for name in (made.facts.webhook_id, "1", "77"):
        for attempt in (
            lambda name=name: hooks.webhook(BELA, name),
            lambda name=name: hooks.change(BELA, name, enabled=False, actor=BY),
            lambda name=name: hooks.rotate(BELA, name, actor=BY),
            lambda name=name: hooks.remove(BELA, name, actor=BY),
            lambda name=name: hooks.test(BELA, name),
            lambda name=name: hooks.deliveries(BELA, name, 9),
            lambda name=name: hooks.replay(BELA, name, sent.delivery_id),
        ):
            with pytest.raises(NotFound):
                await attempt()
    for _ in range(MOST - 1):
        await hooks.create(ANNA, URL, None, [WebhookEvent.FAILED], actor=BY)
    with pytest.raises(Conflict, match="remove one first"):
        await hooks.create(ANNA, URL, None, [WebhookEvent.FAILED], actor=BY)
    await hooks.remove(ANNA, made.facts.webhook_id, actor=BY)
    assert len(await hooks.webhooks(ANNA, 99)) == MOST - 1


async def test_what_was_told_of_a_book_goes_with_it(world: World, hooks: WebhookStore, outbox: DeliveryStore) -> None:
    await hooks.create(ANNA, URL, None, list(WebhookEvent), actor=BY)
    job = await running(world)
    await world.jobs.close(ANNA, job.job_id, JobState.CANCELLED, None)
    [first, *_] = await outbox.waiting()
    assert await BookRemoval(world.database, world.assets).remove(ANNA, job.book_id)
    assert await outbox.waiting() == []
    run = run_of(ANNA, first.delivery_id)
    assert await outbox.parcel(run) is None
    assert await outbox.attempted(run, TAKEN, DAYS) is DeliveryState.FAILED, "a late answer has no effect"


# -- alerts ----------------------------------------------------------------------------------------------------------


async def test_one_alert_for_each_cause_and_hour_goes_to_each_outlet(
    world: World, hooks: WebhookStore, outbox: DeliveryStore
) -> None:
    now = utcnow().replace(minute=30)
    alerts = AlertStore(world.database, (Outlet.CHAT, Outlet.MAIL), lambda: now)
    for error in ("the voice is away", "the voice is away", "the text is empty"):
        job = await running(world)
        await world.jobs.close(ANNA, job.job_id, JobState.FAILED, error)
    for _ in range(2):
        await alerts.look()
    found = await alerts.alerts(9)
    assert sorted((one.kind, one.count) for one in found) == [(AlertKind.JOB_FAILED, 1), (AlertKind.JOB_FAILED, 2)]
    sent = await outbox.waiting()
    assert sorted(one.whose for one in sent) == ["chat", "chat", "mail", "mail"]
    assert {one.owner_id for one in sent} == {""}
    parcel = await outbox.parcel(run_of(sent[0].owner_id, sent[0].delivery_id))
    assert parcel and parcel.alert and "the " in parcel.alert.message
    job = await running(world)
    await world.jobs.close(ANNA, job.job_id, JobState.FAILED, "the voice is away")
    await alerts.look()
    assert max(one.count for one in await alerts.alerts(9)) == 3, "it counts on"
    assert len(await outbox.waiting()) == 4, "and is not sent again"


async def test_an_alert_is_acknowledged_once_and_by_whom(world: World) -> None:
    alerts = AlertStore(world.database)
    job = await running(world)
    await world.jobs.close(ANNA, job.job_id, JobState.FAILED, "the voice is away")
    await alerts.look()
    [found] = await alerts.alerts(9, acknowledged=False)
    assert (await alerts.acknowledge(found.number, OwnerId("ada"))).acknowledged_by == "ada"
    assert (await alerts.acknowledge(found.number, BELA)).acknowledged_by == "ada"
    assert await alerts.alerts(9, acknowledged=False) == []
    assert len(await alerts.alerts(9, acknowledged=True)) == 1
    with pytest.raises(NotFound):
        await alerts.acknowledge(99, BELA)


def _paused(reason: str) -> Callable[[World], Any]:
    async def pause(world: World) -> None:
        job = await running(world)
        await world.books.hold(ANNA, job.job_id, reason, paused=True)

    return pause


@pytest.mark.parametrize(
    ("happens", "kind"),
    [
        (_paused(f"{month_used_up('2026-11')} An admin can raise it."), AlertKind.BUDGET_REACHED),
        (_paused("The budget of this order is used up. Raise it."), AlertKind.BUDGET_REACHED),
        (_paused("lunch"), None),
    ],
)
async def test_a_budget_that_stops_a_job_is_told_of(
    world: World, happens: Callable[[World], Any], kind: AlertKind | None
) -> None:
    await happens(world)
    alerts = AlertStore(world.database)
    for _ in range(2):
        await alerts.look()
    found = await alerts.alerts(9)
    assert [(one.kind, one.user_id) for one in found] == ([] if kind is None else [(kind, ANNA)])


async def test_a_webhook_that_was_disabled_is_told_of_unless_its_owner_did_it(world: World) -> None:
    hooks, outbox = WebhookStore(world.database), DeliveryStore(world.database)
    for _ in range(2):
        await hooks.create(ANNA, URL, None, list(WebhookEvent), actor=BY)
    sent = await hooks.test(ANNA, "2")
    await hooks.change(ANNA, "1", enabled=False, actor=BY)
    await outbox.attempted(run_of(ANNA, sent.delivery_id), GONE, DAYS)
    alerts = AlertStore(world.database)
    await alerts.look()
    [found] = await alerts.alerts(9)
    assert (found.kind, found.user_id) == (AlertKind.WEBHOOK_DISABLED, ANNA)
    assert "webhook 2" in found.message and "410" in found.message


async def test_old_deliveries_are_dropped(world: World, hooks: WebhookStore, outbox: DeliveryStore) -> None:
    await hooks.create(ANNA, URL, None, list(WebhookEvent), actor=BY)
    old, pending = await hooks.test(ANNA, "1"), await hooks.test(ANNA, "1")
    await outbox.attempted(run_of(ANNA, old.delivery_id), TAKEN, DAYS)
    late = DeliveryStore(world.database, lambda: utcnow() + timedelta(days=31))
    await late.prune()
    left = await world.database.read(SERVICE, lambda c: c.execute(sa.select(deliveries.c.id)).scalars().all())
    assert left == [pending.delivery_id], "what is under way stays"
