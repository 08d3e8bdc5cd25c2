"""Documents handed to the command: what is made of them, and how they are refused."""

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.cli.conftest import BOOKWRIGHT, Home, Refusing, stamps
from tests.support.documents import docx, epub, html, pdf
from tests.support.odd_pdfs.broken import encrypted
from tests.support.odd_pdfs.odd import document, shown
from tests.support.odd_pdfs.strange import pictured

CHAPTERS = (
    ("The River", "The river began under a stone. It ran past the mill, and nobody asked where it went."),
    ("The Sea", "The sea had no end. A boat lay on the sand, and a lamp hung in its bow."),
)
TITLE, AUTHOR = "Two Waters", "A. Writer"
MAGIC = {
    ".mp3": (0, b"ID3"),
    ".m4b": (4, b"ftypM4B"),
    ".epub": (30, b"mimetype"),
    ".pdf": (0, b"%PDF-"),
    ".zip": (30, b"manifest.json"),
}
"""What files of each edition have at which place."""
DRAWING = "".join(f"{n} {n} m 300 {7 * n} l S " for n in range(1, 90))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def names(*editions: str, title: str = TITLE) -> set[str]:
    """The files of a book of CHAPTERS."""
    found: set[str] = set()
    for edition in editions:
        if edition in ("mp3", "acx"):
            suffix = "acx.mp3" if edition == "acx" else "mp3"
            found |= {f"{number:02} {heading}.{suffix}" for number, (heading, _) in enumerate(CHAPTERS, start=1)}
        else:
            found.add(f"{title}.{'zip' if edition == 'bundle' else edition}")
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home whose service runs, so that no command has to start one."""
    home = Home(tmp_path_factory.mktemp("documents") / "home")
    command: list[str | Path] = [BOOKWRIGHT, "serve", "--port", "0", "--ui-port", "0", "--json"]
    with subprocess.Popen(
        command, env=home.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as serving:
        try:
            assert serving.stdout is not None and b"}\n" in serving.stdout, "it has not said where it serves"
            yield home
        finally:
            serving.terminate()


@pytest.fixture
def handed(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Writes a file that somebody hands in."""

    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


Handed = Callable[[str, bytes], Path]


@pytest.mark.parametrize(
    ("name", "build", "title", "editions"),
    [
        ("scan-0815.pdf", lambda: pdf(TITLE, AUTHOR, CHAPTERS), TITLE, ()),
        ("scan-0816.epub", lambda: epub(CHAPTERS), "The Lamp", ("mp3", "pdf")),
        ("scan-0817.docx", lambda: docx(TITLE, AUTHOR, CHAPTERS), TITLE, ("m4b",)),
        ("scan-0818.html", lambda: html(TITLE, AUTHOR, CHAPTERS), TITLE, ("acx", "bundle")),
    ],
    ids=["pdf", "epub", "docx", "html"],
)
def test_a_document_becomes_a_book_with_its_own_title(
    home: Home,
    handed: Handed,
    tmp_path: Path,
    name: str,
    build: Callable[[], bytes],
    title: str,
    editions: tuple[str, ...],
) -> None:
    wanted = ("--editions", ",".join(editions)) if editions else ()
    made = home.json("make", handed(name, build()), "--out", tmp_path / "books", *wanted)
    assert (made["state"], made["title"], made["warning"], made["missing"]) == ("done", title, None, [])
    assert [(part["title"], part["done"]) for part in made["chapters"]] == [("The River", 1), ("The Sea", 1)]
    folder = tmp_path / "books" / title
    assert {path.name for path in folder.iterdir()} == names(*(editions or ("mp3", "m4b", "epub", "pdf")), title=title)
    for path in folder.iterdir():
        at, magic = MAGIC[path.suffix]
        assert path.read_bytes()[at:].startswith(magic), path.name
    if "bundle" in editions:
        digests = {path.name: digest(path.read_bytes()) for path in folder.iterdir() if path.suffix != ".zip"}
        with ZipFile(folder / f"{title}.zip") as bundle:
            manifest = json.loads(bundle.read("manifest.json"))
            assert {name: digest(bundle.read(name)) for name in digests} == digests
        assert {entry["name"]: entry["sha256"] for entry in manifest["files"]} == digests
        assert (manifest["title"], manifest["author"]) == (title, AUTHOR)


def test_a_page_that_needs_vision_is_named(home: Home, handed: Handed, tmp_path: Path) -> None:
    text = [text for _, text in CHAPTERS]
    labels = "/PageLabels<</Nums[0<</S/r>>2<</S/D/St 3>>]>>"
    path = handed("mixed.pdf", document([shown(text[0]), DRAWING, shown(text[1]), DRAWING, DRAWING], catalog=labels))
    lacks = "pages 2 (printed ii), 4–5: its text can't be read"
    order = ("make", path, "--out", tmp_path / "out", "--editions", "m4b,pdf")
    made = home.json(*order, code=3)
    assert made["state"] == "done" and made["warning"] == "3 pages could not be narrated"
    [lacking] = made["missing"]
    assert lacking["pages"] == [2, 4, 5] and "vision" in lacking["reason"]
    assert {Path(file).suffix for file in made["files"]} == {".m4b", ".pdf"}
    before = stamps(tmp_path / "out")
    again = home.run(*order)
    assert again.returncode == 3 and lacks in again.stdout
    assert "0 calls made" in again.stdout and stamps(tmp_path / "out") == before, "nothing is made or bound again"
    status = home.run("status", str(made["number"]))
    assert status.returncode == 3 and lacks in status.stdout


def test_an_estimate_reads_a_document_and_keeps_nothing(tmp_path: Path, handed: Handed) -> None:
    home = Home(tmp_path / "home")
    figures = home.json("estimate", handed("mixed.pdf", document([shown(CHAPTERS[0][1]), DRAWING, shown("The end.")])))
    assert (figures["pages"], figures["cost_high_usd"]) == (3, "0.00")
    assert (figures["calls"], figures["words"]) == (2, len(CHAPTERS[0][1].split()) + 2), "a drawing is not spoken"
    assert home.rows("jobs") == home.rows("books") == 0


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "an image-only PDF": ("scan.pdf", lambda: pictured("/Im Do", "/Im Do"), "text recognition (OCR)"),
    "an encrypted PDF": ("secret.pdf", lambda: encrypted("secret", "owner", "AES-256"), "without a password"),
    "half a PDF": ("half.pdf", lambda: pdf(TITLE, AUTHOR, CHAPTERS)[:2_000], "whole file"),
    "half an EPUB": ("half.epub", lambda: epub(CHAPTERS)[:500], "whole file"),
    "a PDF called EPUB": ("book.epub", lambda: pdf(TITLE, AUTHOR, CHAPTERS), "rename it"),
    "an EPUB called PDF": ("book.pdf", lambda: epub(CHAPTERS), "rename it"),
    "an EPUB without text": ("empty.epub", lambda: epub((("", ""),)), "no text"),
    "an old Word file": ("letter.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as DOCX"),
    "a text called PDF": ("book.pdf", lambda: b"Once upon a time.", "PDF"),
    "an empty HTML file": ("book.html", lambda: b"", "empty"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_document_that_can_not_be_read_is_refused_and_leaves_nothing(
    refusing: Refusing, tmp_path: Path, handed: Handed, what: str
) -> None:
    name, build, remedy = REFUSED[what]
    path = handed(name, build())
    for command in (("make", path, "--out", tmp_path / "out"), ("estimate", path)):
        answer = refusing.answer(*command)
        assert (answer["error"], answer["field"]) == ("BadInput", "file") and remedy in answer["message"], answer
    assert not [found for found in (refusing.home.folder / "assets").rglob("*") if found.is_file()]
    assert refusing.home.rows("assets") == 0 and not (tmp_path / "out").exists()


@pytest.mark.parametrize(("editions", "says"), [("pdf,papyrus", "epub, pdf, acx, bundle"), ("bundle", "besides it")])
def test_editions_that_can_not_be_made_are_refused(
    refusing: Refusing, tmp_path: Path, handed: Handed, editions: str, says: str
) -> None:
    path = handed("two.epub", epub(CHAPTERS))
    answer = refusing.answer("make", path, "--out", tmp_path / "out", "--editions", editions)
    assert answer["field"] == "editions" and says in answer["message"], answer
    assert not (tmp_path / "out").exists()


def test_the_command_itself_refuses_a_scan_with_2(tmp_path: Path, handed: Handed) -> None:
    ended = Home(tmp_path / "home").run("make", handed("scan.pdf", pictured("/Im Do")), "--out", tmp_path / "out")
    assert (ended.returncode, ended.stdout) == (2, "") and ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("error No page of the document has text") and "(OCR)" in ended.stderr
