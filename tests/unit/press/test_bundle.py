"""The ZIP file of all other files: complete, checkable, and the same for the same input."""

import hashlib
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from bookwright.contracts.book import BoundFile, ChapterMark
from bookwright.contracts.editions import BookMatter, BundledFile, Lacking
from bookwright.contracts.ids import AssetId, BookId
from bookwright.contracts.orders import Edition
from bookwright.press.bundle import Bundler

Add = Callable[..., BundledFile]
BOOK = BookMatter(
    book_id=BookId("7b0c0b43-6c0f-4f8e-9c5d-3c5c0a4a4c11"),
    title="नदी",
    author=None,
    language="hi",
    pages=3,
    chapters=2,
    modified=datetime(2026, 3, 4, 5, 6, 8, tzinfo=UTC),
    cover=b"",
)
WHOLE = Lacking()


@pytest.fixture
def add(tmp_path: Path) -> Add:
    """Makes a file that is to be packed."""

    def make(name: str, content: bytes, edition: Edition = Edition.M4B, **more: object) -> BundledFile:
        asset = AssetId(hashlib.sha256(content).hexdigest())
        (tmp_path / asset).write_bytes(content)
        file = BoundFile.model_validate(
            {
                "edition": edition,
                "chapter": None,
                "name": name,
                "asset": asset,
                "media_type": "audio/mp4",
                "bytes": len(content),
                "duration_ms": 0,
            }
            | more
        )
        return BundledFile(file=file, path=tmp_path / asset)

    return make


def pack(target: Path, *files: BundledFile, book: BookMatter = BOOK, lacking: Lacking = WHOLE) -> Path:
    Bundler().bundle(book, files, lacking, target, lambda done: None)
    return target


def test_every_file_is_in_it_as_it_was_with_its_checksum(add: Add, tmp_path: Path) -> None:
    files = {"नदी.m4b": bytes(range(256)) * 10_000, "01 उद्गम.mp3": b"sound", "empty.epub": b""}
    with ZipFile(pack(tmp_path / "book.zip", *(add(name, content) for name, content in files.items()))) as packed:
        assert packed.namelist() == ["manifest.json", "SHA256SUMS", *files]
        assert {name: packed.read(name) for name in files} == files and packed.testzip() is None
        sums = packed.read("SHA256SUMS").decode()
        assert sums == "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
        for info in packed.infolist():
            assert info.compress_type == ZIP_STORED and info.date_time == (2026, 3, 4, 5, 6, 8)
            assert stat.filemode(info.external_attr >> 16) == "-rw-r--r--"


def test_the_manifest_says_what_the_book_is_and_what_each_file_lacks(add: Add, tmp_path: Path) -> None:
    mark = ChapterMark(title="One", start_ms=0, end_ms=900)
    spoken = add("a.m4b", b"sound", duration_ms=900, marks=[mark.model_dump()], missing_pages=[2, 3])
    with ZipFile(pack(tmp_path / "book.zip", spoken, add("a.pdf", b"%PDF-", Edition.PDF))) as packed:
        manifest = json.loads(packed.read("manifest.json"))
    assert {name: manifest[name] for name in ("book_id", "title", "author", "language", "pages", "chapters")} == {
        "book_id": BOOK.book_id,
        "title": "नदी",
        "author": None,
        "language": "hi",
        "pages": 3,
        "chapters": 2,
    }
    assert manifest["modified"] == "2026-03-04T05:06:08+00:00"
    first, second = manifest["files"]
    assert (first["name"], first["edition"], first["duration_ms"], first["missing_pages"]) == (
        "a.m4b",
        "m4b",
        900,
        [2, 3],
    )
    assert first["marks"] == [{"title": "One", "start_ms": 0, "end_ms": 900}]
    assert (second["name"], second["edition"], second["bytes"], second["missing_pages"]) == ("a.pdf", "pdf", 5, [])


def test_the_manifest_of_a_partial_book_says_what_is_missing_and_why(add: Add, tmp_path: Path) -> None:
    lacking = Lacking(pages={3: "the voice refused it", 2: "a picture"}, editions=(Edition.EPUB,))
    manifests = []
    for missing in (lacking, WHOLE):
        with ZipFile(pack(tmp_path / "book.zip", add("a.m4b", b"sound"), lacking=missing)) as packed:
            manifests.append(json.loads(packed.read("manifest.json")))
    partial, whole = manifests
    assert partial["complete"] is False and partial["missing_editions"] == ["epub"]
    assert partial["missing_pages"] == [
        {"page": 2, "reason": "a picture"},
        {"page": 3, "reason": "the voice refused it"},
    ]
    assert (whole["complete"], whole["missing_pages"], whole["missing_editions"]) == (True, [], [])


def test_the_same_files_give_the_same_bytes(add: Add, tmp_path: Path) -> None:
    files = [add("a.m4b", b"sound"), add("a.pdf", b"%PDF-", Edition.PDF)]
    assert pack(tmp_path / "one.zip", *files).read_bytes() == pack(tmp_path / "two.zip", *files).read_bytes()


def test_a_date_that_zip_does_not_know_is_no_obstacle(add: Add, tmp_path: Path) -> None:
    early = BOOK.model_copy(update={"modified": datetime(1970, 1, 1, tzinfo=UTC)})
    with ZipFile(pack(tmp_path / "book.zip", add("a.m4b", b"sound"), book=early)) as packed:
        assert packed.getinfo("a.m4b").date_time[0] == 1980


@pytest.mark.parametrize(
    "names", [("a.mp3", "A.mp3"), ("a.mp3", "a.mp3", "mp3-2-a.mp3"), ("manifest.json", "sha256sums")]
)
def test_no_file_is_unpacked_over_another(add: Add, tmp_path: Path, names: tuple[str, ...]) -> None:
    files = [add(name, f"{number}".encode(), Edition.MP3, chapter=number) for number, name in enumerate(names, start=1)]
    with ZipFile(pack(tmp_path / "book.zip", *files)) as packed:
        found = packed.namelist()
        assert len({name.casefold() for name in found}) == len(found) == len(names) + 2
        assert {packed.read(name) for name in found} >= {f"{number}".encode() for number in range(1, len(names) + 1)}


def test_whoever_stops_it_finds_no_file(add: Add, tmp_path: Path) -> None:
    target, told = tmp_path / "book.zip", []

    def stop(done: int) -> None:
        told.append(done)
        if done > 2 << 20:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        Bundler().bundle(BOOK, [add("a.m4b", bytes(5 << 20))], WHOLE, target, stop)
    assert told == [1 << 20, 2 << 20, 3 << 20] and not target.exists()


def test_a_file_that_is_gone_leaves_no_bundle(add: Add, tmp_path: Path) -> None:
    target, entry = tmp_path / "book.zip", add("a.m4b", b"sound")
    entry.path.unlink()
    with pytest.raises(FileNotFoundError):
        pack(target, entry)
    assert not target.exists()
