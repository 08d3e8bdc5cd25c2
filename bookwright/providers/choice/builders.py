"""How each provider's engines are made from its account. An SDK is imported with the first call, not here."""

from bookwright.contracts.errors import Misconfigured
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.settings import Accounts, Capability, Provider


def speech_engine(provider: Provider, accounts: Accounts) -> SpeechEngine:
    """A speech engine. Raises Misconfigured."""
    match provider:
        case Provider.SARVAM:
            from bookwright.providers.sarvam import SarvamEngine

            sarvam = accounts.sarvam
            return SarvamEngine(
                sarvam.key,
                base_url=sarvam.base_url,
                model=sarvam.model,
                deadline_s=sarvam.deadline,
                concurrency=sarvam.concurrency or 8,
            )
        case Provider.LOCAL:
            from bookwright.providers.local.espeak import EspeakEngine

            return EspeakEngine()
    raise not_offered(Capability.SPEECH, provider)


def not_offered(capability: Capability, provider: Provider) -> Misconfigured:
    return Misconfigured(f"{capability.variable}: {provider} offers no {capability}")
