"""A file that somebody hands in becomes a job: examined, stored, accepted. The command line and the API share this."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bookwright.contracts.book import SourceText
from bookwright.contracts.errors import BadInput, TooLarge
from bookwright.contracts.ids import LOCAL_OWNER, AssetId, OwnerId
from bookwright.contracts.orders import BookOrder, StoredDocument
from bookwright.contracts.ports.documents import DocumentReader
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.ports.store import AssetStore
from bookwright.estimating import Makers, estimate_source
from bookwright.intake import (
    SOURCE_LIMIT,
    TEXT_LIMIT,
    Accepted,
    Wishes,
    accept,
    accept_document,
    check_kind,
    is_document,
)
from bookwright.money.estimate import Estimate
from bookwright.store import JobRow, JobStore

_HEAD = 16
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Submission:
    """A file that was handed in, what it was called, and what is wished for."""

    path: Path
    name: str
    wishes: Wishes
    declared: str | None = None
    """The media type that its sender declares, perhaps empty; None when there is no sender but a person at this
    machine, whose files may have any ending."""


def check_file(path: Path) -> None:
    """Raise BadInput when there is no such file, it is a folder, or it is too large."""
    if path.is_dir():
        raise BadInput("the source is a folder: name a text file", field="file")
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise BadInput(f"there is no file {path.name!r}", field="file") from None
    except OSError as error:
        raise BadInput(f"the file can't be read: {error.strerror}", field="file") from None
    if size > SOURCE_LIMIT:
        raise BadInput(f"the source is larger than {SOURCE_LIMIT // 2**20} MiB: split it", field="file")


def examine(
    submission: Submission,
    engine: SpeechEngine,
    documents: DocumentReader,
    owner: OwnerId = LOCAL_OWNER,
    *,
    sees: bool = False,
) -> Accepted:
    """The checked order for a file; of a document only a quick look is taken. `sees` says whether there is anybody who
    reads pages off their pictures. Blocking. Raises BadInput."""
    path, name, declared = submission.path, submission.name, submission.declared
    check_file(path)
    said = None if declared is None else check_kind(name, declared)
    accepted = _examined(path, name, submission.wishes, engine, documents, owner, sees)
    source = accepted.order.source
    found = source.format if isinstance(source, StoredDocument) else "text"
    if said not in (None, found):
        raise BadInput(f"the file is declared as {said} and holds {found}", field="file")
    return accepted


def _examined(
    path: Path,
    name: str,
    wishes: Wishes,
    engine: SpeechEngine,
    documents: DocumentReader,
    owner: OwnerId,
    sees: bool,
) -> Accepted:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if not is_document(head, name):
            if path.stat().st_size > TEXT_LIMIT:
                raise TooLarge(f"the text is larger than {TEXT_LIMIT // 2**20} MiB: split it")
            return accept(path.read_bytes(), name, wishes, engine, owner)
        asset = _hash(path)
    except OSError as error:
        raise BadInput(f"the file can't be read: {error.strerror}", field="file") from None
    return accept_document(documents.probe(path, name), asset, name, wishes, engine, owner, sees=sees)


def estimate(submission: Submission, documents: DocumentReader, makers: Makers) -> Estimate:
    """What a book from this file would take. The whole file is read, and nothing stored. Blocking. Raises BadInput."""
    accepted = examine(submission, makers.speech, documents, sees=makers.vision is not None)
    source = accepted.source or _read(submission.path, accepted.order, documents)
    return estimate_source(source, accepted.language, accepted.order.tracks, makers)


async def submit(submission: Submission, accepted: Accepted, jobs: JobStore, assets: AssetStore) -> JobRow:
    """Store the examined file, which lies in `assets.scratch()` and is moved from there, and take its order in. The
    same order again answers the job that there is, or goes on with what is missing of its book. Raises StorageFull."""
    known = await jobs.find_by_fingerprint(accepted.order.owner_id, accepted.fingerprint)
    if known is None or known.wants_more:
        await assets.put_file(submission.path, accepted.media_type)
        known = await jobs.accept_once(accepted.order, fingerprint=accepted.fingerprint)
    with suppress(FileNotFoundError):
        submission.path.unlink()
    return known


def _read(path: Path, order: BookOrder, documents: DocumentReader) -> SourceText:
    assert isinstance(order.source, StoredDocument)
    draft = documents.draft(path, order.source.format, name=order.source.name, on_progress=lambda _pages: None)
    return documents.planned(draft, {}, order.title)


def _hash(path: Path) -> AssetId:
    with path.open("rb") as file:
        return AssetId(hashlib.file_digest(file, "sha256").hexdigest())
