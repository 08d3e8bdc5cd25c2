"""Which speech engine a worker uses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.settings import Settings, SpeechProvider


@asynccontextmanager
async def speech_engine(settings: Settings) -> AsyncIterator[SpeechEngine]:
    """The engine that the settings name, closed at the end. Only that one's SDK is imported."""
    if settings.speech is SpeechProvider.SARVAM:
        from bookwright.providers.sarvam import SarvamEngine

        assert settings.sarvam_api_key is not None
        sarvam = SarvamEngine(
            settings.sarvam_api_key.get_secret_value(),
            base_url=settings.sarvam_base_url,
            model=settings.sarvam_model,
            deadline_s=settings.speech_deadline_s,
            concurrency=settings.speech_concurrency or 8,
        )
        try:
            yield sarvam
        finally:
            await sarvam.close()
        return
    from bookwright.providers.local.espeak import EspeakEngine

    espeak = EspeakEngine()
    try:
        yield espeak
    finally:
        await espeak.close()
