"""What became of a book's soundscapes, as section 1 says it."""

from api.schemas.soundscapes import SoundscapesFailed, SoundscapesMade, SoundscapeStats, SpreadError
from bookwright.contracts.progress import JobState
from bookwright.money.usd import to_usd
from bookwright.soundscapes import SoundscapeReport

SOME_FAILED = "Some spreads failed to process"
ALL_FAILED = "All spreads failed to process"


def report_body(report: SoundscapeReport) -> SoundscapesMade | SoundscapesFailed:
    """The body for a job that has ended."""
    job, count = report.job, report.error_count
    errors = tuple(
        SpreadError(
            spreadIndex=error.spread,
            pageNumbers=error.pages,
            errorMessage=error.message,
            errorType=error.kind,
        )
        for error in report.errors
    )
    if job.state is JobState.CANCELLED or not report.figures.processed:
        cancelled = job.state is JobState.CANCELLED
        stats = SoundscapeStats(
            totalSpreads=report.figures.spreads, errorCount=count, processingTimeSeconds=report.seconds
        )
        return SoundscapesFailed(
            bookId=job.book_id,
            jobId=job.job_id,
            status="cancelled" if cancelled else "failed",
            error="The job was cancelled" if cancelled else ALL_FAILED,
            stats=stats,
            errors=errors,
        )
    return SoundscapesMade(
        bookId=job.book_id,
        jobId=job.job_id,
        stats=stats_of(report, count or None),
        warning=SOME_FAILED if count else None,
        errors=errors if count else None,
    )


def stats_of(report: SoundscapeReport, failed: int | None = None) -> SoundscapeStats:
    """The figures, as far as they have come."""
    figures = report.figures
    return SoundscapeStats(
        totalSpreads=figures.spreads,
        processedSpreads=figures.processed,
        scenesCreated=figures.scenes,
        soundscapesGenerated=figures.bought,
        soundscapesReused=figures.reused,
        cost=to_usd(figures.cost_micros),
        saved=to_usd(figures.saved_micros),
        errorCount=failed,
        processingTimeSeconds=report.seconds,
    )
