"""How each provider's engines are made from its account. An SDK is imported with the first call, not here."""

from typing import Any

from bookwright.contracts.errors import Misconfigured
from bookwright.contracts.ports.engines import LanguageModel, PictureEngine, SoundEngine
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.money.prices import PriceTable
from bookwright.settings import Accounts, Capability, Provider


def speech_engine(provider: Provider, accounts: Accounts, prices: PriceTable) -> SpeechEngine:
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
                prices=prices,
            )
        case Provider.LOCAL:
            from bookwright.providers.local.espeak import EspeakEngine

            return EspeakEngine()
    raise not_offered(Capability.SPEECH, provider)


def language_model(provider: Provider, accounts: Accounts, prices: PriceTable) -> LanguageModel:
    """An engine of text. Raises Misconfigured."""
    match provider:
        case Provider.GEMINI:
            from bookwright.providers.gemini import GeminiModel

            gemini = accounts.gemini
            return GeminiModel(
                gemini.key,
                base_url=gemini.base_url,
                deadline_s=gemini.deadline,
                prices=prices,
                **_given(model=gemini.text_model, concurrency=gemini.concurrency),
            )
    raise not_offered(Capability.TEXT, provider)


def picture_engine(provider: Provider, accounts: Accounts, prices: PriceTable) -> PictureEngine:
    """An engine of pictures. Raises Misconfigured."""
    match provider:
        case Provider.GEMINI:
            from bookwright.providers.gemini import GeminiPictures

            gemini = accounts.gemini
            return GeminiPictures(
                gemini.key,
                base_url=gemini.base_url,
                deadline_s=gemini.deadline,
                prices=prices,
                **_given(model=gemini.image_model, concurrency=gemini.concurrency),
            )
    raise not_offered(Capability.IMAGES, provider)


def sound_engine(provider: Provider, accounts: Accounts, prices: PriceTable) -> SoundEngine:
    """An engine of ambient sounds. Raises Misconfigured."""
    match provider:
        case Provider.ELEVENLABS:
            from bookwright.providers.elevenlabs import ElevenLabsSounds

            elevenlabs = accounts.elevenlabs
            return ElevenLabsSounds(
                elevenlabs.key,
                base_url=elevenlabs.base_url,
                deadline_s=elevenlabs.deadline,
                prices=prices,
                **_given(model=elevenlabs.sound_model, concurrency=elevenlabs.concurrency),
            )
    raise not_offered(Capability.SOUNDS, provider)


def _given(**options: Any) -> dict[str, Any]:
    """Those that are set; for the others engines have defaults of their own."""
    return {name: value for name, value in options.items() if value is not None}


def not_offered(capability: Capability, provider: Provider) -> Misconfigured:
    return Misconfigured(f"{capability.variable}: {provider} offers no {capability}")
