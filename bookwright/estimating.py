"""What a book will take, by the engines that are chosen and what they charge."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from bookwright.contracts.book import ChapterText, PageText, SourceText
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.depicting import LONG
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import PictureTask, SoundTask, TextTask
from bookwright.contracts.orders import BookOrder, Track, made_tracks
from bookwright.contracts.pagereading import USUAL_PX
from bookwright.contracts.ports.engines import Engine, LanguageModel, PictureEngine, SoundEngine
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.progress import StageName
from bookwright.contracts.spreads import spread_of
from bookwright.contracts.stories import Brief, BriefKind, Notes
from bookwright.contracts.writing import Purpose
from bookwright.money.estimate import Estimate, TrackWork, estimate_book
from bookwright.money.prices import PriceTable, Unit
from bookwright.money.usd import ceil_micros
from bookwright.text.chunks import chunks
from bookwright.text.measure import count_words
from bookwright.text.pagereading import page_task
from bookwright.text.spreads import is_told, spread_task
from bookwright.text.stories.chapters import words_of
from bookwright.text.stories.parts import parts_of
from bookwright.text.stories.searching import runs_of

TYPICAL_SHARE = 0.25
"""Of the most that a call can cost, for calls that are billed by tokens or by the provider's working time: as a rule
they need no more than this."""
SECONDS = {
    StageName.CHARACTERS: 5.0,
    StageName.ENHANCEMENT: 8.0,
    StageName.STORY: 15.0,
    StageName.READING: 6.0,
    StageName.ANALYSIS: 4.0,
    StageName.ILLUSTRATIONS: 8.0,
    StageName.SOUNDSCAPE: 20.0,
}
"""What one call takes: careful assumptions."""
LOCAL_SECONDS = {StageName.ILLUSTRATIONS: 3.0, StageName.SOUNDSCAPE: 3.0}
"""The same where it is made on this machine; what is written takes a moment."""
PROMPT = 8_000
"""Characters of a question to a writer, with what it is to go by."""
PAGE_TOKENS = 2_048
"""Of the answer with a page that is told anew."""
FILLER = "A text of this length takes about as many calls as any other. "
"""In place of a text that is not there, or not read."""
PAGE_CHARACTERS = 1_800
"""Of a printed page."""
SCENES_PER_SPREAD = (40 / 150, 50 / 150)
"""Books of 300 pages have 40 to 50 scenes, each with a soundscape; those that sound alike share one, and cost less."""
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
    vision: LanguageModel | None = None
    """Who reads pages off their pictures."""
    images: PictureEngine | None = None
    sounds: SoundEngine | None = None


def estimate_source(source: SourceText, language: str, tracks: Iterable[Track], makers: Makers) -> Estimate:
    """What these tracks of a text that was taken apart would take. Tracks that nobody makes are left out. Pure."""
    return _estimate(source, language, made_tracks(tracks), makers)


def estimate_order(order: BookOrder, makers: Makers) -> Estimate:
    """What an order for a story that is yet to be written would take, with as many words on its pages as it asks for.
    Pure."""
    assert isinstance(order.source, Brief | Notes)
    story, language = order.source, order.language or "en"
    return _estimate(
        _stand_in(story),
        language,
        made_tracks((*order.tracks, *order.then)),
        makers,
        _writing(story, makers),
        pictures=order.pictures,
    )


def estimate_pages(lengths: Sequence[int], language: str, tracks: Iterable[Track], makers: Makers) -> Estimate:
    """What these tracks of pages of a book would take, whose text has these lengths in characters. Pure."""
    pages = tuple(
        PageText(number=number, chapter=1, text=(FILLER * (length // len(FILLER) + 1))[:length])
        for number, length in enumerate(lengths, 1)
    )
    source = SourceText(title=None, chapters=(ChapterText(number=1, title="A chapter", pages=pages),))
    return _estimate(source, language, made_tracks(tracks), makers)


def estimate_rewrites(count: int, makers: Makers) -> Estimate:
    """What it would take to write so many pages of a story anew, besides speaking them. Pure."""
    nothing = SourceText(title=None, chapters=())
    if makers.text is None:
        return _estimate(nothing, "en", (), makers)
    call = makers.text.call(TextTask(purpose=Purpose.PAGE, prompt="x" * PROMPT, max_output_tokens=PAGE_TOKENS))
    work = _of_calls(StageName.STORY, makers.text, [call] * count, makers, at_once=1)
    return _estimate(nothing, "en", (), makers, [work])


def estimate_readings(count: int, makers: Makers) -> Estimate:
    """What it would take to read so many pages off their pictures, besides speaking them. Pure."""
    nothing = SourceText(title=None, chapters=())
    if makers.vision is None:
        return _estimate(nothing, "en", (), makers)
    return _estimate(nothing, "en", (), makers, [_reading(count, makers.vision, makers)])


def _reading(count: int, model: LanguageModel, makers: Makers) -> TrackWork:
    call = model.call(page_task(AssetId("0" * 64), 1, USUAL_PX))
    return _of_calls(StageName.READING, model, [call] * count, makers)


def _estimate(
    source: SourceText,
    language: str,
    wanted: Sequence[Track],
    makers: Makers,
    writing: Sequence[TrackWork] = (),
    pictures: int | None = None,
) -> Estimate:
    pages = [page for chapter in source.chapters for page in chapter.pages]
    narrated = Track.NARRATION in wanted
    unread = [page for page in pages if page.trouble]
    reading: list[TrackWork] = []
    if makers.vision and unread:
        reading = [_reading(len(unread), makers.vision, makers)]
    # A page that needs vision is spoken when there is anybody who reads it: then it is taken for a usual one.
    instead = _usual_text(pages) if reading else ""
    texts = [instead if page.trouble else page.text for page in pages]
    speech = makers.speech
    return estimate_book(
        ([len(part.text) for part in chunks(text, language, speech.max_chars)] if narrated else [] for text in texts),
        makers.prices.price(speech.provider, speech.model, "speech", {Unit.CHARACTER}),
        words=sum(count_words(text) for text in texts),
        narrated=narrated,
        works=[work for track in wanted if (work := _work(track, pages[:pictures], language, makers))],
        writing=[*writing, *reading],
    )


def _usual_text(pages: Sequence[PageText]) -> str:
    """A text as long as those of the pages that have one are, or as that of a usual page."""
    lengths = [len(page.text) for page in pages if not page.trouble and page.text]
    return (FILLER * PAGE_CHARACTERS)[: round(sum(lengths) / len(lengths)) if lengths else PAGE_CHARACTERS]


def _stand_in(story: Brief | Notes) -> SourceText:
    """A text of the length that the story will have."""
    text = FILLER * max(1, round(words_of(story).about / len(FILLER.split())))
    chapters = [
        ChapterText(
            number=part.number,
            title="A chapter",
            pages=tuple(
                PageText(number=number, chapter=part.number, text=text)
                for number in range(part.first_page, part.first_page + part.pages)
            ),
        )
        for part in parts_of(story)
    ]
    return SourceText(title=None, chapters=tuple(chapters))


def _writing(story: Brief | Notes, makers: Makers) -> list[TrackWork]:
    """The calls that write it, one after the other."""
    model = makers.text
    if model is None:
        return []
    words = words_of(story)

    def asked(purpose: Purpose, tokens: int, prompt: int = PROMPT) -> ProviderCall:
        return model.call(TextTask(purpose=purpose, prompt="x" * prompt, max_output_tokens=tokens))

    stages = []
    if isinstance(story, Brief):
        stages.append((StageName.CHARACTERS, [asked(Purpose.CAST, 2_048)]))
        stages.append((StageName.ENHANCEMENT, [asked(Purpose.SHEET, 2_048)]))
    if isinstance(story, Brief) and story.job_type is BriefKind.INTERACTIVE_SEARCH:
        calls = [asked(Purpose.SCENES, count * words.most * 4) for count in runs_of(story.pages)]
    else:
        calls = [asked(Purpose.OUTLINE, 4_096)]
        calls += [asked(Purpose.CHAPTER, 1_024 + part.pages * words.most * 2) for part in parts_of(story)]
    if isinstance(story, Notes) and story.improve_grammar:
        calls += [asked(Purpose.GRAMMAR, part.pages * words.most * 2) for part in parts_of(story)]
    stages.append((StageName.STORY, calls))
    return [_of_calls(name, model, calls, makers, at_once=1) for name, calls in stages]


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
        spread_count = len({spread_of(page.number) for page in told})
        fewest, most = (math.ceil(spread_count * share) for share in SCENES_PER_SPREAD)
        work = _of_calls(StageName.SOUNDSCAPE, sounds, [sound] * most, makers)
        return work.model_copy(update={"low_micros": fewest * _usual(sound, makers.prices)})
    return None


def _of_calls(
    name: StageName, engine: Engine, calls: Sequence[ProviderCall], makers: Makers, at_once: int | None = None
) -> TrackWork:
    return TrackWork(
        name=name,
        calls=len(calls),
        low_micros=sum(_usual(call, makers.prices) for call in calls),
        high_micros=sum(call.max_cost_micros for call in calls),
        call_seconds=LOCAL_SECONDS.get(name, 0.1) if engine.provider == "local" else SECONDS[name],
        concurrency=at_once or engine.concurrency,
    )


def _usual(call: ProviderCall, prices: PriceTable) -> int:
    """What a call costs as a rule."""
    price = prices.price(call.provider, call.model, call.operation, set(Unit))
    if set(price.rates) <= _FORESEEABLE:
        return call.max_cost_micros
    sure = ceil_micros(price.rates.get(Unit.IMAGE, Decimal(0)) + price.rates.get(Unit.CALL, Decimal(0)))
    return sure + math.ceil(max(0, call.max_cost_micros - sure) * TYPICAL_SHARE)
