"""Words that are said as a book's lexicon says: what is bought for it, and what the page shows."""

from collections.abc import Sequence

from bookwright.contracts.book import SpokenClip, Voice, WordTiming
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.lexicon import LexiconEntry, SaidAs
from bookwright.contracts.progress import BatchOutcome, JobEnd, JobState
from bookwright.lexicons import marker
from bookwright.store.lexicons.store import Lexicons
from bookwright.text.timing import spoken_sentences
from tests.activities.conftest import Engine, Studio
from tests.store.conftest import ANNA, World

FIRST = "The ferry left the quay with Siobhan on it."
SECOND = "Nobody stood at the harbour to see it go away."
PAGE = f"{FIRST} {SECOND}"
OTHER = "A storm came over the hills in the night."
SAID = LexiconEntry(word="Siobhan", respelling="shiv awn")


class Timed(Engine):
    """A voice that says when it says each word."""

    async def _spoken(self, call: ProviderCall) -> SpokenClip:
        clip = await super()._spoken(call)
        text, at = str(call.input["text"]), 0
        words = []
        for place, word in enumerate(text.split()):
            at = text.index(word, at)
            words.append(WordTiming(start=at, length=len(word), at_ms=place * 100))
            at += len(word)
        return clip.model_copy(update={"words": tuple(words)})


class Phonetic(Engine):
    """A voice that can be told in IPA."""

    def call_with_ipa(self, text: str, voice: Voice, ipa: Sequence[SaidAs], take: int = 0) -> ProviderCall:
        plain = self.call(text, voice, take)
        return plain.model_copy(update={"input": {**plain.input, "ipa": [list(said) for said in ipa]}})


async def studio_with(world: World, engine: Engine, *texts: str) -> Studio:
    return Studio(world, await world.book(ANNA, *(texts or (PAGE, OTHER))), engine)


async def change(studio: Studio, *entries: LexiconEntry) -> list[int]:
    """Give the book these entries; the pages that say words otherwise."""
    lexicons, book = Lexicons(studio.world.database), studio.context.book_id
    lexicon = await lexicons.replace(ANNA, book, entries)
    return await lexicons.outdated(ANNA, book, marker(lexicon))


async def apply(studio: Studio) -> None:
    """Have the pages that say words otherwise spoken anew."""
    lexicons, book = Lexicons(studio.world.database), studio.context.book_id
    await studio.world.books.close_job(JobEnd(owner_id=ANNA, job_id=studio.context.job_id, state=JobState.DONE))
    await lexicons.drop_outdated(ANNA, book, marker(await lexicons.read(ANNA, book)))
    await studio.narrate()


async def test_words_are_said_as_the_lexicon_says_and_shown_as_they_are_printed(world: World) -> None:
    studio = await studio_with(world, Timed(max_chars=60))
    assert await change(studio, SAID) == []
    assert await studio.narrate() == BatchOutcome(done=2)
    said = FIRST.replace("Siobhan", "shiv awn")
    assert set(studio.engine.spoken) == {said, SECOND, OTHER}
    segment = (await studio.segments())[1]
    assert " ".join(clip.text for clip in segment.clips) == PAGE
    (first, *_) = spoken_sentences(segment, PAGE, "en")
    assert (PAGE[first.start : first.end], [PAGE[word.start : word.end] for word in first.words]) == (
        FIRST,
        FIRST.split(),
    )
    times = {PAGE[word.start : word.end]: word.begin_ms for word in first.words}
    assert times["on"] - times["Siobhan"] == 200, "two words were said for it"


async def test_after_a_change_only_the_clips_with_the_word_are_bought(world: World) -> None:
    studio = await studio_with(world, Engine(max_chars=60))
    await studio.narrate()
    assert await change(studio, SAID) == [1]
    before = await studio.segments()
    studio.engine.spoken.clear()
    await apply(studio)
    assert dict(studio.engine.spoken) == {FIRST.replace("Siobhan", "shiv awn"): 1}
    after = await studio.segments()
    assert after[2] == before[2]
    assert [clip.asset for clip in after[1].clips][1:] == [clip.asset for clip in before[1].clips][1:]
    assert await change(studio, SAID) == [], "it is done"
    assert await change(studio, SAID, LexiconEntry(word="Zora", respelling="Sora")) == [], "nothing has that word"

    studio.engine.spoken.clear()
    assert await change(studio) == [1], "also without the entry"
    await apply(studio)
    assert not studio.engine.spoken, "as it was said before: that was paid for"
    assert (await studio.segments())[1] == before[1]


async def test_a_change_while_a_page_is_spoken_shows_it_as_outdated(world: World) -> None:
    studio = await studio_with(world, Engine())
    await change(studio, SAID)
    await studio.narrate(1, 1)
    assert await change(studio, SAID.model_copy(update={"respelling": "shivawn"})) == [1]
    assert await change(studio, SAID) == []


async def test_an_engine_that_takes_ipa_gets_it_with_the_printed_text(world: World) -> None:
    engine = Phonetic()
    studio = await studio_with(world, engine, "Cleo and Siobhan.")
    await change(studio, SAID.model_copy(update={"ipa": "ʃɪˈvɔːn"}), LexiconEntry(word="Cleo", respelling="Clee-o"))
    asked: list[ProviderCall] = []
    spoken = engine._spoken

    async def note(call: ProviderCall) -> SpokenClip:
        asked.append(call)
        return await spoken(call)

    engine._spoken = note  # type: ignore[method-assign]
    await studio.narrate()
    (call,) = asked
    assert (call.input["text"], call.input["ipa"]) == ("Clee-o and Siobhan.", [[11, 7, "ʃɪˈvɔːn"]])


async def test_what_is_too_long_as_it_is_said_is_cut_into_calls(world: World) -> None:
    engine = Engine(max_chars=60)
    studio = await studio_with(world, engine, FIRST)
    await change(studio, SAID.model_copy(update={"respelling": "shiv awn who is the youngest of the three"}))
    assert await studio.narrate() == BatchOutcome(done=1)
    assert len(engine.spoken) > 1 and max(map(len, engine.spoken)) <= 60
    assert " ".join(engine.spoken) == FIRST.replace("Siobhan", "shiv awn who is the youngest of the three")
    segment = (await studio.segments())[1]
    assert " ".join(clip.text for clip in segment.clips) == FIRST
    assert [FIRST[clip.text_start :].startswith(clip.text) for clip in segment.clips] == [True] * len(segment.clips)
