"""Records: short activities that write down how a job goes."""

from temporalio import activity

from bookwright.contracts.book import BRIEF_TITLE, ChapterBrief, ChapterRange
from bookwright.contracts.ports.calls import Ledger
from bookwright.contracts.ports.store import Books
from bookwright.contracts.progress import BudgetRaise, JobEnd, JobEnded, JobHold, StageChanges


class Records:
    """Reads and writes of the store that a workflow asks for. Each may be repeated without effect."""

    def __init__(self, books: Books, ledger: Ledger) -> None:
        self._books = books
        self._ledger = ledger

    @activity.defn(name="List chapters")
    async def chapters(self, wanted: ChapterRange) -> list[ChapterBrief]:
        """The briefs of up to `limit` chapters, from the first wanted one on."""
        return await briefs(self._books, wanted)

    @activity.defn(name="Record stages")
    async def stages(self, wanted: StageChanges) -> None:
        """Begin or end stages."""
        await self._books.stage(wanted.context, *wanted.changes)

    @activity.defn(name="Record hold")
    async def hold(self, change: JobHold) -> None:
        """Mark the job as paused with a reason, or as running again."""
        await self._books.hold(change.owner_id, change.job_id, change.reason, paused=change.paused)

    @activity.defn(name="Raise budget")
    async def raise_budget(self, change: BudgetRaise) -> None:
        """Set the order's budget."""
        await self._books.set_budget(change.owner_id, change.job_id, change.cap_micros)

    @activity.defn(name="Close job")
    async def close(self, end: JobEnd) -> JobEnded:
        """Record how the job ended, and answer the totals of its provider calls."""
        await self._books.close_job(end)
        return JobEnded(counts=await self._ledger.counts(end.owner_id, end.job_id))


async def briefs(books: Books, wanted: ChapterRange) -> list[ChapterBrief]:
    """Chapters with titles short enough for a history."""
    found = await books.chapters(wanted.context.owner_id, wanted.context.book_id, wanted.first, wanted.limit)
    return [brief.model_copy(update={"title": brief.title[:BRIEF_TITLE]}) for brief in found]
