"""How jobs and estimates look on the screen and as JSON."""

from typing import Any

from rich.table import Table

from bookwright.cli.app import out
from bookwright.money.estimate import Estimate
from bookwright.store import JobProgress


def job_json(progress: JobProgress) -> dict[str, Any]:
    """A job as one JSON object."""
    job = progress.job
    document = progress.model_dump(mode="json", exclude={"job"})
    return job.model_dump(mode="json", exclude={"order", "fingerprint"}) | document


def show_estimate(figures: Estimate) -> None:
    """An estimate as a table."""
    table = Table("stage", "calls", "USD", "seconds", box=None, padding=(0, 2))
    for stage in figures.stages:
        table.add_row(
            stage.name,
            str(stage.calls),
            f"{stage.cost_low_usd} to {stage.cost_high_usd}",
            f"{stage.seconds_low:g} to {stage.seconds_high:g}",
        )
    out.print(f"{figures.pages} pages, {figures.words} words, about {figures.audio_seconds / 60:.0f} min of audio")
    out.print(table)
    out.print(
        f"{figures.calls} calls, {figures.cost_low_usd} to {figures.cost_high_usd} USD, "
        f"{figures.seconds_low:g} to {figures.seconds_high:g} s"
    )
