"""The reader's process: it ends, whatever happens, and says why."""

import os
from pathlib import Path

import pytest

from bookwright.contracts.documents import DocumentKind, ReadingLimits, ReadingUsage
from bookwright.contracts.errors import BadInput
from bookwright.press.reading import probe_document, read_document
from bookwright.press.reading.process import ReaderProcess
from tests.support.odd_pdfs.broken import WHOLE, bomb, many_pages, whole


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.pdf"
    path.write_bytes(whole())
    return path


class StopReading(Exception):
    """Somebody cancelled."""


def test_progress_counts_pages_and_may_stop_the_reading(book: Path) -> None:
    seen: list[int] = []
    read_document(book, on_progress=seen.append)
    assert seen == sorted(seen) and set(seen) - {0} == {1, 2, 3}

    def stop(pages: int) -> None:
        raise StopReading

    used: list[ReadingUsage] = []
    with pytest.raises(StopReading):
        read_document(book, on_progress=stop, on_usage=used.append)
    assert len(used) == 1


def test_a_reading_that_hangs_can_be_stopped(tmp_path: Path) -> None:
    stuck = tmp_path / "book.pdf"
    os.mkfifo(stuck)  # whoever opens it waits for ever

    def stop(pages: int) -> None:
        raise StopReading

    with pytest.raises(StopReading):
        read_document(stuck, on_progress=stop)


def test_process_is_gone_when_reading_is_given_up(book: Path) -> None:
    process = ReaderProcess(book, book.name, ReadingLimits())
    with process:
        next(iter(process.records()))
    assert process.usage is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_time_runs_out(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(many_pages(4_000))
    with pytest.raises(BadInput, match=r"more than 0\.01 seconds"):
        read_document(path, limits=ReadingLimits(wall_seconds=0.01))


def test_processor_time_runs_out(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(many_pages(20_000))
    with pytest.raises(BadInput, match="1 seconds of processor time"):
        read_document(path, limits=ReadingLimits(pages=50_000, cpu_seconds=1))


def test_memory_runs_out(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pdf"
    path.write_bytes(bomb(100))
    with pytest.raises(BadInput, match="128 MB") as refusal:
        read_document(path, limits=ReadingLimits(memory_bytes=1 << 27))
    assert refusal.value.field == "file"


def test_text_is_bounded(book: Path) -> None:
    with pytest.raises(BadInput, match="more text"):
        read_document(book, limits=ReadingLimits(text_bytes=50))


def test_no_secret_is_handed_on(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SARVAM_API_KEY", "not to be seen")
    with ReaderProcess(book, book.name, ReadingLimits()) as process:
        environment = b""
        while not environment:  # a process that is just beginning has none yet
            environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"not to be seen" not in environment and b"LANG=" in environment


def test_name_kind_and_content_must_agree(book: Path) -> None:
    assert read_document(book, DocumentKind.PDF, name="3f2a9c").source.page_count == 3
    with pytest.raises(BadInput, match=r"called \.epub"):
        probe_document(book, name="book.epub")
    with pytest.raises(BadInput, match="hand it in again"):
        read_document(book, DocumentKind.EPUB, name="3f2a9c")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="can't be read"):
        probe_document(tmp_path / "none.pdf")


def test_a_title_given_wins(book: Path) -> None:
    source = read_document(book, title="  My   book ").source
    assert source.title == "My book"
    assert [page.text for chapter in source.chapters for page in chapter.pages] == WHOLE


def test_probe_has_a_sample(book: Path) -> None:
    facts = probe_document(book)
    assert (facts.kind, facts.pages, facts.has_text) == (DocumentKind.PDF, 3, True)
    assert all(text in facts.sample for text in WHOLE)
