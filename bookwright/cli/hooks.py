"""`webhooks`: where users are told of what happens to their jobs."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from bookwright.cli.app import AsJson, Exit, out, print_json, run
from bookwright.cli.desk import Desk, desk
from bookwright.contracts.deliveries import WebhookEvent
from bookwright.contracts.errors import BadInput
from bookwright.hooks import Hooks
from bookwright.store.access.audit import COMMAND_LINE
from bookwright.store.webhooks.records import DeliveryFacts, NewWebhook, WebhookFacts
from bookwright.store.webhooks.store import WebhookStore

_LISTED = 100
webhooks = typer.Typer(help="Addresses that are told of jobs' events.", no_args_is_help=True)
Webhook = Annotated[str, typer.Argument(help="The webhook's number or id.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    webhooks.command("list")(list_webhooks)
    webhooks.command("add")(add)
    webhooks.command("enable")(enable)
    webhooks.command("test")(test)
    webhooks.command("rotate")(rotate)
    webhooks.command("remove")(remove)
    webhooks.command("deliveries")(deliveries)
    webhooks.command("replay")(replay)
    app.add_typer(webhooks, name="webhooks")


def open_hooks(opened: Desk) -> Hooks:
    """Webhooks of a desk; addresses are checked as they are when something is sent."""
    from bookwright.providers.guarded import GuardedClient

    guarded = GuardedClient(allowed=opened.settings.notices.webhook_origins, deadline_s=5)
    return Hooks(WebhookStore(opened.database), guarded.check)


def list_webhooks(as_json: AsJson = False) -> None:
    """The newest webhooks."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await open_hooks(opened).store.webhooks(opened.owner, _LISTED)
        if as_json:
            print_json([_json(webhook) for webhook in found])
        for webhook in () if as_json else found:
            out.print(_line(webhook))
        return Exit.DONE

    run(work, as_json=as_json)


def add(
    url: Annotated[str, typer.Argument(help="An http or https address on the open web.")],
    events: Annotated[
        list[str] | None, typer.Option("--event", help="What to tell of, again for each; everything when left out.")
    ] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    as_json: AsJson = False,
) -> None:
    """Have events posted to an address. The secret that signs them is shown once."""

    async def work() -> Exit:
        wanted = _events(events)
        async with desk() as opened:
            made = await open_hooks(opened).create(opened.owner, url, description, wanted, actor=COMMAND_LINE)
        _show_secret(made, as_json)
        return Exit.DONE

    run(work, as_json=as_json)


def enable(webhook: Webhook, as_json: AsJson = False) -> None:
    """Tell a webhook again that was disabled."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await open_hooks(opened).change(opened.owner, webhook, enabled=True, actor=COMMAND_LINE)
        if as_json:
            print_json(_json(found))
        else:
            out.print(_line(found))
        return Exit.DONE

    run(work, as_json=as_json)


def test(webhook: Webhook, as_json: AsJson = False) -> None:
    """Post a `webhook.test`. A running service delivers it."""

    async def work() -> Exit:
        async with desk() as opened:
            _show_delivery(await open_hooks(opened).store.test(opened.owner, webhook), as_json)
        return Exit.DONE

    run(work, as_json=as_json)


def rotate(webhook: Webhook, as_json: AsJson = False) -> None:
    """Make a new secret, which is shown once. The former one signs too for a day."""

    async def work() -> Exit:
        async with desk() as opened:
            _show_secret(await open_hooks(opened).store.rotate(opened.owner, webhook, actor=COMMAND_LINE), as_json)
        return Exit.DONE

    run(work, as_json=as_json)


def remove(webhook: Webhook, as_json: AsJson = False) -> None:
    """Tell a webhook no more, and forget its deliveries."""

    async def work() -> Exit:
        async with desk() as opened:
            store = open_hooks(opened).store
            found = await store.webhook(opened.owner, webhook)
            await store.remove(opened.owner, found.webhook_id, actor=COMMAND_LINE)
        if as_json:
            print_json({"webhook": found.number, "removed": True})
        else:
            out.print(f"webhook {found.number} is removed")
        return Exit.DONE

    run(work, as_json=as_json)


def deliveries(webhook: Webhook, as_json: AsJson = False) -> None:
    """What a webhook was told lately, newest first."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await open_hooks(opened).store.deliveries(opened.owner, webhook, _LISTED)
        if as_json:
            print_json([delivery.model_dump(mode="json") for delivery in found])
        for delivery in () if as_json else found:
            out.print(_delivery_line(delivery))
        return Exit.DONE

    run(work, as_json=as_json)


def replay(
    webhook: Webhook,
    delivery: Annotated[str, typer.Argument(help="The delivery's number or id.")],
    as_json: AsJson = False,
) -> None:
    """Deliver a message once more. A running service does it."""

    async def work() -> Exit:
        async with desk() as opened:
            _show_delivery(await open_hooks(opened).store.replay(opened.owner, webhook, delivery), as_json)
        return Exit.DONE

    run(work, as_json=as_json)


def _events(names: list[str] | None) -> list[WebhookEvent]:
    if not names:
        return list(WebhookEvent)
    if unknown := set(names) - set(WebhookEvent):
        raise BadInput(f"event: there is no {min(unknown)!r}; choose from {', '.join(WebhookEvent)}", field="event")
    return [WebhookEvent(name) for name in names]


def _show_secret(made: NewWebhook, as_json: bool) -> None:
    if as_json:
        print_json(_json(made.facts) | {"secret": made.secret})
        return
    out.print(_line(made.facts))
    out.print(f"secret, shown this once: {made.secret}")


def _show_delivery(delivery: DeliveryFacts, as_json: bool) -> None:
    if as_json:
        print_json(delivery.model_dump(mode="json"))
    else:
        out.print(_delivery_line(delivery))


def _json(webhook: WebhookFacts) -> dict[str, Any]:
    return webhook.model_dump(mode="json")


def _line(webhook: WebhookFacts) -> str:
    state = "enabled" if webhook.enabled else f"disabled: {escape(webhook.disabled_reason or '')}"
    what = "everything" if len(webhook.events) == len(WebhookEvent) else ", ".join(webhook.events)
    return f"webhook {webhook.number} [bold]{escape(webhook.url)}[/bold] · {state} · {what}"


def _delivery_line(delivery: DeliveryFacts) -> str:
    tries = f"{delivery.attempts} attempt{'s' * (delivery.attempts != 1)}"
    last = "" if delivery.attempted_at is None else f" · {delivery.error or delivery.status} in {delivery.answer_ms} ms"
    return f"delivery {delivery.number} {delivery.event} · {delivery.state} · {tries}{escape(last)}"
