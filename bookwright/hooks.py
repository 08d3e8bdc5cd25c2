"""Webhooks of users: their addresses are checked before anything is written."""

from collections.abc import Awaitable, Callable, Sequence

from bookwright.contracts.access import Actor
from bookwright.contracts.deliveries import WebhookEvent
from bookwright.contracts.errors import BadInput, UnsafeAddress
from bookwright.contracts.ids import OwnerId
from bookwright.store.webhooks.records import NewWebhook, WebhookFacts
from bookwright.store.webhooks.store import WebhookStore

FIELD = "url"
LONGEST_URL, LONGEST_DESCRIPTION = 2048, 200


class Hooks:
    """Makes and changes webhooks, for the command line and the API."""

    def __init__(self, store: WebhookStore, check: Callable[[str], Awaitable[None]]) -> None:
        """`check` raises UnsafeAddress for an address that nothing would be sent to."""
        self.store = store
        self._check = check

    async def create(
        self, owner: OwnerId, url: str, description: str | None, events: Sequence[WebhookEvent], *, actor: Actor
    ) -> NewWebhook:
        """Make a webhook; its secret is in the answer and never again. Raises UnsafeAddress, BadInput and Conflict."""
        await self._checked(url)
        if description is not None and len(description) > LONGEST_DESCRIPTION:
            raise BadInput(f"description: give one of at most {LONGEST_DESCRIPTION} characters", field="description")
        return await self.store.create(owner, url, description, _once(events), actor=actor)

    async def change(
        self,
        owner: OwnerId,
        name: str,
        *,
        url: str | None = None,
        description: str | None = None,
        events: Sequence[WebhookEvent] | None = None,
        enabled: bool | None = None,
        actor: Actor,
    ) -> WebhookFacts:
        """Change what is named. Raises UnsafeAddress and NotFound."""
        if url is not None:
            await self._checked(url)
        wanted = None if events is None else _once(events)
        return await self.store.change(
            owner, name, url=url, description=description, events=wanted, enabled=enabled, actor=actor
        )

    async def _checked(self, url: str) -> None:
        if len(url) > LONGEST_URL:
            raise BadInput(f"{FIELD}: give an address of at most {LONGEST_URL} characters", field=FIELD)
        try:
            await self._check(url)
        except UnsafeAddress as error:
            raise UnsafeAddress(
                f"{FIELD}: {error}: name one that is on the open web, or have the operator allow its origin in "
                "BOOKWRIGHT_WEBHOOK_ORIGINS",
                field=FIELD,
            ) from None


def _once(events: Sequence[WebhookEvent]) -> list[WebhookEvent]:
    """In the order that they have here, each one time."""
    return [event for event in WebhookEvent if event in events]
