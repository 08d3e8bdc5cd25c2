"""Binding a 300-page book as PDF against a bare typst compile of the same pages, both in CPU seconds, child processes
and all."""

import hashlib
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from benchmarks.measure import Figure
from benchmarks.narration import pages as texts
from bookwright.contracts.editions import BookMatter, ChapterMatter, PageMatter, Picture
from bookwright.contracts.ids import AssetId, BookId
from bookwright.press.pdf import fonts
from bookwright.press.pdf.press import PdfPress

PAGES = 300
ROUNDS = 5
_WORDS_A_PAGE, _PAGES_A_CHAPTER = 250, 25
_SIDE = 1_024
_BARE = """
#set document(title: "Bench")
#set page({page}, numbering: "1")
#set text(font: ("{font}", "Noto Sans"), size: {size})
#set par(justify: {justify}, leading: 0.68em)
#for page in json("pages.json") {{
  if page.title != none {{ heading(page.title) }}
  if page.picture != none {{ image(page.picture, alt: "Colours", width: 100%) }}
  for one in page.text.split("\\n\\n") {{ par(one) }}
  {end}
}}
"""
_COMPILE = """
import sys, typst
typst.compile("bare.typ", "bare.pdf", font_paths=sys.argv[1:], ignore_system_fonts=True, pdf_standards=["ua-1"])
"""
_NOVEL = {"page": "width: 148mm, height: 210mm, margin: 20mm", "font": "Libertinus Serif", "size": "10.5pt",
          "justify": "true", "end": ""}  # fmt: skip
_PICTURED = {"page": "width: 8in, height: 10in, margin: 20mm", "font": "Noto Sans", "size": "18pt",
             "justify": "false", "end": "pagebreak(weak: true)"}  # fmt: skip


def novel(count: int) -> list[PageMatter]:
    """Pages of 250 words in five paragraphs."""
    made = []
    for number, text in enumerate(texts(count * _WORDS_A_PAGE)[:count], 1):
        sentences = text.split(". ")
        step = max(len(sentences) // 5, 1)
        runs = (". ".join(sentences[at : at + step]) for at in range(0, len(sentences), step))
        made.append(PageMatter(number=number, text="\n\n".join(runs)))
    return made


def pictured(count: int, folder: Path) -> list[PageMatter]:
    """Pages of 40 words under a picture; the pictures' files are written to `folder`."""
    made = []
    for number, text in enumerate(texts(count * _WORDS_A_PAGE)[:count], 1):
        image = Image.linear_gradient("L").rotate(number).resize((_SIDE, _SIDE)).convert("RGB")
        image.paste((number % 256, 90, 160), (100, 100, 400 + number, 700))
        data = io.BytesIO()
        image.save(data, "JPEG", quality=85)
        asset = AssetId(hashlib.sha256(data.getvalue()).hexdigest())
        (folder / f"{asset}.jpg").write_bytes(data.getvalue())
        picture = Picture(asset=asset, media_type="image/jpeg", alt="Colours", width=_SIDE, height=_SIDE)
        made.append(PageMatter(number=number, text=" ".join(text.split()[:40]), picture=picture))
    return made


def chapters(pages: list[PageMatter]) -> list[ChapterMatter]:
    """Chapters of 25 pages."""
    runs = [pages[at : at + _PAGES_A_CHAPTER] for at in range(0, len(pages), _PAGES_A_CHAPTER)]
    return [ChapterMatter(number=n, title=f"Chapter {n}", pages=tuple(run)) for n, run in enumerate(runs, 1)]


class Took(NamedTuple):
    """Seconds."""

    cpu: float
    wall: float


def took(work: Callable[[], object]) -> Took:
    """How long it takes, this process and its children together."""

    def cpu() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(one.ru_utime + one.ru_stime for one in used)

    before, began = cpu(), time.perf_counter()
    work()
    return Took(cpu() - before, time.perf_counter() - began)


def bind(pages: list[PageMatter], folder: Path) -> Took:
    """What the press takes."""
    cover = io.BytesIO()
    Image.new("RGB", (1_400, 1_400), "navy").save(cover, "JPEG")
    matter = chapters(pages)
    book = BookMatter(
        book_id=BookId("00000000-0000-4000-8000-000000000000"), title="Bench", author="Nobody", language="en",
        pages=len(pages), chapters=len(matter), modified=datetime(2026, 1, 1, tzinfo=UTC), cover=cover.getvalue(),
    )  # fmt: skip
    target = folder / "book.pdf"
    return took(lambda: PdfPress().bind(book, matter, lambda asset: folder / f"{asset}.jpg", target, lambda _: None))


def bare(pages: list[PageMatter], folder: Path, form: dict[str, str]) -> Took:
    """What typst takes alone with the same text, pictures, fonts and page size, in a process of its own too: in
    the same process typst remembers what it has set before."""
    rows = [
        {
            "text": page.text,
            "picture": page.picture and f"{page.picture.asset}.jpg",
            "title": f"Chapter {number}" if number % _PAGES_A_CHAPTER == 0 else None,
        }
        for number, page in enumerate(pages)
    ]
    (folder / "pages.json").write_text(json.dumps(rows))
    (folder / "bare.typ").write_text(_BARE.format_map(form))
    return took(lambda: subprocess.run([sys.executable, "-c", _COMPILE, *fonts.folders()], cwd=folder, check=True))


async def run() -> list[Figure]:
    """All figures of this section."""
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, pages, form in (
            ("a novel", novel(PAGES), _NOVEL),
            ("a picture book", pictured(PAGES, folder), _PICTURED),
        ):
            rounds = [(bind(pages, folder), bare(pages, folder, form)) for _ in range(ROUNDS)]
            ratios = [ours.cpu / alone.cpu for ours, alone in rounds]
            figures.append(Figure(f"{what}, {PAGES} pages / bare typst, CPU", ratios, gate=1.5))
            figures.append(Figure(f"{what}, {PAGES} pages, time", [ours.wall for ours, _ in rounds], unit="s"))
        figures.append(Figure("a novel, 1,000 pages, time", [bind(novel(1_000), folder).wall], unit="s"))
    return figures
