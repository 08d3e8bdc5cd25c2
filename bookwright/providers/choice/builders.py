"""How each provider's engines are made from its account. An SDK is imported with the first call, not here."""

from contextlib import suppress
from typing import Any

from bookwright.contracts.errors import Misconfigured
from bookwright.contracts.ports.engines import Embedder, LanguageModel, PictureEngine, SoundEngine, Transcriber
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.money.prices import PriceTable
from bookwright.settings import Account, Accounts, Capability, KeyedAccount, Provider, RemoteAccount


def speech_engine(provider: Provider, accounts: Accounts, prices: PriceTable) -> SpeechEngine:
    """A speech engine. Raises Misconfigured, as the others here do."""
    match provider:
        case Provider.SARVAM:
            from bookwright.providers.sarvam import SarvamEngine

            return SarvamEngine(**_keyed(accounts.sarvam, accounts.sarvam.model), prices=prices)
        case Provider.EDGE:
            from bookwright.providers.edge_speech import EdgeEngine

            return EdgeEngine(base_url=accounts.edge.base_url, **_worked(accounts.edge))
        case Provider.OPENAI:
            from bookwright.providers.openai.speech import OpenAiSpeech

            voices = accounts.openai.speech_voices
            return OpenAiSpeech(**_server(accounts, "speech_model"), voices=voices, prices=prices)
        case Provider.PIPER:
            from bookwright.providers.local.piper import PiperEngine

            return PiperEngine(accounts.piper.voices or "", deadline_s=accounts.piper.deadline)
        case Provider.LOCAL:
            from bookwright.providers.local.espeak import EspeakEngine

            return EspeakEngine()
    raise _not_offered(Capability.SPEECH, provider)


def language_model(provider: Provider, accounts: Accounts, prices: PriceTable, *, sees: bool) -> LanguageModel:
    """A model that writes, or (`sees`) one that looks at pictures."""
    capability = Capability.VISION if sees else Capability.TEXT
    match provider:
        case Provider.GEMINI:
            from bookwright.providers.gemini import GeminiModel

            return GeminiModel(**_keyed(accounts.gemini, accounts.gemini.text_model), prices=prices)
        case Provider.OPENAI:
            from bookwright.providers.openai.chat import OpenAiLanguageModel

            model = "vision_model" if sees else "text_model"
            return OpenAiLanguageModel(**_server(accounts, model), sees=sees, prices=prices)
        case Provider.LOCAL if not sees:
            from bookwright.providers.local.composing import LocalModel
            from bookwright.providers.local.meaning import LocalEmbedder
            from bookwright.providers.local.purposes import composers

            embedder = None
            with suppress(Misconfigured):  # there is no model of meaning for this machine: words alone have to do
                embedder = LocalEmbedder(deadline_s=accounts.local.deadline)
            return LocalModel(composers(), embedder)
    raise _not_offered(capability, provider)


def picture_engine(provider: Provider, accounts: Accounts, prices: PriceTable) -> PictureEngine:
    match provider:
        case Provider.LOCAL:
            from bookwright.providers.local.painting.engine import LocalPainter

            return LocalPainter(**_worked(accounts.local))
        case Provider.GEMINI:
            from bookwright.providers.gemini import GeminiPictures

            return GeminiPictures(**_keyed(accounts.gemini, accounts.gemini.image_model), prices=prices)
        case Provider.OPENAI:
            from bookwright.providers.openai.pictures import OpenAiPictures

            return OpenAiPictures(**_server(accounts, "image_model"), prices=prices)
        case Provider.REPLICATE:
            from bookwright.providers.replicate import ReplicatePictures

            replicate = accounts.replicate
            return ReplicatePictures(**_keyed(replicate, replicate.image_model), **_outputs(replicate), prices=prices)
    raise _not_offered(Capability.IMAGES, provider)


def sound_engine(provider: Provider, accounts: Accounts, prices: PriceTable) -> SoundEngine:
    match provider:
        case Provider.LOCAL:
            from bookwright.providers.local.sounds import LocalSounds

            return LocalSounds(deadline_s=accounts.local.deadline)
        case Provider.ELEVENLABS:
            from bookwright.providers.elevenlabs import ElevenLabsSounds

            return ElevenLabsSounds(**_keyed(accounts.elevenlabs, accounts.elevenlabs.sound_model), prices=prices)
        case Provider.REPLICATE:
            from bookwright.providers.replicate import ReplicateSounds

            replicate = accounts.replicate
            return ReplicateSounds(**_keyed(replicate, replicate.sound_model), **_outputs(replicate), prices=prices)
    raise _not_offered(Capability.SOUNDS, provider)


def transcriber(provider: Provider, accounts: Accounts, prices: PriceTable) -> Transcriber:
    match provider:
        case Provider.WHISPER:
            from bookwright.providers.local.whisper import WhisperTranscriber

            whisper = accounts.whisper
            memory_bytes = whisper.memory_gb << 30
            return WhisperTranscriber(whisper.model, deadline_s=whisper.deadline, memory_bytes=memory_bytes)
        case Provider.REVAI:
            from bookwright.providers.rev_ai import RevAiTranscriber

            revai = accounts.revai
            return RevAiTranscriber(revai.key, base_url=revai.base_url, **_worked(revai), prices=prices)
        case Provider.OPENAI:
            from bookwright.providers.openai.transcription import OpenAiTranscriber

            return OpenAiTranscriber(**_server(accounts, "transcription_model"), prices=prices)
    raise _not_offered(Capability.TRANSCRIPTION, provider)


def embedder(provider: Provider, accounts: Accounts, prices: PriceTable) -> Embedder:
    match provider:
        case Provider.LOCAL:
            from bookwright.providers.local.meaning import LocalEmbedder

            return LocalEmbedder(deadline_s=accounts.local.deadline)
        case Provider.GEMINI:
            from bookwright.providers.gemini import GeminiEmbedder

            return GeminiEmbedder(**_keyed(accounts.gemini, accounts.gemini.embedding_model), prices=prices)
        case Provider.OPENAI:
            from bookwright.providers.openai.embeddings import OpenAiEmbedder

            server = _server(accounts, "embedding_model", "embedding_dimensions")
            return OpenAiEmbedder(**server, dimensions=accounts.openai.embedding_dimensions or 0, prices=prices)
    raise _not_offered(Capability.EMBEDDINGS, provider)


def _worked(account: Account) -> dict[str, Any]:
    """How hard an engine may be worked; its own default where nothing is set."""
    concurrency = {"concurrency": account.concurrency} if account.concurrency else {}
    return {"deadline_s": account.deadline, **concurrency}


def _keyed(account: KeyedAccount, model: str | None) -> dict[str, Any]:
    """What a provider's own SDK is given; the engine's own default model when none is set."""
    named = {"model": model} if model else {}
    return {"api_key": account.key, "base_url": account.base_url, **named, **_worked(account)}


def _outputs(account: RemoteAccount) -> dict[str, Any]:
    """Where outputs may be fetched from besides the open internet: the address that was set, as the emulator's."""
    return {"outputs_from": (account.base_url,) if account.base_url else ()}


def _server(accounts: Accounts, model: str, *more: str) -> dict[str, Any]:
    """Where an OpenAI-compatible server is and which of its models is meant. `more` has to be set besides it."""
    account = accounts.openai
    for field in (model, *more):
        if not getattr(account, field):
            raise Misconfigured(f"{account.variable(field)}: it has to be set, since each server has models of its own")
    return {
        "base_url": account.base_url or account.OWN_URL,
        "model": getattr(account, model),
        "api_key": account.key or None,
        **_worked(account),
    }


def _not_offered(capability: Capability, provider: Provider) -> Misconfigured:
    return Misconfigured(f"{capability.variable}: {provider} does not offer it")
