"""Narration: page text in, a levelled segment of spoken clips out."""

import asyncio
from collections.abc import Mapping, Sequence

from temporalio import activity

from activities.batches import Batches, Group, Shift
from activities.buying import Buyer
from activities.chain import Chain, Link
from bookwright.contracts.book import ClipFacts, PageBatch, PlacedClip, SpokenClip, TrackState, Voice
from bookwright.contracts.calls import Answer
from bookwright.contracts.characters import Character, CharacterSheet
from bookwright.contracts.errors import NeedsVision, UnknownLanguage, UnknownVoice
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.audio import AudioPress
from bookwright.contracts.ports.calls import Material
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.ports.store import AssetStore, Books, PageOutcome, PageWork
from bookwright.contracts.progress import BatchOutcome
from bookwright.text.casting import cast_voices
from bookwright.text.chunks import Chunk, chunks
from bookwright.text.dialogue import passages
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
        self._batches = Batches(books, Track.NARRATION)
        self._assets = assets
        self._press = press
        self._sheets: dict[AssetId, tuple[Character, ...]] = {}

    @activity.defn(name="Narrate pages")
    async def speak(self, batch: PageBatch) -> BatchOutcome:
        """Work through the batch's unfinished pages (`activities.batches`), all at once within the provider's limit."""
        return await self._batches.work(batch, self._page)

    @activity.defn(name="Give pages up")
    async def give_up(self, batch: PageBatch, error_type: str, error: str) -> BatchOutcome:
        """Record the batch's unfinished pages as not narrated, after the declared attempts."""
        return await self._batches.give_up(batch, error_type, error)

    async def _page(self, shift: Shift, group: Group) -> list[PageOutcome]:
        (work,) = group
        if work.page.trouble:
            raise NeedsVision("its text can't be read from the document; a vision provider is needed")
        context = shift.context
        speakers = _speakers(self._chain.links, context.language, context.voice)
        # A page is one engine's from its first word to its last.
        placed, link, stand_in = await self._chain.work(lambda link: self._clips(shift, work, link), speakers)
        segment = self._press.compose(work.page.number, placed)
        return [
            PageOutcome(
                page=work.page.number,
                track=Track.NARRATION,
                state=TrackState.COMPLETED,
                asset=await self._assets.put(segment.model_dump_json().encode(), "application/json"),
                duration_ms=segment.duration_ms,
                made_by=f"{link}, {_voice(link.engine, context.language, context.voice).id}",
                stand_in=stand_in,
            )
        ]

    async def _clips(self, shift: Shift, work: PageWork, link: Link[SpeechEngine]) -> list[PlacedClip]:
        """Buy the page's clips, a few at a time, in reading order."""
        engine = link.engine
        voice = _voice(engine, shift.context.language, shift.context.voice)
        parts = _parts(
            work.page.text, shift.context.language, engine.max_chars, await self._voices(shift.context, link)
        )
        room = asyncio.Semaphore(HELD_TAKES)

        async def clip(index: int, chunk: Chunk, speaker: Voice | None) -> PlacedClip:
            async with room:
                shift.go_on()
                answer = await self._buyer.buy(
                    lambda take: engine.call(chunk.text, speaker or voice, take),
                    engine.speak,
                    lambda spoken: self._examine(chunk.text, spoken),
                    usage=shift.usage(f"page/{work.page.number}/narration/{index}"),
                    holder=shift.holder,
                    limit=link.limit,
                    deadline_s=link.deadline_s,
                    first_take=work.take,
                    place=work.page.number,
                )
            return _placed(chunk, answer)

        tasks = [asyncio.create_task(clip(index, *part)) for index, part in enumerate(parts)]
        try:
            return list(await asyncio.gather(*tasks))
        except BaseException:
            # The clips under way are paid for already: let them be settled, but begin no new ones.
            for task in tasks:
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def _voices(self, context: BookContext, link: Link[SpeechEngine]) -> Mapping[str, Voice]:
        """The voices of the book's characters, by their names; none of a book without a character sheet."""
        if context.sheet is None:
            return {}
        if context.sheet not in self._sheets:
            if len(self._sheets) >= KEPT_SHEETS:
                self._sheets.clear()
            sheet = CharacterSheet.model_validate_json(await self._assets.get(context.sheet))
            self._sheets[context.sheet] = sheet.characters
        narrator = _voice(link.engine, context.language, context.voice)
        return cast_voices(self._sheets[context.sheet], link.engine.voices(context.language), narrator)

    async def _examine(self, text: str, clip: SpokenClip) -> Material:
        facts = await asyncio.to_thread(self._press.examine, text, clip)
        return Material(
            data=clip.audio,
            media_type=clip.media_type,
            facts=facts.model_dump(mode="json"),
            cost_micros=clip.cost_micros,
        )


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


def _placed(chunk: Chunk, answer: Answer) -> PlacedClip:
    return PlacedClip(
        asset=answer.asset,
        text_start=chunk.start,
        text=chunk.text,
        ends_paragraph=chunk.ends_paragraph,
        facts=ClipFacts.model_validate(answer.facts),
    )


def _speakers(links: Sequence[Link[SpeechEngine]], language: str, voice: str | None) -> list[Link[SpeechEngine]]:
    """Who can speak a book: the engines that have its voice, then those that speak its language in another one. Raises
    UnknownLanguage or UnknownVoice when nobody has the voice."""
    having, speaking = [], []
    refused: UnknownLanguage | UnknownVoice | None = None
    for link in links:
        try:
            link.engine.voice(language, voice)
            having.append(link)
        except UnknownVoice as error:
            speaking.append(link)
            refused = refused or error
        except UnknownLanguage as error:
            refused = refused or error
    if refused is not None and not having:
        raise refused
    return having + speaking


def _voice(engine: SpeechEngine, language: str, wanted: str | None) -> Voice:
    """The wanted voice, or this engine's best in place of it."""
    try:
        return engine.voice(language, wanted)
    except UnknownVoice:
        return engine.voice(language, None)
