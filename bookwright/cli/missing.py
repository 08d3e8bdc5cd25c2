"""Which pages a finished book lacks, and why."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from bookwright.cli.app import out
from bookwright.cli.desk import Desk
from bookwright.store import JobRow


async def missing(desk: Desk, job: JobRow) -> dict[str, list[int]]:
    """The pages that could not be narrated, by reason; nothing for a job that did not end with a warning."""
    reasons: dict[str, list[int]] = {}
    if job.state.closed and job.warning:
        material = await desk.books.binding_material(desk.owner, job.book_id, None)
        for page in (page for chapter in material.chapters for page in chapter.pages):
            if page.asset is None and page.error:
                reasons.setdefault(page.error, []).append(page.number)
    return reasons


def missing_json(reasons: dict[str, list[int]]) -> list[dict[str, Any]]:
    """The same as JSON: a list of `{"reason", "pages"}`."""
    return [{"reason": reason, "pages": pages} for reason, pages in reasons.items()]


def show_missing(reasons: dict[str, list[int]]) -> None:
    """A line for each reason: `pages 2, 5–9: its text can't be read …`."""
    for reason, pages in reasons.items():
        out.print(f"  page{'s' * (len(pages) > 1)} {_ranges(pages)}: {reason}", markup=False)


def _ranges(pages: Sequence[int]) -> str:
    runs = [list(run) for _, run in groupby(enumerate(pages), key=lambda entry: entry[1] - entry[0])]
    return ", ".join(str(run[0][1]) if len(run) == 1 else f"{run[0][1]}–{run[-1][1]}" for run in runs)
