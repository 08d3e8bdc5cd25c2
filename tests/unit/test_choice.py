"""The engines that settings choose, and which choices can't work."""

import sys
from pathlib import Path

import pytest

from bookwright.contracts.errors import Misconfigured, UnknownLanguage, UnknownVoice
from bookwright.providers.choice import Voices, engines, voices
from bookwright.providers.sarvam import SarvamEngine
from bookwright.settings import OFFERS, Capability, Provider, Settings

KEYS = {
    "SARVAM_API_KEY": "k",
    "GEMINI_API_KEY": "k",
    "REPLICATE_API_TOKEN": "k",
    "ELEVENLABS_API_KEY": "k",
    "REVAI_ACCESS_TOKEN": "k",
    "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
    "OPENAI_EMBEDDING_DIMENSIONS": "8",
    **{f"OPENAI_{kind}_MODEL": "m" for kind in ("TEXT", "VISION", "SPEECH", "IMAGE", "TRANSCRIPTION", "EMBEDDING")},
}
HERE = frozenset({Provider.PIPER, Provider.WHISPER, Provider.LOCAL})
"""Whose engines need files of their own, or nothing at all."""


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOOKWRIGHT_HOME", str(tmp_path))
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def chosen(environment: pytest.MonkeyPatch, **more: str) -> Settings:
    for name, value in more.items():
        environment.setenv(name, value)
    return Settings.load()


@pytest.mark.parametrize(
    ("capability", "provider"),
    [(capability, provider) for capability in OFFERS for provider in OFFERS[capability] if provider not in HERE],
)
async def test_whatever_is_offered_can_be_chosen_and_is_worked_as_hard_as_it_is_set(
    environment: pytest.MonkeyPatch, capability: Capability, provider: Provider
) -> None:
    prefix = provider.upper()
    more = {capability.variable: provider, f"{prefix}_CONCURRENCY": "3", f"{prefix}_RATE": "90"}
    async with engines(chosen(environment, **more), capability) as found:
        [each] = getattr(found, capability)
    assert each.engine.concurrency == 3 and each.engine.provider.startswith(str(provider))
    assert (each.account.remote, each.account.pace) == (True, 90)


async def test_what_the_first_call_needs_is_loaded_for_those_who_make_calls(environment: pytest.MonkeyPatch) -> None:
    environment.setattr(SarvamEngine, "sdk", "colorsys")  # of the standard library, and used by nobody
    environment.delitem(sys.modules, "colorsys", raising=False)
    settings = chosen(environment, BOOKWRIGHT_SPEECH="sarvam")
    async with engines(settings, Capability.SPEECH, Capability.IMAGES) as found:
        await found.load(Capability.IMAGES)
        assert "colorsys" not in sys.modules
        await found.load(Capability.SPEECH, Capability.IMAGES)
        assert "colorsys" in sys.modules


async def test_without_any_choice_nothing_leaves_this_machine(environment: pytest.MonkeyPatch) -> None:
    async with engines(chosen(environment), Capability.SPEECH, Capability.IMAGES) as found:
        assert [(each.engine.provider, each.account.remote) for each in found.speech] == [("espeak-ng", False)]
        assert [(each.engine.model, each.account.remote) for each in found.images] == [("painter", False)]
        assert not found.embeddings, "not wanted"


async def test_a_chain_keeps_its_order(environment: pytest.MonkeyPatch) -> None:
    settings = chosen(environment, BOOKWRIGHT_IMAGES="replicate,gemini")
    async with engines(settings, Capability.IMAGES) as found:
        assert [each.engine.provider for each in found.images] == ["replicate", "gemini"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"BOOKWRIGHT_VISION": "openai", "OPENAI_VISION_MODEL": ""}, "OPENAI_VISION_MODEL: .*has to be set"),
        ({"BOOKWRIGHT_EMBEDDINGS": "gemini,openai"}, "BOOKWRIGHT_EMBEDDINGS: .*can't be compared"),
        (
            {"BOOKWRIGHT_SPEECH": "sarvam,openai", "OPENAI_VOICES": "de=anna"},
            "BOOKWRIGHT_SPEECH: .*no language that both speak",
        ),
        ({"BOOKWRIGHT_SPEECH": "openai", "OPENAI_VOICES": "nobody="}, "OPENAI_VOICES: .*such as"),
        ({"BOOKWRIGHT_SPEECH": "piper"}, "PIPER_VOICES: .*BOOKWRIGHT_SPEECH=local"),
        ({"BOOKWRIGHT_TEXT": "gemini", "GEMINI_TEXT_MODEL": "gemini-3.1-flash-image"}, "does not write"),
    ],
)
async def test_what_can_not_work_is_said_before_anything_is_made(
    environment: pytest.MonkeyPatch, more: dict[str, str], says: str
) -> None:
    with pytest.raises(Misconfigured, match=says):
        async with engines(chosen(environment, **more)):
            raise AssertionError("never opened")


async def test_a_model_of_text_alone_is_no_choice_for_vision(environment: pytest.MonkeyPatch) -> None:
    from bookwright.providers.gemini import GeminiModel

    environment.setattr(GeminiModel, "sees", False)
    with pytest.raises(Misconfigured, match=r"BOOKWRIGHT_VISION: .*takes text only"):
        async with engines(chosen(environment, BOOKWRIGHT_VISION="gemini"), Capability.VISION):
            raise AssertionError("never opened")


async def test_languages_and_voices_are_those_of_all_that_are_chosen(environment: pytest.MonkeyPatch) -> None:
    async with voices(chosen(environment, BOOKWRIGHT_SPEECH="sarvam,local")) as speaking:
        assert isinstance(speaking, Voices) and speaking.provider == "sarvam"
        assert speaking.voice("hi", None).id == "anushka" and speaking.voices("hi")[0].id == "anushka"
        assert speaking.voice("hi", "hi").id == "hi", "which the second of them has"
        assert speaking.voice("fi", None).language == "fi", "which only the second of them speaks"
        with pytest.raises(UnknownVoice, match="anushka"):
            speaking.voice("hi", "nobody")
        with pytest.raises(UnknownLanguage, match="Sarvam"):
            speaking.voices("tlh")
