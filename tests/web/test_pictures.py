"""Pictures beside the text."""

import io
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser

from api.access.guard import COOKIE
from bookwright.contracts.orders import TRACKS, Track
from tests.support.library import home_at
from tests.support.serving import served
from tests.support.stories import KITE
from tests.web.conftest import tab_at

PICTURE = "document.querySelector('#page-image')"


async def test_a_page_shows_its_picture(tmp_path: Path, browser: Browser) -> None:
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((96, 72)).save(picture, "PNG")
    async with home_at(tmp_path) as home, served(home.app()) as address:
        book = await home.order(KITE, TRACKS)
        await home.read(book, KITE)
        await home.speak(book, 1)
        await home.draw(book, 1, picture.getvalue(), "A kite above a roof.")
        await home.close(book)
        cookie = {"name": COOKIE, "value": await home.session(), "url": address}
        async with tab_at(browser, address, cookie, viewport={"width": 1280, "height": 800}) as tab:  # type: ignore[arg-type]
            await tab.open(book, 1)
            await tab.until(f"{PICTURE}.complete && {PICTURE}.naturalWidth === 96 && {PICTURE}.alt !== ''")
            assert await tab.get(f"{PICTURE}.alt") == "A kite above a roof."
            await tab.page.click("#next-page")
            await tab.at(2)
            await tab.until(f"{PICTURE}.hidden")
            assert await tab.get("document.querySelector('#facing').hidden")
            for page in (2, 3, 4):
                await home.draw(book, page, picture.getvalue(), f"Picture {page}.")
            await tab.page.reload()
            await tab.at(2)
            facing = "document.querySelector('#facing .picture')"
            await tab.until(f"{facing}.naturalWidth === 96 && {facing}.alt === 'A kite above a roof.'")


async def test_a_book_without_narration_is_only_to_be_read(tmp_path: Path, browser: Browser) -> None:
    async with home_at(tmp_path) as home, served(home.app()) as address:
        book = await home.order(KITE, (Track.ILLUSTRATIONS,))
        await home.read(book, KITE)
        await home.close(book)
        cookie = {"name": COOKIE, "value": await home.session(), "url": address}
        async with tab_at(browser, address, cookie, viewport={"width": 1280, "height": 800}) as tab:  # type: ignore[arg-type]
            await tab.open(book)
            await tab.page.get_by_role("button", name="Read", exact=True).wait_for()
            assert not await tab.page.locator("#begin").is_visible()
            assert await tab.page.locator("#book-status").inner_text() == ""
            await tab.page.keyboard.press("Space")
            await tab.at(1)
            assert not await tab.page.locator("#play").is_visible()
            assert await tab.page.locator("#page-note").inner_text() == ""
