"""Who delivers webhooks and alerts."""

from contextlib import AsyncExitStack
from datetime import timedelta

from activities.delivering import Delivering
from bookwright.alerting.outlets import Outlets
from bookwright.providers.sending import HttpMessenger
from bookwright.settings import Settings
from bookwright.store import Database
from bookwright.store.webhooks.deliveries import DeliveryStore


def open_delivering(settings: Settings, database: Database, stack: AsyncExitStack) -> Delivering:
    """The activities of deliveries; what they open is closed with `stack`. Raises Misconfigured for a template of
    alerts that can't be used."""
    notices = settings.notices
    outlets = Outlets(notices, settings.public_url)
    messenger = HttpMessenger(outlets.request, allowed=notices.webhook_origins, outlets=outlets.origins)
    stack.push_async_callback(messenger.close)
    return Delivering(DeliveryStore(database), messenger, timedelta(days=notices.webhook_days))
