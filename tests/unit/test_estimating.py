"""What a book with all its tracks will take, by real engines that make no call."""

from dataclasses import replace
from decimal import Decimal

from bookwright.contracts.book import ChapterText, PageText, SourceText
from bookwright.contracts.media import SoundTask
from bookwright.contracts.orders import TRACKS, Track
from bookwright.contracts.progress import StageName
from bookwright.estimating import Makers, estimate_source
from bookwright.money.prices import Price, PriceTable, Unit, default_prices
from bookwright.providers.elevenlabs import ElevenLabsSounds
from bookwright.providers.gemini import GeminiModel, GeminiPictures
from bookwright.providers.replicate import ReplicateSounds
from bookwright.providers.sarvam import SarvamEngine

KEY = "a-test-key"
PAGES = ("The kite flew over the hill.", "It came back in the evening.", "", "Luna laughed.", "Then she slept.")


def book() -> SourceText:
    """Five pages in two chapters, one of them empty."""
    pages = [PageText(number=n, chapter=1 + (n > 3), text=text) for n, text in enumerate(PAGES, 1)]
    chapters = (
        ChapterText(number=1, title="One", pages=tuple(pages[:3])),
        ChapterText(number=2, title="Two", pages=tuple(pages[3:])),
    )
    return SourceText(title="The Kite", chapters=chapters)


def everybody(prices: PriceTable | None = None) -> Makers:
    table = prices or default_prices()
    return Makers(
        speech=SarvamEngine(KEY, prices=table),
        prices=table,
        text=GeminiModel(KEY, prices=table),
        images=GeminiPictures(KEY, prices=table),
        sounds=ElevenLabsSounds(KEY, prices=table),
    )


def test_every_track_has_its_stage_calls_and_cost() -> None:
    found = estimate_source(book(), "en", TRACKS, everybody())
    assert [(stage.name, stage.calls) for stage in found.stages] == [
        (StageName.TEXT, 0),
        (StageName.NARRATION, 4),
        (StageName.ANALYSIS, 3),
        (StageName.ILLUSTRATIONS, 4),
        (StageName.SOUNDSCAPE, 1),
        (StageName.BINDING, 0),
    ]
    assert found.calls == 12
    assert sum(Decimal(stage.cost_low_usd) for stage in found.stages) == Decimal(found.cost_low_usd)
    assert sum(Decimal(stage.cost_high_usd) for stage in found.stages) == Decimal(found.cost_high_usd)
    for stage in found.stages[1:-1]:
        assert 0 < Decimal(stage.cost_low_usd) < Decimal(stage.cost_high_usd)


def test_a_track_that_was_not_ordered_is_not_counted() -> None:
    narration = estimate_source(book(), "en", [Track.NARRATION], everybody())
    assert [stage.name for stage in narration.stages] == [StageName.TEXT, StageName.NARRATION, StageName.BINDING]
    pictures = estimate_source(book(), "en", [Track.ILLUSTRATIONS], everybody())
    assert [stage.name for stage in pictures.stages] == [
        StageName.TEXT,
        StageName.ANALYSIS,
        StageName.ILLUSTRATIONS,
        StageName.BINDING,
    ]
    assert (pictures.pages, pictures.audio_seconds) == (5, 0.0)


def test_an_operators_prices_are_what_is_estimated_with() -> None:
    def own(provider: str, unit: Unit, micros: int) -> Price:
        return Price(
            provider=provider,
            model="*",
            operation="*",
            rates={unit: Decimal(micros)},
            valid_from=default_day,
            source="our contract",
        )

    default_day = next(iter(default_prices())).valid_from
    table = PriceTable(default_prices(), [own("elevenlabs", Unit.AUDIO_SECOND, 1_000)])
    sounds = estimate_source(book(), "en", [Track.SOUNDSCAPE], everybody(table)).stages[-2]
    assert (sounds.name, sounds.cost_low_usd) == (StageName.SOUNDSCAPE, "0.03"), "one sound of 30 s"


def test_the_soundscapes_of_a_long_book_cost_what_people_know() -> None:
    pages = tuple(PageText(number=n, chapter=1, text="It rained on the harbour. " * 40) for n in range(1, 301))
    long = SourceText(title="Long", chapters=(ChapterText(number=1, title="One", pages=pages),))
    makers = replace(everybody(), sounds=ReplicateSounds(KEY))
    assert makers.sounds and makers.sounds.call(SoundTask(prompt="rain", seconds=10)).max_cost_micros == 50_000
    found = estimate_source(long, "en", [Track.SOUNDSCAPE], makers)
    sounds = next(stage for stage in found.stages if stage.name is StageName.SOUNDSCAPE)
    assert (sounds.calls, sounds.cost_low_usd) == (50, "2.00"), "40 to 50 scenes"
    assert Decimal("2.50") <= Decimal(sounds.cost_high_usd) <= Decimal("5"), "some are paid twice"


def test_pictures_begin_when_their_spreads_are_analysed() -> None:
    all_tracks = estimate_source(book(), "en", TRACKS, everybody())
    by_name = {stage.name: stage for stage in all_tracks.stages}
    least = by_name[StageName.ANALYSIS].seconds_low + by_name[StageName.SOUNDSCAPE].seconds_low
    assert all_tracks.seconds_low >= least
    assert all_tracks.seconds_low < sum(stage.seconds_low for stage in all_tracks.stages)


def test_what_nobody_makes_is_left_out() -> None:
    alone = Makers(speech=SarvamEngine(KEY), prices=default_prices())
    found = estimate_source(book(), "en", TRACKS, alone)
    assert [stage.name for stage in found.stages] == [StageName.TEXT, StageName.NARRATION, StageName.BINDING]
