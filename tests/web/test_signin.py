"""Somebody signs in with a key, reads, and signs out."""

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Page

from tests.support.library import Shelved


@pytest.fixture
async def stranger(browser: Browser) -> AsyncIterator[Page]:
    """A browser that is not signed in."""
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()


async def clean(page: Page) -> None:
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


async def test_a_stranger_signs_in_and_gets_where_they_wanted(stranger: Page, address: str, shelved: Shelved) -> None:
    wanted = f"{address}/read/{shelved.kite.book_id}"
    await stranger.goto(f"{wanted}#page=2")
    await clean(stranger)
    await stranger.fill("#key", "bw_wrong")
    await stranger.click("text=Sign in >> nth=-1")
    assert "does not work" in str(await stranger.text_content("#trouble"))
    await clean(stranger)
    await stranger.fill("#key", await shelved.home.key())
    await stranger.keyboard.press("Enter")
    await stranger.wait_for_url(f"{wanted}**")
    await stranger.wait_for_selector("#begin:not([disabled])")
    await stranger.goto(f"{address}/signin")
    await clean(stranger)
    await stranger.click("text=Sign out")
    await stranger.wait_for_selector("#key")
    await stranger.goto(wanted)
    assert await stranger.is_visible("#key")
