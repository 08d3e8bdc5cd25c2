"""Ingestion: recordings are surveyed, and what was heard in them becomes the pages of a book."""

from collections.abc import Sequence

from temporalio import activity

from activities.heartbeat import heartbeating
from activities.working import Cores, OnProgress
from bookwright.contracts.book import (
    BookPlan,
    ChapterText,
    Clip,
    PageText,
    Segment,
    SourceText,
    TrackState,
)
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import AssetId
from bookwright.contracts.ingestion import (
    ChapterRecording,
    ChaptersPlan,
    IngestionPlan,
    PagesTask,
    PagesWritten,
    Passage,
    RecordingFacts,
    RecordingRef,
    StepChange,
)
from bookwright.contracts.media import Transcript
from bookwright.contracts.orders import BookContext, BookOrder, Track
from bookwright.contracts.ports.ingestion import Ingestions, RecordingPress
from bookwright.contracts.ports.store import AssetStore, Books, PageOutcome
from bookwright.text.transcripts import HeardPage, pages_of, passages_of

TARGET_LUFS = -18.0
MOST_GAIN_DB = 30.0
MADE_BY = "recording"
PASSAGES_PER_CHAPTER = 10_000
"""What a passage's number has room for after its chapter's."""


class Ingesting:
    """The activities of an ingestion that call no provider. Each may be repeated without effect."""

    def __init__(self, books: Books, ingestions: Ingestions, assets: AssetStore, press: RecordingPress) -> None:
        self._books = books
        self._ingestions = ingestions
        self._assets = assets
        self._press = press
        self._cores = Cores()

    @activity.defn(name="Open ingestion")
    async def open(self, order: BookOrder) -> IngestionPlan:
        """Open the job, and say how many recordings there are."""
        job = await self._books.open_job(order, activity.info().workflow_id or "")
        context = await self._ingestions.context(order, job)
        recordings = await self._ingestions.recordings(order.owner_id, order.book_id)
        return IngestionPlan(context=context, recordings=len(recordings))

    @activity.defn(name="Survey recording")
    async def survey(self, ref: RecordingRef) -> None:
        """Find a recording's length, its loudness and its chapters. Raises BadInput for one that can't be decoded, is
        cut off or is silent."""
        owner, book = ref.context.owner_id, ref.context.book_id
        if await self._ingestions.is_surveyed(owner, book, ref.number):
            return
        async with heartbeating():
            recording = (await self._ingestions.recordings(owner, book))[ref.number - 1]

            def look(on_progress: OnProgress) -> RecordingFacts:
                return self._press.survey(self._assets.path(recording.asset), on_progress)

            try:
                facts = await self._cores.run(look)
            except BadInput as error:
                raise BadInput(f"{recording.name}: {error}", field="file") from error
            await self._ingestions.surveyed(owner, book, ref.number, facts)

    @activity.defn(name="Plan recorded chapters")
    async def plan(self, context: BookContext) -> ChaptersPlan:
        """The chapters of the surveyed recordings."""
        return await self._ingestions.plan(context.owner_id, context.book_id)

    @activity.defn(name="Record step")
    async def step(self, change: StepChange) -> None:
        """Begin or end a step."""
        await self._ingestions.step(change)

    @activity.defn(name="Write transcribed pages")
    async def write(self, task: PagesTask) -> PagesWritten:
        """Make pages of the transcripts of the chapters up to the task's last, narrated by the recording itself."""
        async with heartbeating():
            owner, book = task.context.owner_id, task.context.book_id
            chapters = await self._ingestions.chapters_of(owner, book, task.last)
            heard = [await self._pages(chapter) for chapter in chapters]
            source = _source(chapters, heard)
            languages = [chapter.language for chapter in chapters if chapter.language and chapter.words]
            context = task.context.model_copy(
                update={"pages": source.page_count, "language": languages[0] if languages else task.context.language}
            )
            plan = BookPlan(context=context, chapters=len(chapters), words=sum(chapter.words for chapter in chapters))
            await self._books.save_source(plan, await self._ingestions.author(owner, book), source)
            made = await self._books.made(owner, book, Track.NARRATION, 1, source.page_count)
            number = 0
            for chapter, pages in zip(chapters, heard, strict=True):
                for page in pages:
                    number += 1
                    if chapter.chapter >= task.first or number not in made:
                        await self._narrated(context, number, _segment(number, chapter, page), made.get(number))
                if chapter.chapter >= task.first:
                    first = number - len(pages) + 1
                    await self._ingestions.save_passages(context, chapter.chapter, _passages(chapter, first, pages))
            return PagesWritten(
                context=context,
                chapters=len(chapters),
                words=plan.words,
                failed=sum(chapter.state is TrackState.FAILED for chapter in chapters),
                silent=sum(chapter.state is TrackState.COMPLETED and not chapter.words for chapter in chapters),
            )

    async def _pages(self, chapter: ChapterRecording) -> list[HeardPage]:
        return pages_of(await read_transcript(self._assets, chapter), chapter.duration_ms)

    async def _narrated(self, context: BookContext, number: int, segment: Segment, there: AssetId | None) -> None:
        asset = await self._assets.put(segment.model_dump_json().encode(), "application/json")
        if asset == there:
            return
        outcome = PageOutcome(
            page=number,
            track=Track.NARRATION,
            state=TrackState.COMPLETED,
            asset=asset,
            duration_ms=segment.duration_ms,
            made_by=MADE_BY,
        )
        if there is None:
            await self._books.page_outcome(context, outcome)
        else:
            await self._books.replace_made(context, outcome, there, keep=False)


async def read_transcript(assets: AssetStore, chapter: ChapterRecording) -> Transcript:
    """What was heard in a chapter; nothing, where that could not be written down."""
    if chapter.transcript is None:
        return Transcript(language=chapter.language or "und", words=())
    return Transcript.model_validate_json(await assets.get(chapter.transcript))


def _source(chapters: Sequence[ChapterRecording], heard: Sequence[Sequence[HeardPage]]) -> SourceText:
    number = 0
    texts = []
    for chapter, pages in zip(chapters, heard, strict=True):
        told = []
        for page in pages:
            number += 1
            told.append(PageText(number=number, chapter=chapter.chapter, text=page.text))
        texts.append(ChapterText(number=chapter.chapter, title=chapter.title, pages=tuple(told)))
    return SourceText(title=None, chapters=tuple(texts))


def _segment(number: int, chapter: ChapterRecording, page: HeardPage) -> Segment:
    """A page as it sounds: its stretch of the recording, as loud as the whole of that is to be. What was loud or soft
    in the recording stays so."""
    recording = chapter.recording
    rate = recording.sample_rate
    first, last = (
        min(round((chapter.begin_ms + at) * rate / 1000), round(recording.duration_ms * rate / 1000))
        for at in (page.begin_ms, page.end_ms)
    )
    gain = round(min(max(TARGET_LUFS - recording.loudness_lufs, -MOST_GAIN_DB), MOST_GAIN_DB), 2)
    clip = Clip(
        asset=recording.asset,
        text_start=0,
        text=page.text,
        sample_rate=rate,
        start_sample=first,
        end_sample=last,
        pause_ms=0,
        words=page.words,
    )
    return Segment(
        page=number,
        sample_rate=rate,
        gain_db=gain,
        loudness_lufs=round(recording.loudness_lufs + gain, 2),
        duration_ms=round((last - first) * 1000 / rate),
        clips=(clip,),
    )


def _passages(chapter: ChapterRecording, first_page: int, pages: Sequence[HeardPage]) -> list[Passage]:
    found = [(number, passage) for number, page in enumerate(pages, first_page) for passage in passages_of(page)]
    return [
        Passage(
            number=chapter.chapter * PASSAGES_PER_CHAPTER + place,
            chapter=chapter.chapter,
            page=number,
            start=passage.start,
            text=passage.text,
            begin_ms=passage.begin_ms,
            end_ms=passage.end_ms,
        )
        for place, (number, passage) in enumerate(found, 1)
    ]
