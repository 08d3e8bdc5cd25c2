"""Voices to choose from, and what they sound like. The command line and the API share this."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from activities.buying import Buyer
from activities.hearing import heard
from activities.slots import Slots
from bookwright import sniff
from bookwright.contracts.book import Voice
from bookwright.contracts.calls import Holder, Usage
from bookwright.contracts.errors import (
    BadInput,
    BudgetReached,
    Conflict,
    MustWait,
    Permanent,
    ServiceUnavailable,
    StorageFull,
    Transient,
    UnknownLanguage,
    UnknownVoice,
)
from bookwright.contracts.ids import AssetId, BookId, JobId, OwnerId
from bookwright.contracts.ports.audio import AudioPress
from bookwright.contracts.ports.calls import Ledger
from bookwright.contracts.ports.speech import SpeechEngine, engines_for
from bookwright.store import Assets
from bookwright.text.voicesamples import SENTENCES, sentence

DEADLINE_S = 60.0
AT_ONCE = 2
SAMPLES = "voice-samples"
"""In place of a book and a job in the ledger."""
_HEAD = 64


@dataclass(frozen=True)
class OfferedVoice:
    """A voice, and who speaks with it."""

    voice: Voice
    engine: SpeechEngine


@dataclass(frozen=True)
class Sample:
    """What a voice sounds like."""

    asset: AssetId
    path: Path
    media_type: str


def offered(speech: SpeechEngine, language: str) -> Sequence[OfferedVoice]:
    """All voices for a BCP 47 language, those of the first choice first, the best of each engine first. Raises
    UnknownLanguage, naming languages that there are voices for."""
    try:
        able = engines_for(speech, language)
    except UnknownLanguage as error:
        spoken = [code for code in SENTENCES if _speaks(speech, code)]
        raise UnknownLanguage(f"{error}. There are voices for {', '.join(spoken)}") from None
    return [OfferedVoice(voice, engine) for engine in able for voice in engine.voices(language)]


def chosen(speech: SpeechEngine, language: str, wanted: str | None) -> OfferedVoice:
    """The wanted voice, of whichever engine has it first; the first one when none is named. Raises UnknownLanguage or
    UnknownVoice."""
    found = offered(speech, language)
    refused: UnknownVoice | None = None
    for engine in dict.fromkeys(each.engine for each in found):
        try:
            return OfferedVoice(engine.voice(language, wanted), engine)
        except UnknownVoice as error:
            refused = refused or error
    assert refused is not None
    raise refused


class VoiceSamples:
    """Has voices say a sentence. Each is bought once by each owner, through the ledger and within the month's budget,
    and kept."""

    def __init__(self, speech: SpeechEngine, ledger: Ledger, assets: Assets, press: AudioPress) -> None:
        self._speech = speech
        self._buyer = Buyer(ledger, assets)
        self._assets = assets
        self._press = press
        self._room = Slots(AT_ONCE)

    async def sample(self, owner: OwnerId, language: str, wanted: str | None) -> Sample:
        """The wanted voice, or the best, saying a sentence in this language. Raises UnknownLanguage, UnknownVoice,
        Conflict when the month's budget is used up, and ServiceUnavailable when its provider can't be had."""
        one = chosen(self._speech, language, wanted)
        said = sentence(language)
        if said is None:
            raise BadInput(f"there is a sentence to try voices with in {', '.join(SENTENCES)}", field="language")
        provider = one.engine.provider
        try:
            answer = await self._buyer.buy(
                lambda take: one.engine.call(said, one.voice, take),
                one.engine.speak,
                lambda clip: heard(self._press, said, clip),
                usage=Usage(
                    owner_id=owner,
                    book_id=BookId(SAMPLES),
                    job_id=JobId(SAMPLES),
                    unit=f"voice/{provider}/{one.voice.id}/{language}",
                ),
                holder=Holder(activity=f"{SAMPLES}/{uuid4()}", attempt=time.time_ns() // 1_000_000),
                limit=self._room,
                deadline_s=DEADLINE_S,
            )
        except BudgetReached as error:
            raise Conflict(str(error), field="voice") from None
        except StorageFull:
            raise
        except (MustWait, Transient, Permanent) as error:
            raise ServiceUnavailable(f"{provider} can't say it now: {error}") from None
        path = await asyncio.to_thread(self._assets.path, answer.asset)
        kind = await asyncio.to_thread(_kind, path)
        return Sample(answer.asset, path, sniff.MEDIA_TYPES[kind])


def _kind(path: Path) -> str:
    with path.open("rb") as file:
        return sniff.kind(file.read(_HEAD)) or "wav"


def _speaks(speech: SpeechEngine, language: str) -> bool:
    try:
        return bool(engines_for(speech, language))
    except UnknownLanguage:
        return False
