"""What operators see of jobs, from the store's words into the API's."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

from api.deps import Backend
from api.jobs.statuses import JobStanding
from api.jobs.views import job_status
from api.schemas.admin import (
    AdminCall,
    AdminCause,
    AdminChapter,
    AdminJob,
    AdminPage,
    AdminTrack,
    BulkAnswer,
    BulkReason,
    CallTotal,
    DeadLetterAnswer,
    HealthAnswer,
    HistoryBucket,
    HistorySpan,
    HistoryStepName,
    JobHistory,
    QueueAnswer,
    WorkerAnswer,
)
from bookwright.money.usd import to_usd
from bookwright.store import JobRow
from bookwright.store.bulk.store import BulkFacts
from bookwright.store.ingestion.deadletters import DeadLetter
from bookwright.store.jobs.history import HistoryStep
from bookwright.store.jobs.inspection import CallLook, CallSum, Cause, PageLook
from bookwright.telemetry.metrics import Standing

SPANS: dict[HistorySpan, timedelta] = {"day": timedelta(days=1), "week": timedelta(days=7)}
STEPS: dict[HistoryStepName, timedelta] = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "1d": timedelta(days=1),
}
USUAL_STEPS: dict[HistorySpan, HistoryStepName] = {"day": "1h", "week": "6h"}


async def history_of(backend: Backend, span: HistorySpan, step: HistoryStepName | None) -> JobHistory:
    """The history of a span in steps, the usual ones when none are named. Raises BadInput."""
    step = step or USUAL_STEPS[span]
    found = await backend.statistics.history.steps(SPANS[span], STEPS[step])
    return JobHistory(span=span, step=step, buckets=tuple(map(_bucket, found)))


def _bucket(step: HistoryStep) -> HistoryBucket:
    return HistoryBucket(**step.model_dump(exclude={"cost_micros"}), cost=to_usd(step.cost_micros))


def admin_job(
    standing: JobStanding, causes: Sequence[Cause], sums: Sequence[CallSum], temporal: tuple[str, str] | None
) -> AdminJob:
    """A job as it stands; `temporal` is the address of its UI and the namespace."""
    progress = standing.progress
    return AdminJob(
        job=job_status(progress, standing.live),
        user=progress.job.owner_id,
        workflowId=progress.job.workflow_id,
        temporalUrl=temporal_url(progress.job, temporal),
        generation=progress.job.generation,
        chapters=tuple(
            AdminChapter(
                number=one.number,
                title=one.title,
                pages=one.pages,
                status=one.state,
                done=one.done,
                failed=one.failed,
            )
            for one in progress.chapters
        ),
        causes=tuple(AdminCause.model_validate(one.model_dump()) for one in causes),
        calls=tuple(
            CallTotal(
                provider=one.provider,
                operation=one.operation,
                state=one.state,
                attempts=one.attempts,
                cost=to_usd(one.cost_micros),
            )
            for one in sums
        ),
    )


def temporal_url(job: JobRow, temporal: tuple[str, str] | None) -> str | None:
    """The page of a job's workflow in the Temporal UI."""
    if temporal is None:
        return None
    address, namespace = temporal
    return f"{address.rstrip('/')}/namespaces/{quote(namespace, safe='')}/workflows/{quote(job.workflow_id, safe='')}"


def admin_page(page: PageLook) -> AdminPage:
    """A page with what was tried for it."""
    tracks = tuple(
        AdminTrack(
            track=one.track,
            status=one.state,
            version=one.version,
            madeBy=one.made_by,
            errorType=one.error_type,
            error=one.error,
        )
        for one in page.tracks
    )
    return AdminPage(
        page=page.page,
        chapter=page.chapter,
        tracks=tracks,
        attempts=page.attempts,
        lost=page.lost,
        cost=to_usd(page.cost_micros),
    )


def admin_call(call: CallLook) -> AdminCall:
    """An attempt at a call."""
    return AdminCall(
        callId=str(call.call_id),
        attempt=call.attempt,
        provider=call.provider,
        model=call.model,
        operation=call.operation,
        unit=call.unit,
        state=call.state,
        cost=to_usd(call.cost_micros),
        at=call.reserved_at,
        seconds=call.seconds,
        reason=call.reason,
        externalId=call.external_id,
    )


def bulk_answer(facts: BulkFacts) -> BulkAnswer:
    """A bulk action, and how far it is."""
    return BulkAnswer(
        id=facts.bulk_id,
        action=facts.action,
        by=facts.owner_id,
        askedAt=facts.asked_at,
        jobs=facts.jobs,
        open=facts.open,
        done=facts.done,
        refused=facts.refused,
        reasons=tuple(BulkReason(reason=reason, count=count) for reason, count in facts.reasons.items()),
    )


def dead_letter(letter: DeadLetter) -> DeadLetterAnswer:
    """A step that was given up."""
    return DeadLetterAnswer(
        id=letter.step_id,
        step=letter.kind,
        user=letter.owner_id,
        audiobookId=letter.book_id,
        title=letter.title,
        errorType=letter.error_type,
        error=letter.error,
        failedAt=letter.failed_at,
    )


def health_answer(standing: Standing) -> HealthAnswer:
    """How the queues, their workers and the ledger stand. The store answers, else nobody would be asked."""
    queues = tuple(
        QueueAnswer.model_validate(
            {
                "queue": one.queue,
                "kind": one.kind,
                "backlog": one.tasks,
                "age": round(one.age_s, 1),
                "workers": tuple(WorkerAnswer(identity=seen.identity, seen=seen.at) for seen in one.seen),
            }
        )
        for one in standing.backlogs or ()
    )
    figures = standing.figures
    well = standing.backlogs is not None and figures is not None and all(queue.workers for queue in queues)
    return HealthAnswer(
        status="ok" if well else "degraded",
        temporal=standing.backlogs is not None,
        queues=queues,
        openCalls=sum(figures.open_calls.values()) if figures else 0,
        ambiguousCalls=figures.ambiguous_calls if figures else 0,
        oldestWaiting=max(figures.queued_s.values(), default=None) if figures else None,
    )
