"""How a book stands that was ordered with a brief, in the words of the contract's section 2."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from api.jobs.views import WEIGHTS, percent, share, shown_edition, stages_of, status_name
from api.schemas.stories import BookMade, BookProgress, BookStage, StageNameOf2
from bookwright.contracts.access import Caller
from bookwright.contracts.book import BoundFile, TrackState
from bookwright.contracts.orders import BookOrder
from bookwright.contracts.progress import BookStatus, JobState, StageName, StageStatus
from bookwright.contracts.stories import Brief, BriefKind
from bookwright.money.usd import to_usd
from bookwright.store import JobProgress

_PARTS: dict[StageNameOf2, tuple[StageName, ...]] = {
    "character_extraction": (StageName.CHARACTERS,),
    "enhancement": (StageName.ENHANCEMENT,),
    "story_generation": (StageName.STORY, StageName.TEXT),
    "scene_creation": (StageName.ANALYSIS, StageName.ILLUSTRATIONS),
    "consistency_validation": (StageName.VALIDATION,),
    "audio_generation": (StageName.NARRATION, StageName.SOUNDSCAPE),
    "pdf_creation": (StageName.BINDING,),
}
"""Each stage of the contract, and what is done in it."""
_SEARCH: dict[StageNameOf2, tuple[StageName, ...]] = {
    "character_extraction": _PARTS["character_extraction"],
    "enhancement": _PARTS["enhancement"],
    "scene_creation": (*_PARTS["story_generation"], *_PARTS["scene_creation"]),
    "consistency_validation": _PARTS["consistency_validation"],
    "pdf_creation": _PARTS["pdf_creation"],
}
_ENDED = (TrackState.COMPLETED, TrackState.FAILED, TrackState.SKIPPED)


def book_progress(
    progress: JobProgress,
    first: BookOrder,
    live: BookStatus | None = None,
    files: Sequence[BoundFile] | None = None,
    caller: Caller | None = None,
) -> BookProgress:
    """A job as section 2 says it. `first` is what its book was ordered as at first; `files` of a job that is done are
    shown with addresses that `caller` can open."""
    job = progress.job
    state = live.state if live and not live.state.closed else job.state
    return BookProgress(
        job_id=job.number,
        book_id=progress.job.book_number,
        status=status_name(state),
        paused_reason=live.paused_reason if live else job.paused_reason,
        warning=job.warning,
        overall_progress=percent(progress, live),
        stages=_stages(progress, first, live),
        error_message=job.error,
        result_data=_made(progress, files, caller) if job.state is JobState.DONE else None,
        retry_count=job.retries,
        child_profile_id=first.child_profile_id,
        created_at=job.created_at,
        as_of=max(live.as_of, progress.as_of) if live else progress.as_of,
    )


def _stages(progress: JobProgress, first: BookOrder, live: BookStatus | None) -> tuple[BookStage, ...]:
    """The stages of the kind of book that it is. One that has no part in this job, a later one of its book, is
    skipped; a book that was not ordered with a brief has none such."""
    found = {stage.name: stage for stage in stages_of(progress, live)}
    kind = first.source.job_type if isinstance(first.source, Brief) else None
    parts = _SEARCH if kind is BriefKind.INTERACTIVE_SEARCH else _PARTS
    shown = [
        (name, mine)
        for name, names in parts.items()
        if (mine := [found[part] for part in names if part in found]) or kind is not None
    ]
    return tuple(_stage(number, name, mine, progress.job.error) for number, (name, mine) in enumerate(shown, 1))


def _stage(number: int, name: StageNameOf2, parts: Sequence[StageStatus], error: str | None) -> BookStage:
    state = _state(parts)
    whole = sum(WEIGHTS[part.name] for part in parts)
    done = sum(WEIGHTS[part.name] * share(part) for part in parts) / whole if parts else 1.0
    return BookStage(
        id=number,
        stage_name=name,
        status=state,
        progress_percentage=int(100 * done) if state is not TrackState.COMPLETED else 100,
        started_at=min(_times(part.started_at for part in parts), default=None),
        completed_at=max(_times(part.completed_at for part in parts), default=None) if state in _ENDED else None,
        error_message=_trouble(state, parts, error),
    )


def _times(moments: Iterable[datetime | None]) -> list[datetime]:
    return [moment for moment in moments if moment is not None]


def _state(parts: Sequence[StageStatus]) -> TrackState:
    """It starts with its first part and ends with its last."""
    states = {part.state for part in parts}
    if not states - {TrackState.SKIPPED}:
        return TrackState.SKIPPED
    if TrackState.FAILED in states and not states & {TrackState.PENDING, TrackState.PROCESSING}:
        return TrackState.FAILED
    if states <= {TrackState.COMPLETED, TrackState.SKIPPED}:
        return TrackState.COMPLETED
    return TrackState.PENDING if states == {TrackState.PENDING} else TrackState.PROCESSING


def _trouble(state: TrackState, parts: Sequence[StageStatus], error: str | None) -> str | None:
    if failed := sum(part.failed for part in parts):
        return f"{failed} of {sum(part.total for part in parts if part.failed)} could not be made"
    return error if state is TrackState.FAILED else None


def _made(progress: JobProgress, files: Sequence[BoundFile] | None, caller: Caller | None) -> BookMade:
    job = progress.job
    shown = None
    if files is not None and caller is not None:
        shown = tuple(shown_edition(job.book_id, file, caller) for file in files)
    return BookMade(
        book_id=progress.job.book_number,
        title=job.title,
        pages=progress.pages,
        editions=shown,
        reader_url=f"/read/{progress.job.book_number}",
        cost=to_usd(progress.counts.cost_micros),
        saved=to_usd(progress.counts.saved_micros),
    )
