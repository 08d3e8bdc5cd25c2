"""Makes most pictures of the reader in docs/images: `.venv/bin/python -m docs.pictures_reader`.

The books are those of the tests, made in a temporary folder without a key; the pictures are what a browser shows.
"""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from api.access.guard import COOKIE
from bookwright.contracts.ids import BookId
from tests.support.browser import HOW_TO_INSTALL, find_chromium
from tests.support.library import Home, home_at
from tests.support.serving import served
from tests.support.stories import CLOUD, KITE, LAMP

IMAGES = Path(__file__).parent / "images"
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DARK = {"color_scheme": "dark"}
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
) -> None:
    """One picture: a page while one of its words is heard, or the opening; after pressing a key."""
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
    await _save(tab, IMAGES / f"{name}.png")
    await context.close()


async def _save(tab: Page, target: Path) -> None:
    with Image.open(io.BytesIO(await tab.screenshot())) as image:
        image.convert("RGB").quantize(255, dither=Image.Dither.FLOYDSTEINBERG).save(target, optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
