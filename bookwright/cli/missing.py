"""Which pages a finished book lacks, and why."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from bookwright.cli.app import out
from bookwright.cli.desk import Desk
from bookwright.contracts.ports.store import PageSegment
from bookwright.store import JobRow

Missing = dict[str, list[PageSegment]]
"""Pages by the reason for which they could not be narrated."""


async def missing(desk: Desk, job: JobRow) -> Missing:
    """The pages that a job's book lacks; nothing for a job that did not end with a warning."""
    reasons: Missing = {}
    if job.state.closed and job.warning:
        material = await desk.books.binding_material(desk.owner, job.book_id, None)
        for page in (page for chapter in material.chapters for page in chapter.pages):
            if page.asset is None and page.error:
                reasons.setdefault(page.error, []).append(page)
    return reasons


def missing_json(reasons: Missing) -> list[dict[str, Any]]:
    """The same as JSON: a list of `{"reason", "pages"}`."""
    return [{"reason": reason, "pages": [page.number for page in pages]} for reason, pages in reasons.items()]


def show_missing(reasons: Missing) -> None:
    """A line for each reason: `pages 2 (printed ii), 5–9: its text can't be read …`."""
    for reason, pages in reasons.items():
        out.print(f"  page{'s' * (len(pages) > 1)} {', '.join(_runs(pages))}: {reason}", markup=False)


def _runs(pages: Sequence[PageSegment]) -> list[str]:
    """Pages that follow each other as one, with their printed names where these differ from their numbers."""
    said = []
    for _, run in groupby(enumerate(pages), key=lambda entry: entry[1].number - entry[0]):
        first, *rest = (page for _, page in run)
        ends = [first, *rest[-1:]]
        said.append("–".join(str(page.number) for page in ends))
        if any(page.label for page in ends):
            said[-1] += f" (printed {'–'.join(page.label or str(page.number) for page in ends)})"
    return said
