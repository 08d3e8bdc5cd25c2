"""Where each provider is asked."""

from importlib import import_module

from bookwright.settings import Account, OpenAIAccount, Provider, RemoteAccount

_MODULES = {
    Provider.SARVAM: "bookwright.providers.sarvam",
    Provider.EDGE: "bookwright.providers.edge_speech",
    Provider.ELEVENLABS: "bookwright.providers.elevenlabs",
    Provider.GEMINI: "bookwright.providers.gemini.engine",
    Provider.REPLICATE: "bookwright.providers.replicate.asking",
    Provider.REVAI: "bookwright.providers.rev_ai",
}
"""The modules whose BASE_URL is the provider's own address."""


def address(account: Account) -> str | None:
    """The base URL that a provider's calls go to; None for one that runs on this machine."""
    if not isinstance(account, RemoteAccount):
        return None
    if isinstance(account, OpenAIAccount):
        return account.base_url or account.OWN_URL
    own: str = import_module(_MODULES[account.provider]).BASE_URL
    return account.base_url or own
