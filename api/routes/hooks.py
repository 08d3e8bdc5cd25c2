"""Webhooks: where users are told of what happens to their jobs."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.deps import TheActor, TheBackend, TheCaller
from api.schemas.hooks import DeliveryList, MadeWebhook, WebhookChange, WebhookList, WebhookOrder
from api.schemas.problems import Problem
from api.wire.cursors import Cursor, Limit, number, part
from api.wire.names import named
from bookwright.contracts.errors import NotFound
from bookwright.store.webhooks.records import DeliveryFacts, NewWebhook, WebhookFacts

REPORTING = ("replicate", "revai")
"""Whose reports come in under these names, without a key: they are no webhooks of users."""
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "There is no such webhook."}}
_NOT_NOW: dict[int | str, dict[str, Any]] = {
    **_UNKNOWN,
    409: {"model": Problem, "description": "The webhook is disabled, or this is being delivered already."},
}
router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


async def webhook_name(webhook: Annotated[str, named("webhook", "there is no such webhook")]) -> str:
    """A webhook's id or number from a path. What can't be one is not found, as an unknown one is."""
    if webhook in REPORTING:
        raise NotFound("there is no such webhook")
    return webhook


WebhookName = Annotated[str, Depends(webhook_name)]
DeliveryName = Annotated[str, named("delivery", "there is no such delivery")]


@router.post(
    "",
    operation_id="createWebhook",
    status_code=201,
    responses={409: {"model": Problem, "description": "The user has too many webhooks."}},
)
async def create(
    order: WebhookOrder, response: Response, backend: TheBackend, caller: TheCaller, actor: TheActor
) -> MadeWebhook:
    """Have events of the caller's jobs posted to an address. What comes is signed with the secret of the answer, as
    Standard Webhooks has it."""
    made = await backend.hooks.create(caller.owner, order.url, order.description, order.events, actor=actor)
    response.headers["Location"] = f"/api/webhooks/{made.facts.webhook_id}"
    return _with_secret(made)


@router.get("", operation_id="listWebhooks")
async def listed(
    request: Request,
    response: Response,
    backend: TheBackend,
    caller: TheCaller,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> WebhookList:
    """The caller's webhooks, newest first."""
    found = await backend.hooks.store.webhooks(caller.owner, limit + 1, number(cursor))
    shown, more = part(request, response, found, limit, lambda one: (one.created_at, str(one.number)))
    return WebhookList(webhooks=shown, next_cursor=more)


@router.get("/{webhook}", operation_id="getWebhook", responses=_UNKNOWN)
async def one(webhook: WebhookName, backend: TheBackend, caller: TheCaller) -> WebhookFacts:
    """One webhook, without its secret."""
    return await backend.hooks.store.webhook(caller.owner, webhook)


@router.patch("/{webhook}", operation_id="changeWebhook", responses=_UNKNOWN)
async def change(
    webhook: WebhookName, change: WebhookChange, backend: TheBackend, caller: TheCaller, actor: TheActor
) -> WebhookFacts:
    """Change a webhook, or enable one again that was disabled."""
    return await backend.hooks.change(
        caller.owner,
        webhook,
        url=change.url,
        description=change.description,
        events=change.events,
        enabled=change.enabled,
        actor=actor,
    )


@router.delete("/{webhook}", operation_id="deleteWebhook", status_code=204, responses=_UNKNOWN)
async def remove(webhook: WebhookName, backend: TheBackend, caller: TheCaller, actor: TheActor) -> None:
    """Remove a webhook with all that is known of its deliveries; those under way are dropped."""
    await backend.hooks.store.remove(caller.owner, webhook, actor=actor)


@router.post("/{webhook}/test", operation_id="testWebhook", status_code=202, responses=_NOT_NOW)
async def test(webhook: WebhookName, backend: TheBackend, caller: TheCaller) -> DeliveryFacts:
    """Post a `webhook.test`; its deliveries say how it went."""
    return await backend.hooks.store.test(caller.owner, webhook)


@router.post("/{webhook}/rotate", operation_id="rotateWebhookSecret", responses=_UNKNOWN)
async def rotate(webhook: WebhookName, backend: TheBackend, caller: TheCaller, actor: TheActor) -> MadeWebhook:
    """Make a new secret. For a day messages are signed with both, so that the receiver can change over."""
    return _with_secret(await backend.hooks.store.rotate(caller.owner, webhook, actor=actor))


@router.get("/{webhook}/deliveries", operation_id="listDeliveries", responses=_UNKNOWN)
async def deliveries(
    request: Request,
    response: Response,
    webhook: WebhookName,
    backend: TheBackend,
    caller: TheCaller,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeliveryList:
    """What the webhook was told in the last 30 days, newest first."""
    found = await backend.hooks.store.deliveries(caller.owner, webhook, limit + 1, number(cursor))
    shown, more = part(request, response, found, limit, lambda one: (one.created_at, str(one.number)))
    return DeliveryList(deliveries=shown, next_cursor=more)


@router.post(
    "/{webhook}/deliveries/{delivery}/replay", operation_id="replayDelivery", status_code=202, responses=_NOT_NOW
)
async def replay(webhook: WebhookName, delivery: DeliveryName, backend: TheBackend, caller: TheCaller) -> DeliveryFacts:
    """Deliver a message once more, with the same id and body, whether it was taken or given up."""
    return await backend.hooks.store.replay(caller.owner, webhook, delivery)


def _with_secret(made: NewWebhook) -> MadeWebhook:
    return MadeWebhook(**made.facts.model_dump(), secret=made.secret)
