"""Where providers may report on the jobs that they work on."""

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.ports.calls import WebhookUrl
from bookwright.settings import Settings


def webhook_urls(settings: Settings) -> WebhookUrl:
    """The addresses of the web service's own routes; none for a provider whose reports would be refused, or while
    nobody outside can reach the service."""
    reporting = {"revai"} | ({"replicate"} if settings.replicate_webhook_secret else set())

    def url(call: ProviderCall, token: str) -> str | None:
        if not settings.public_url or call.provider not in reporting:
            return None
        return f"{settings.public_url.rstrip('/')}/api/webhooks/{call.provider}/{token}"

    return url
