"""Identifiers. A workflow id says what it makes; a job id follows from its workflow id, so neither can drift."""

import re
from typing import NewType
from uuid import NAMESPACE_URL, uuid4, uuid5

OwnerId = NewType("OwnerId", str)
BookId = NewType("BookId", str)
JobId = NewType("JobId", str)
AssetId = NewType("AssetId", str)
"""The lower-case hexadecimal SHA-256 of the asset's bytes."""

LOCAL_OWNER = OwnerId("local")
"""The owner of everything made from the command line without signing in."""
_AGAIN = re.compile(r"/again/[0-9]+$")


def new_book_id() -> BookId:
    """A fresh random book id (UUID 4)."""
    return BookId(str(uuid4()))


def book_workflow_id(book: BookId, generation: int) -> str:
    """The id of the `generation`-th `BookGeneration` of a book (the first is 1)."""
    return f"book/{book}/{generation}"


def retry_workflow_id(book: BookId, generation: int, retry: int) -> str:
    """The id of the workflow that works off the same job once more, after it failed: the first such `retry` is 1."""
    return f"{book_workflow_id(book, generation)}/again/{retry}"


def chapter_workflow_id(parent_workflow_id: str, chapter: int) -> str:
    """The id of the `ChapterProduction` of one chapter (1-based) under its book's workflow."""
    return f"{parent_workflow_id}/chapter/{chapter}"


def scoring_workflow_id(parent_workflow_id: str) -> str:
    """The id of the `SceneScoring` under its book's workflow."""
    return f"{parent_workflow_id}/scenes"


def job_id(workflow_id: str) -> JobId:
    """The id of the job that a workflow execution works off; the same for every run of that workflow id, and when the
    job is worked off once more."""
    return JobId(str(uuid5(NAMESPACE_URL, f"bookwright:{_AGAIN.sub('', workflow_id)}")))
