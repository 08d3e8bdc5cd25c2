"""Describing: what was heard in an audiobook in, summaries, tags and vectors out."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from functools import partial

from temporalio import activity

from activities.attempts import attempt
from activities.authors import Authors, Desk
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.ingesting import read_transcript
from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import Answer, Holder, Usage
from bookwright.contracts.errors import BadAnswer, WorkerLeaving
from bookwright.contracts.ids import JobId
from bookwright.contracts.ingestion import (
    AiOutput,
    OutputKind,
    StepChange,
    StepKind,
    StepOutcome,
    StepTask,
)
from bookwright.contracts.media import Vectors
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.calls import Material
from bookwright.contracts.ports.engines import Embedder
from bookwright.contracts.ports.ingestion import Ingestions
from bookwright.contracts.ports.store import AssetStore
from bookwright.text.audiobooks.asking import chapter_task, read_summary, read_tags, summary_task, tags_task
from bookwright.text.transcripts import pages_of

TAGGED_CHARS = 3_000
"""Of each chapter, from which a whole book is tagged."""


class Describing:
    """The steps that come after transcription. Each leaves alone what is there from as much of the book."""

    def __init__(
        self,
        authors: Authors,
        embedders: Chain[Embedder],
        buyer: Buyer,
        ingestions: Ingestions,
        assets: AssetStore,
        *,
        outside: Collection[StepKind] = (),
    ) -> None:
        """The steps in `outside` are left to outside workers."""
        self._authors = authors
        self._embedders = embedders
        self._buyer = buyer
        self._ingestions = ingestions
        self._assets = assets
        self._outside = outside

    @activity.defn(name="Summarize")
    async def summarize(self, task: StepTask) -> StepOutcome:
        """The book's summary: of its first chapter while that is all there is, else from summaries of all chapters."""
        if StepKind.SUMMARIZE in self._outside:
            return await self._left(task, OutputKind.SUMMARY)
        return await self._attempt(partial(self._summarize, task))

    @activity.defn(name="Tag")
    async def tag(self, task: StepTask) -> StepOutcome:
        """The book's tags, from as much as there is of it."""
        if StepKind.TAG in self._outside:
            return await self._left(task, OutputKind.TAGS)
        return await self._attempt(partial(self._tag, task))

    @activity.defn(name="Embed passages")
    async def embed(self, task: StepTask) -> StepOutcome:
        """A vector for each passage that has none of the chosen model."""
        return await self._attempt(partial(self._embed, task))

    async def _left(self, task: StepTask, kind: OutputKind) -> StepOutcome:
        """That a step is left to an outside worker, unless it is done."""
        context = task.context
        found = await self._ingestions.chapters_of(context.owner_id, context.book_id, task.last)
        basis = sum(chapter.words > 0 for chapter in found)
        return StepOutcome(outside=basis) if await self._is_due(context, kind, basis) else StepOutcome(done=1)

    async def _attempt(self, work: Callable[[], Awaitable[int]]) -> StepOutcome:
        async def step() -> StepOutcome:
            return StepOutcome(done=await work())

        return await attempt(step, lambda deferred: StepOutcome(deferred=deferred))

    async def _summarize(self, task: StepTask) -> int:
        context = task.context
        texts = await self._texts(context, task.last)
        told = list(texts.values())
        total = len(texts) + 1
        if task.whole and len(texts) > 1:
            there = await self._ingestions.outputs(context.owner_id, context.book_id, OutputKind.CHAPTER_SUMMARY)
            done = len(there.keys() & texts.keys())

            async def chapter(number: int, title: str, text: str) -> str:
                nonlocal done
                if number in there:
                    return there[number].text
                summary, made_by = await self._authors.write(
                    _desk(context, f"summary/{number}"),
                    f"chapter/{number}/summary",
                    chapter_task(title, context.language, text),
                    read_summary,
                )
                output = AiOutput(
                    kind=OutputKind.CHAPTER_SUMMARY, chapter=number, basis=1, text=summary, made_by=made_by
                )
                await self._ingestions.save_output(context, output)
                done += 1
                await self._got_on(context, StepKind.SUMMARIZE, done, total)
                return summary

            titles = await self._titles(context, task.last)
            results = await asyncio.gather(
                *(chapter(number, titles[number], text) for number, text in texts.items()), return_exceptions=True
            )
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            told = [result for result in results if isinstance(result, str)]
        basis = len(texts)
        if await self._is_due(context, OutputKind.SUMMARY, basis):
            question = summary_task(context.title, context.language, told, whole=task.whole)
            summary, made_by = await self._authors.write(
                _desk(context, f"summary/book/{basis}"), "summary", question, read_summary
            )
            output = AiOutput(kind=OutputKind.SUMMARY, basis=basis, text=summary, made_by=made_by)
            await self._ingestions.save_output(context, output)
        return total

    async def _tag(self, task: StepTask) -> int:
        context = task.context
        texts = [text[:TAGGED_CHARS] for text in (await self._texts(context, task.last)).values()]
        basis = len(texts)
        if await self._is_due(context, OutputKind.TAGS, basis):
            question = tags_task(context.title, context.language, texts)
            (tags, free), made_by = await self._authors.write(
                _desk(context, f"tags/{basis}"), "tags", question, read_tags
            )
            output = AiOutput(kind=OutputKind.TAGS, basis=basis, tags=tags, free_tags=free, made_by=made_by)
            await self._ingestions.save_output(context, output)
        return 1

    async def _is_due(self, context: BookContext, kind: OutputKind, basis: int) -> bool:
        """Whether there is none yet that was made from as many chapters."""
        there = (await self._ingestions.outputs(context.owner_id, context.book_id, kind)).get(0)
        return there is None or there.basis != basis

    async def _embed(self, task: StepTask) -> int:
        context = task.context
        owner, book = context.owner_id, context.book_id
        engine = self._embedders.links[0].engine
        model = f"{engine.provider} {engine.model}"
        total = await self._ingestions.passage_count(owner, book)
        while some := await self._ingestions.unembedded(owner, book, model, engine.batch):
            if activity.is_worker_shutdown():
                raise WorkerLeaving("this worker is draining; another one goes on")
            texts = [passage.text for passage in some]
            answer, _, _ = await self._embedders.work(partial(self._bought, context, some[0].number, texts))
            vectors = Vectors.model_validate_json(await self._assets.get(answer.asset)).vectors
            by_number = {passage.number: vector for passage, vector in zip(some, vectors, strict=True)}
            await self._ingestions.embedded(context, model, by_number)
            done = await self._ingestions.passage_count(owner, book, model)
            await self._got_on(context, StepKind.EMBED, done, total)
        return total

    async def _bought(self, context: BookContext, first: int, texts: list[str], link: Link[Embedder]) -> Answer:
        unit = f"passages/{first}"
        return await self._buyer.buy(
            lambda take: link.engine.call(texts, take=take),
            link.engine.embed,
            partial(_examine, len(texts)),
            usage=_usage(context, unit),
            holder=_holder(unit),
            limit=link.limit,
            deadline_s=link.deadline_s,
        )

    async def _texts(self, context: BookContext, last: int) -> dict[int, str]:
        """The text of each chapter in which somebody is heard to speak."""
        found = {}
        for chapter in await self._ingestions.chapters_of(context.owner_id, context.book_id, last):
            if chapter.words:
                pages = pages_of(await read_transcript(self._assets, chapter), chapter.duration_ms)
                found[chapter.chapter] = "\n\n".join(page.text for page in pages)
        return found

    async def _titles(self, context: BookContext, last: int) -> dict[int, str]:
        found = await self._ingestions.chapters_of(context.owner_id, context.book_id, last)
        return {chapter.chapter: chapter.title for chapter in found}

    async def _got_on(self, context: BookContext, kind: StepKind, done: int, total: int) -> None:
        await self._ingestions.step(
            StepChange(context=context, kind=kind, state=TrackState.PROCESSING, done=done, total=total)
        )


def _desk(context: BookContext, what: str) -> Desk:
    return Desk(
        owner_id=context.owner_id,
        book_id=context.book_id,
        job_id=JobId(context.job_id),
        language=context.language,
        age=None,
        holder=_holder(what),
    )


def _usage(context: BookContext, unit: str) -> Usage:
    return Usage(owner_id=context.owner_id, book_id=context.book_id, job_id=JobId(context.job_id), unit=unit)


def _holder(what: str) -> Holder:
    """This attempt. Temporal's scheduling time orders attempts, also of one scheduled anew."""
    info = activity.info()
    attempt = int(info.current_attempt_scheduled_time.timestamp() * 1000)
    return Holder(activity=f"{info.workflow_id}#{what}", attempt=attempt)


async def _examine(count: int, made: Vectors) -> Material:
    if len(made.vectors) != count:
        raise BadAnswer(f"{len(made.vectors)} vectors came for {count} texts")
    return Material(
        data=made.model_dump_json().encode(), media_type="application/json", facts={}, cost_micros=made.cost_micros
    )
