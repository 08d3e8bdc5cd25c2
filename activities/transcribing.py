"""Transcribing: a chapter's part of a recording in, what is heard in it out."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

from temporalio import activity

from activities.attempts import attempt
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.remote import Remote
from activities.working import Cores, OnProgress
from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import Answer, Holder, ProviderCall, Usage
from bookwright.contracts.errors import BadAnswer, Permanent, WorkerLeaving
from bookwright.contracts.ids import AssetId, JobId
from bookwright.contracts.ingestion import (
    ChapterHeard,
    ChapterRecording,
    ChapterTask,
    RecordingPart,
    Transcribed,
)
from bookwright.contracts.media import Transcript, TranscriptionTask
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.calls import Material, Turn
from bookwright.contracts.ports.engines import RemoteJobs, Transcriber
from bookwright.contracts.ports.ingestion import Ingestions, RecordingPress
from bookwright.contracts.ports.store import AssetStore
from bookwright.text.transcripts import confidence_of

AS_IT_IS_BYTES = 24 << 20
"""A recording up to this size that is one chapter is sent as it was handed in."""
LATE_MS = 10_000
"""A word that is heard so long after the end was not heard."""
UNKNOWN_LANGUAGE = "und"


class Transcribing:
    """Has chapters written down by the first transcriber that can be had: one call for each."""

    def __init__(
        self,
        chain: Chain[Transcriber],
        buyer: Buyer,
        ingestions: Ingestions,
        assets: AssetStore,
        press: RecordingPress,
        *,
        outside: bool = False,
    ) -> None:
        """`outside` leaves chapters to outside workers."""
        self._chain = chain
        self._buyer = buyer
        self._ingestions = ingestions
        self._assets = assets
        self._press = press
        self._outside = outside
        self._cores = Cores()

    @activity.defn(name="Transcribe chapter")
    async def transcribe(self, task: ChapterTask) -> Transcribed:
        """Have a chapter written down, unless it is. What can't be is recorded as failed. When a provider asks to
        wait, the answer says until when; a Transient error is for another attempt."""
        return await attempt(
            partial(self._transcribe, task), lambda deferred: Transcribed(chapter=task.chapter, deferred=deferred)
        )

    async def _transcribe(self, task: ChapterTask) -> Transcribed:
        context = task.context
        chapter = await self._ingestions.chapter(context.owner_id, context.book_id, task.chapter)
        if chapter.state is TrackState.COMPLETED:
            return Transcribed(chapter=task.chapter, words=chapter.words)
        if self._outside:
            return Transcribed(chapter=task.chapter, outside=True)
        if activity.is_worker_shutdown():
            raise WorkerLeaving("this worker is draining; another one goes on")
        try:
            heard = await self._heard(context, chapter)
        except Permanent as error:
            return await self.give_up(task, type(error).__name__, str(error))
        await self._ingestions.heard(context, task.chapter, heard)
        return Transcribed(chapter=task.chapter, words=heard.words)

    @activity.defn(name="Give transcript up")
    async def give_up(self, task: ChapterTask, error_type: str, error: str) -> Transcribed:
        """Record that a chapter could not be written down."""
        heard = ChapterHeard(state=TrackState.FAILED, error_type=error_type, error=error)
        await self._ingestions.heard(task.context, task.chapter, heard)
        return Transcribed(chapter=task.chapter, failed=True)

    async def _heard(self, context: BookContext, chapter: ChapterRecording) -> ChapterHeard:
        async with self._file(chapter) as (path, asset):
            language = None if context.language == UNKNOWN_LANGUAGE else context.language
            task = TranscriptionTask(recording=asset, duration_ms=chapter.duration_ms, language=language)
            answer, link, stand_in = await self._chain.work(
                lambda link: self._bought(context, chapter.chapter, task, path, link)
            )
        return ChapterHeard(
            state=TrackState.COMPLETED,
            transcript=answer.asset,
            language=answer.facts["language"],
            words=answer.facts["words"],
            confidence=answer.facts["confidence"],
            made_by=str(link),
            stand_in=stand_in,
        )

    async def _bought(
        self, context: BookContext, chapter: int, task: TranscriptionTask, path: Path, link: Link[Transcriber]
    ) -> Answer:
        engine = link.engine

        async def transcribe(call: ProviderCall, turn: Turn) -> Transcript:
            return await engine.transcribe(call, turn, path)

        info = activity.info()
        patience_s = max(link.deadline_s, 2 * task.duration_ms / 1000)
        return await self._buyer.buy(
            partial(engine.call, task),
            Remote(engine, patience_s, recording=path) if isinstance(engine, RemoteJobs) else transcribe,
            partial(_examine, task.duration_ms),
            usage=Usage(
                owner_id=context.owner_id,
                book_id=context.book_id,
                job_id=JobId(context.job_id),
                unit=f"chapter/{chapter}/transcript",
            ),
            holder=Holder(
                activity=f"{info.workflow_id}#transcript/{chapter}",
                attempt=int(info.current_attempt_scheduled_time.timestamp() * 1000),
            ),
            limit=link.limit,
            deadline_s=link.deadline_s,
            place=chapter,
        )

    @asynccontextmanager
    async def _file(self, chapter: ChapterRecording) -> AsyncIterator[tuple[Path, AssetId]]:
        """The chapter as a file, and its hash. What is cut out of a recording is cut alike each time: its hash is the
        same again, and so is the call."""
        recording = chapter.recording
        path = await asyncio.to_thread(self._assets.path, recording.asset)
        whole = chapter.begin_ms == 0 and chapter.end_ms == recording.duration_ms
        if whole and recording.size <= AS_IT_IS_BYTES:
            yield path, recording.asset
            return
        target = self._assets.scratch() / f"{uuid4().hex}.mp3"
        part = RecordingPart(title=None, begin_ms=chapter.begin_ms, end_ms=chapter.end_ms)

        def cut(on_progress: OnProgress) -> AssetId:
            self._press.excerpt(path, part, target, on_progress)
            with target.open("rb") as file:
                return AssetId(hashlib.file_digest(file, "sha256").hexdigest())

        try:
            yield target, await self._cores.run(cut)
        finally:
            target.unlink(missing_ok=True)


async def _examine(duration_ms: int, transcript: Transcript) -> Material:
    if transcript.words and transcript.words[-1].start_ms > duration_ms + LATE_MS:
        raise BadAnswer("the transcript has words after the recording's end")
    return Material(
        data=transcript.model_dump_json().encode(),
        media_type="application/json",
        facts={
            "language": transcript.language,
            "words": len(transcript.words),
            "confidence": confidence_of(transcript),
        },
        cost_micros=transcript.cost_micros,
    )
