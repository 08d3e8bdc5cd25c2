"""Makes the pictures of the pages for people who order, in docs/images: `.venv/bin/python -m docs.pictures_app`.

A book is really ordered and made, in a temporary folder, with the engines of this machine; the pictures are what a
browser shows on the way.
"""

import asyncio
import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

from docs.pictures_reader import DARK, DESKTOP, IMAGES, PHONE, READY, chromium
from tests.support.person import serving, story

PAGES = {"shelf": "/", "usage": "/usage"}


async def main() -> None:
    """Order, follow, correct, approve and read a book; look at each step, and at the pages on a phone."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "home") as started:
        async with chromium() as browser:
            desk = await browser.new_context(reduced_motion="reduce", **DESKTOP)
            page = await desk.new_page()

            async def look(moment: str) -> None:
                shown = "#pictures-title" if moment == "versions" else "body"
                await page.locator(shown).evaluate("(one) => one.scrollIntoView({ block: 'start' })")
                await _save(page, f"app-{moment}")

            book = await story(page, started["web"], started["key"], look)
            await look("read")
            for name, path in PAGES.items():
                await page.goto(f"{started['web']}{path}")
                await look(name)
            state = await desk.storage_state()
            phone = await browser.new_context(reduced_motion="reduce", storage_state=state, **(PHONE | DARK))
            page = await phone.new_page()
            for name, path in (PAGES | {"order": "/order", "book": book, "page": f"{book}/pages/2"}).items():
                await page.goto(f"{started['web']}{path}")
                await look(f"phone-{name}")


async def _save(page: Page, name: str) -> None:
    await page.wait_for_load_state("networkidle")
    await page.evaluate(READY)
    with Image.open(io.BytesIO(await page.screenshot())) as image:
        shown = image.convert("RGB").quantize(255, dither=Image.Dither.FLOYDSTEINBERG)
        shown.save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
