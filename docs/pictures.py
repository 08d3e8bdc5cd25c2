"""Makes the pictures of the README from a book that is really made: `.venv/bin/python -m docs.pictures`.

`terminal.svg` is what `bookwright make` shows at a terminal when it has ended, `book.png` the cover and the sound of
the M4B that it made, `pdf.png` some pages of the PDF, `reader-desktop.png` the reader playing it. The English sample is
made in a temporary folder, without a key.
"""

import asyncio
import base64
import io
import os
import shlex
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import av
import numpy as np
import numpy.typing as npt
import pypdfium2
import resvg_py
from PIL import Image
from rich.console import Console
from rich.text import Text

from bookwright.cli.desk import desk
from bookwright.cli.follow import picture
from bookwright.cli.web import web_pages
from bookwright.samples import SAMPLES, read_sample
from docs.pictures_reader import DESKTOP, chromium, take
from tests.support.library import new_session

IMAGES = Path(__file__).parent / "images"
TITLE, SOURCE = "The Borrowed Lantern", "lantern.md"
ARGUMENTS = ("make", SOURCE, "--author", "The Bookwright authors", "--out", "books")
COLUMNS = 88

TERMINAL = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: system-ui, sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g></svg>
"""
"""Rich's own template without its web fonts: a picture fetches nothing."""

WIDTH, HEIGHT, EDGE = 1200, 500, 40
COVER = HEIGHT - 2 * EDGE
BARS, BAR, GAP = 108, 3.7, 2.43
SHOWN_PAGES = (0, 4, 5, 6)
"""Of the PDF: the cover, the first chapter's title, and two pages of text."""
INK, PALE, PAPER, MARK = "#22303c", "#8594a1", "#fbfaf7", "#c8643c"

Mono = npt.NDArray[np.float32]


def main() -> None:
    """Make the book and draw the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("BOOKWRIGHT_HOME", None)
        os.environ["XDG_DATA_HOME"] = folder
        (Path(folder) / SOURCE).write_bytes(read_sample(SAMPLES[0]))
        command = [str(Path(sys.executable).parent / "bookwright"), *ARGUMENTS]
        said = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
        (IMAGES / "terminal.svg").write_text(asyncio.run(_terminal(said)))
        asyncio.run(_reader())
        made = Path(folder) / "books" / TITLE
        _book(made / f"{TITLE}.m4b", IMAGES / "book.png")
        _pdf(made / f"{TITLE}.pdf", IMAGES / "pdf.png")


async def _terminal(said: str) -> str:
    """The job as `bookwright make` draws it at a terminal, then the report that it printed."""
    console = Console(record=True, file=io.StringIO(), width=COLUMNS, force_terminal=True, highlight=False)
    console.print(f"[bold green]$[/bold green] bookwright {shlex.join(ARGUMENTS)}")
    async with desk() as opened:
        console.print(picture(await opened.jobs.progress(opened.owner, 1)))
    lines = said.splitlines()
    report = next(index for index, line in enumerate(lines) if line.startswith("job") and line.endswith(" · done"))
    console.print(Text("\n".join(lines[report:])))
    return console.export_svg(title="bookwright", code_format=TERMINAL, unique_id="make")


async def _reader() -> None:
    """A page while one of its words is heard, as `bookwright serve` shows it."""
    async with desk() as opened, web_pages(opened, "127.0.0.1", 0) as address, chromium() as browser:
        book = (await opened.jobs.progress(opened.owner, 1)).job.book_id
        await take(browser, address, await new_session(opened.database), "reader-desktop", book, 4, "lantern", DESKTOP)


def _book(m4b: Path, target: Path) -> None:
    """Cover, title, and each chapter's sound as bars, all read from the file."""
    with av.open(str(m4b)) as container:
        chapters: list[Any] = list(container.chapters())
        tags, rate = dict(container.metadata), container.streams.audio[0].rate
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    with av.open(str(m4b)) as container:
        cover = next(bytes(packet) for packet in container.demux(container.streams.video[0]))
    left = COVER + 2 * EDGE
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="14" fill="{PAPER}"/>',
        f'<image x="{EDGE}" y="{EDGE}" width="{COVER}" height="{COVER}" '
        f'href="data:image/jpeg;base64,{base64.b64encode(cover).decode()}"/>',
        _text(left, 78, 32, 700, INK, tags["title"]),
        _text(left, 112, 18, 400, PALE, f"{tags['artist']} · M4B · {_clock(len(sound) / rate)}"),
    ]
    for index, chapter in enumerate(chapters):
        top = 158 + index * 106
        begin, end = (round(chapter[edge] * rate / 1000) for edge in ("start", "end"))
        title = f"{index + 1}  {chapter['metadata']['title']}"
        parts.append(_text(left, top, 17, 500, INK, title))
        parts.append(_text(WIDTH - EDGE, top, 15, 400, PALE, _clock((end - begin) / rate), anchor="end"))
        parts.extend(_bars(sound[begin:end], left, top + 44))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">{"".join(parts)}</svg>'
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=[_font()]))
    with Image.open(io.BytesIO(png)) as image:
        image.quantize(255, dither=Image.Dither.FLOYDSTEINBERG).save(target, optimize=True)


def _pdf(pdf: Path, target: Path) -> None:
    """Some pages side by side."""
    with pypdfium2.PdfDocument(pdf) as document:
        width, height = document[0].get_size()
        space = 16
        scale = (WIDTH - space * (len(SHOWN_PAGES) + 1)) / len(SHOWN_PAGES) / width
        pages = [document[index].render(scale=scale).to_pil() for index in SHOWN_PAGES]
    sheet = Image.new("RGB", (WIDTH, round(height * scale) + 2 * space), PALE)
    for index, page in enumerate(pages):
        sheet.paste(page, (space + index * (page.width + space), space))
    sheet.quantize(255, dither=Image.Dither.FLOYDSTEINBERG).save(target, optimize=True)


def _bars(sound: Mono, left: float, middle: float) -> list[str]:
    """The loudness of a chapter, root mean square of BARS equal parts."""
    loud = [float(np.sqrt(np.mean(part**2))) for part in np.array_split(sound, BARS)]
    scale = 30 / max(loud)
    return [
        f'<rect x="{left + index * (BAR + GAP):.1f}" y="{middle - max(value * scale, 1):.1f}" width="{BAR}" '
        f'height="{2 * max(value * scale, 1):.1f}" rx="1.5" fill="{MARK}"/>'
        for index, value in enumerate(loud)
    ]


def _text(x: float, y: float, size: int, weight: int, colour: str, text: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x}" y="{y}" font-family="Noto Sans" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _font() -> str:
    spec = find_spec("manimgx_fonts")
    assert spec is not None and spec.origin is not None
    return str(Path(spec.origin).parent / "NotoSans[wght].ttf")


if __name__ == "__main__":
    main()
