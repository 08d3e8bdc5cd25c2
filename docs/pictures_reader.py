"""Makes most pictures of the reader in docs/images: `.venv/bin/python -m docs.pictures_reader`.

The books are those of the tests, and a picture book that the offline engines illustrate and score. All are made in a
temporary folder, without a key; the pictures are what a browser shows.
"""

import asyncio
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from api.access.guard import COOKIE
from bookwright.cli.desk import desk
from bookwright.cli.web import web_pages
from bookwright.contracts.ids import BookId
from tests.support.browser import HOW_TO_INSTALL, find_chromium
from tests.support.library import Home, home_at, new_session
from tests.support.serving import served
from tests.support.stories import CLOUD, KITE, LAMP

IMAGES = Path(__file__).parent / "images"
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DARK = {"color_scheme": "dark"}
TABLET = {"viewport": {"width": 1024, "height": 768}, "has_touch": True}
GOAT = (
    "# The Lighthouse Keeper's Goat\n\n## The Storm\n\nMirel the goat lived on a rock with a lighthouse. Every evening "
    "old Anselm climbed two hundred steps to light the lamp, and Mirel climbed behind him.",
    "Tonight the rain beat on the windows and the sea roared below. “Stay close,” said Anselm. The wind howled around "
    "the tower.",
    "Somewhere out on the black waves a small boat rang its bell. Mirel put her hooves on the sill and bleated as loud "
    "as she could.",
    "Down in the harbour a girl in a yellow coat heard her, and pulled the oars.",
    "## The Forest\n\nIn the morning they walked through the forest together. A brook ran over the stones, leaves "
    "rustled, and birds sang above them.",
    "At night they lit a fire, and crickets chirped in the grass. “We shall ring the bell,” said Liv, “whenever you "
    "are lonely.”",
)
"""The pages of the picture book."""
READY = """async () => {
  const shown = [...document.images].filter((image) => image.offsetParent && image.src);
  await Promise.all([document.fonts.ready, ...shown.map((image) => image.decode())]);
}"""
HEARD = """async (word) => {
  const heard = () => document.querySelector('.word.now')?.textContent === word;
  while (!heard()) await new Promise(requestAnimationFrame);
}"""


async def main() -> None:
    """Make the books, open them, and take the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with home_at(Path(folder)) as home, served(home.app()) as address, chromium() as browser:
            session = await home.session()
            kite = (await home.made(KITE)).book_id
            await take(browser, address, session, "reader-opening", kite, None, None, DESKTOP)
            await take(browser, address, session, "reader-phone", kite, 1, "old", PHONE)
            await take(browser, address, session, "reader-dark", kite, 6, "between", PHONE | DARK)
            await take(browser, address, session, "reader-hindi", (await home.made(CLOUD)).book_id, 1, "बादल", PHONE)
            await take(browser, address, session, "reader-urdu", (await home.made(LAMP)).book_id, 1, "دکان", PHONE)
            half = await _half(home)
            await take(browser, address, session, "reader-half-finished", half, 4, None, DESKTOP, key=" ")
            await take(browser, address, session, "reader-chapters", half, 2, "said", DESKTOP, key="c")
        await _picture_book(Path(folder))


async def _picture_book(folder: Path) -> None:
    os.environ["BOOKWRIGHT_HOME"] = str(folder / "illustrated")
    (folder / "goat.txt").write_text("\f".join(GOAT))
    command = [
        str(Path(sys.executable).parent / "bookwright"),
        "make",
        "goat.txt",
        "--author",
        "The Bookwright authors",
    ]
    tracks = ["--tracks", "narration,illustrations,soundscape", "--editions", "mp3", "--out", "books"]
    run = partial(subprocess.run, cwd=folder, check=True, capture_output=True)
    await asyncio.to_thread(run, [*command, *tracks])
    async with desk() as opened, web_pages(opened, "127.0.0.1", 0) as address, chromium() as browser:
        book = (await opened.jobs.progress(opened.owner, 1)).job.book_id
        session = await new_session(opened.database)
        await take(browser, address, session, "reader-spread", book, 3, "boat", DESKTOP)
        await take(browser, address, session, "reader-tablet-night", book, 5, "stones", TABLET, key="n")
        await take(browser, address, session, "reader-sleep", book, 4, "yellow", PHONE, key="s")
        await take(browser, address, session, "reader-search", book, 1, None, DESKTOP, key="/", typed="the sea")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window, or an end that says how to get one."""
    async with async_playwright() as playwright:
        executable = find_chromium(playwright)
        if executable is None:
            raise SystemExit(HOW_TO_INSTALL)
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--mute-audio"])
        yield browser
        await browser.close()


async def _half(home: Home) -> BookId:
    book = await home.made(KITE, spoken=[1, 2, 3], failed={5: "the voice refused this text"}, closed=False)
    await home.begin(book, 4)
    return book.book_id


async def take(
    browser: Browser,
    address: str,
    session: str,
    name: str,
    book: BookId,
    page: int | None,
    word: str | None,
    device: dict[str, Any],
    key: str | None = None,
    typed: str = "",
) -> None:
    """One picture: a page while one of its words is heard, or the opening; after pressing a key, and typing."""
    context = await browser.new_context(reduced_motion="reduce", **device)
    await context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
    tab = await context.new_page()
    await tab.goto(f"{address}/read/{book}" + (f"#page={page}" if page else ""))
    await tab.wait_for_selector("#page-text p" if page else "#begin:enabled")
    await tab.evaluate(READY)
    if word:
        await tab.keyboard.press(" ")
        await tab.evaluate(HEARD, word)
    if key:
        await tab.keyboard.press(key)
        await tab.keyboard.type(typed)
    await _save(tab, IMAGES / f"{name}.png")
    await context.close()


async def _save(tab: Page, target: Path) -> None:
    with Image.open(io.BytesIO(await tab.screenshot())) as image:
        image.convert("RGB").quantize(255, dither=Image.Dither.FLOYDSTEINBERG).save(target, optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
