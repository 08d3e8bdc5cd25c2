"""What a book will take, by the engines that are chosen and what they charge."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from bookwright.contracts.book import PageText, SourceText
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.depicting import LONG
from bookwright.contracts.media import PictureTask, SoundTask
from bookwright.contracts.orders import Track, made_tracks
from bookwright.contracts.ports.engines import Engine, LanguageModel, PictureEngine, SoundEngine
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.progress import StageName
from bookwright.contracts.spreads import spread_of
from bookwright.money.estimate import Estimate, TrackWork, estimate_book
from bookwright.money.prices import PriceTable, Unit
from bookwright.money.usd import ceil_micros
from bookwright.text.chunks import chunks
from bookwright.text.measure import count_words
from bookwright.text.spreads import is_told, spread_task

TYPICAL_SHARE = 0.25
"""Of the most that a call can cost, for calls that are billed by tokens or by the provider's working time: as a rule
they need no more than this."""
SECONDS = {StageName.ANALYSIS: 4.0, StageName.ILLUSTRATIONS: 8.0, StageName.SOUNDSCAPE: 20.0}
"""What one call takes: careful assumptions."""
SOUND_SECONDS = 30.0
"""Of an ambient sound, or less where the engine makes less."""
_FORESEEABLE = {Unit.CHARACTER, Unit.IMAGE, Unit.AUDIO_SECOND, Unit.CALL}
"""Units whose number is known before the call."""


@dataclass(frozen=True)
class Makers:
    """Who makes what of a book, first choices only, and what they charge; None is nobody."""

    speech: SpeechEngine
    prices: PriceTable
    text: LanguageModel | None = None
    images: PictureEngine | None = None
    sounds: SoundEngine | None = None


def estimate_source(source: SourceText, language: str, tracks: Iterable[Track], makers: Makers) -> Estimate:
    """What these tracks of a text that was taken apart would take. Tracks that nobody makes are left out. Pure."""
    pages = [page for chapter in source.chapters for page in chapter.pages]
    wanted = made_tracks(tracks)
    narrated = Track.NARRATION in wanted
    # A page that needs vision is not spoken.
    texts = ["" if page.trouble else page.text for page in pages]
    speech = makers.speech
    return estimate_book(
        ([len(part.text) for part in chunks(text, language, speech.max_chars)] if narrated else [] for text in texts),
        makers.prices.price(speech.provider, speech.model, "speech", {Unit.CHARACTER}),
        words=sum(count_words(text) for text in texts),
        narrated=narrated,
        works=[work for track in wanted if (work := _work(track, pages, language, makers))],
    )


def _work(track: Track, pages: Sequence[PageText], language: str, makers: Makers) -> TrackWork | None:
    told = [page for page in pages if is_told(page)]
    if track is Track.ANALYSIS and makers.text:
        spreads = [list(group) for _, group in groupby(told, lambda page: spread_of(page.number))]
        model = makers.text
        return _of_calls(
            StageName.ANALYSIS, model, [model.call(spread_task(spread, language)) for spread in spreads], makers
        )
    if track is Track.ILLUSTRATIONS and makers.images:
        images = makers.images
        picture = images.call(PictureTask(prompt="x" * LONG, aspect=images.aspects[0]))
        return _of_calls(StageName.ILLUSTRATIONS, images, [picture] * len(told), makers)
    if track is Track.SOUNDSCAPE and makers.sounds:
        sounds = makers.sounds
        sound = sounds.call(SoundTask(prompt="x" * 300, seconds=min(SOUND_SECONDS, sounds.max_seconds)))
        chapters = len({page.chapter for page in told})  # one sound for each
        return _of_calls(StageName.SOUNDSCAPE, sounds, [sound] * chapters, makers)
    return None


def _of_calls(name: StageName, engine: Engine, calls: Sequence[ProviderCall], makers: Makers) -> TrackWork:
    return TrackWork(
        name=name,
        calls=len(calls),
        low_micros=sum(_usual(call, makers.prices) for call in calls),
        high_micros=sum(call.max_cost_micros for call in calls),
        call_seconds=SECONDS[name],
        concurrency=engine.concurrency,
    )


def _usual(call: ProviderCall, prices: PriceTable) -> int:
    """What a call costs as a rule."""
    price = prices.price(call.provider, call.model, call.operation, set(Unit))
    if set(price.rates) <= _FORESEEABLE:
        return call.max_cost_micros
    sure = ceil_micros(price.rates.get(Unit.IMAGE, Decimal(0)) + price.rates.get(Unit.CALL, Decimal(0)))
    return sure + math.ceil(max(0, call.max_cost_micros - sure) * TYPICAL_SHARE)
