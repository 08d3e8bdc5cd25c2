"""Narration: page text in, a levelled segment of spoken clips out."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from temporalio import activity

from activities.batches import Batches, Group, Shift
from activities.buying import Buyer
from activities.chain import Chain
from activities.hearing import heard
from activities.heartbeat import is_last_attempt
from activities.speakers import Speaker, Speakers, made_by, voice_of
from bookwright.contracts.book import ClipFacts, PageBatch, PlacedClip, TrackState, Voice
from bookwright.contracts.calls import Answer, ProviderCall
from bookwright.contracts.characters import Character, CharacterSheet
from bookwright.contracts.errors import NeedsVision
from bookwright.contracts.ids import AssetId
from bookwright.contracts.lexicon import mark_of
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.audio import AudioPress
from bookwright.contracts.ports.speech import SpeechEngine, TakesIpa
from bookwright.contracts.ports.store import AssetStore, Books, PageOutcome, PageWork
from bookwright.contracts.progress import BatchOutcome
from bookwright.text.casting import cast_voices
from bookwright.text.chunks import Chunk, chunks
from bookwright.text.dialogue import passages
from bookwright.text.lexicon import Pronunciations, Said
from bookwright.text.sentences import ends_paragraph

KEPT_SHEETS = 64
"""Books whose characters are kept in mind."""
HELD_TAKES = 4
"""Clips of one page that are under way at once; bounds the memory that a page of any length takes."""


class Narration:
    """Speaks pages. A batch may be worked through again at any time: what is settled is not made again."""

    def __init__(
        self,
        chain: Chain[SpeechEngine],
        buyer: Buyer,
        books: Books,
        assets: AssetStore,
        press: AudioPress,
    ) -> None:
        self._chain = chain
        self._buyer = buyer
        self._speakers = Speakers(chain)
        self._books = books
        self._batches = Batches(books, Track.NARRATION)
        self._assets = assets
        self._press = press
        self._sheets: dict[AssetId, tuple[Character, ...]] = {}

    @activity.defn(name="Narrate pages")
    async def speak(self, batch: PageBatch) -> BatchOutcome:
        """Work through the batch's unfinished pages (`activities.batches`), all at once within the provider's limit."""
        notes = await self._books.narration_notes(batch)
        pronunciations = Pronunciations(notes.lexicon)

        async def make(shift: Shift, group: Group) -> list[PageOutcome]:
            (work,) = group
            return [await self._page(shift, work, pronunciations, notes.spoken_by)]

        return await self._batches.work(batch, make)

    @activity.defn(name="Give pages up")
    async def give_up(self, batch: PageBatch, error_type: str, error: str) -> BatchOutcome:
        """Record the batch's unfinished pages as not narrated, after the declared attempts."""
        return await self._batches.give_up(batch, error_type, error)

    async def _page(
        self, shift: Shift, work: PageWork, pronunciations: Pronunciations, spoken_by: Mapping[int, str]
    ) -> PageOutcome:
        if work.page.trouble:
            raise NeedsVision("its text can't be read from the document; a vision provider is needed")
        context = shift.context
        able = self._speakers.able(context)
        asked = self._speakers.in_order(able, context, work.page, spoken_by)
        # A page is one engine's from its first word to its last.
        placed, link, _ = await self._chain.work(
            lambda link: self._clips(shift, work, link, pronunciations), asked, last=is_last_attempt()
        )
        self._speakers.spoke(link, asked, context, work.page.chapter)
        segment = self._press.compose(work.page.number, placed)
        asset = await self._assets.put(segment.model_dump_json().encode(), "application/json")
        if mark := mark_of(pronunciations.applied(work.page.text)):
            await self._books.save_pronounced(context, asset, mark)
        return PageOutcome(
            page=work.page.number,
            track=Track.NARRATION,
            state=TrackState.COMPLETED,
            asset=asset,
            duration_ms=segment.duration_ms,
            made_by=made_by(link, voice_of(link.engine, context.language, context.voice)),
            stand_in=link is not able[0],
        )

    async def _clips(
        self, shift: Shift, work: PageWork, link: Speaker, pronunciations: Pronunciations
    ) -> list[PlacedClip]:
        """Buy the page's clips, a few at a time, in reading order."""
        engine, language = link.engine, shift.context.language
        voice = voice_of(engine, language, shift.context.voice)
        parts = _parts(work.page.text, language, engine.max_chars, await self._voices(shift.context, link))
        room = asyncio.Semaphore(HELD_TAKES)

        async def clip(index: int, chunk: Chunk, said: Said, speaker: Voice) -> PlacedClip:
            async with room:
                shift.go_on()
                answer = await self._buyer.buy(
                    lambda take: _call(engine, said, speaker, take),
                    engine.speak,
                    lambda spoken: heard(self._press, said.text, spoken),
                    usage=shift.usage(f"page/{work.page.number}/narration/{index}"),
                    holder=shift.holder,
                    limit=link.limit,
                    deadline_s=link.deadline_s,
                    first_take=work.take,
                    place=work.page.number,
                )
            return _placed(chunk, said, answer)

        tasks = [
            asyncio.create_task(clip(index, chunk, said, speaker or voice))
            for index, (chunk, said, speaker) in enumerate(_said(parts, pronunciations, language, engine))
        ]
        try:
            return list(await asyncio.gather(*tasks))
        except BaseException:
            # The clips under way are paid for already: let them be settled, but begin no new ones.
            for task in tasks:
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def _voices(self, context: BookContext, link: Speaker) -> Mapping[str, Voice]:
        """The voices of the book's characters, by their names; none of a book without a character sheet."""
        if context.sheet is None:
            return {}
        if context.sheet not in self._sheets:
            if len(self._sheets) >= KEPT_SHEETS:
                self._sheets.clear()
            sheet = CharacterSheet.model_validate_json(await self._assets.get(context.sheet))
            self._sheets[context.sheet] = sheet.characters
        narrator = voice_of(link.engine, context.language, context.voice)
        return cast_voices(self._sheets[context.sheet], link.engine.voices(context.language), narrator)


def _parts(text: str, language: str, limit: int, voices: Mapping[str, Voice]) -> list[tuple[Chunk, Voice | None]]:
    """The page cut into calls, and who speaks each; None is the narrator."""
    if not voices:
        return [(chunk, None) for chunk in chunks(text, language, limit)]
    parts = []
    for passage in passages(text, language, tuple(voices)):
        for chunk in chunks(text[passage.start : passage.end], language, limit):
            start, end = passage.start + chunk.start, passage.start + chunk.end
            placed = Chunk(start, end, chunk.text, chunk.ends_paragraph and ends_paragraph(text, end))
            parts.append((placed, voices[passage.speaker] if passage.speaker else None))
    return parts


def _said(
    parts: Sequence[tuple[Chunk, Voice | None]], pronunciations: Pronunciations, language: str, engine: SpeechEngine
) -> Iterator[tuple[Chunk, Said, Voice | None]]:
    """The calls, and what the engine is to say in each. One that is too long when it is spelt as it is said is cut."""
    for chunk, speaker in parts:
        said = pronunciations.said(chunk.text, ipa=isinstance(engine, TakesIpa))
        if len(said.text) <= engine.max_chars:
            yield chunk, said, speaker
            continue
        shorter = chunks(chunk.text, language, engine.max_chars * len(chunk.text) // len(said.text))
        cut = [
            Chunk(
                chunk.start + part.start,
                chunk.start + part.end,
                part.text,
                part.ends_paragraph and (part is not shorter[-1] or chunk.ends_paragraph),
            )
            for part in shorter
        ]
        yield from _said([(part, speaker) for part in cut], pronunciations, language, engine)


def _call(engine: SpeechEngine, said: Said, voice: Voice, take: int) -> ProviderCall:
    if said.ipa and isinstance(engine, TakesIpa):
        return engine.call_with_ipa(said.text, voice, said.ipa, take)
    return engine.call(said.text, voice, take)


def _placed(chunk: Chunk, said: Said, answer: Answer) -> PlacedClip:
    """A clip in its place. Its words are those of the page, however they were spelt for the engine."""
    facts = ClipFacts.model_validate(answer.facts)
    return PlacedClip(
        asset=answer.asset,
        text_start=chunk.start,
        text=chunk.text,
        ends_paragraph=chunk.ends_paragraph,
        facts=facts.model_copy(update={"words": said.printed(facts.words)}) if said.swaps else facts,
    )
