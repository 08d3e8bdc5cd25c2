"""Somebody orders a book on the page, on a bad line and with an unsteady hand, and corrects a page."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from playwright.async_api import Browser

from api.access.guard import COOKIE
from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.contracts.orders import Edition, Track
from bookwright.contracts.stories import Brief
from bookwright.estimating import Makers
from bookwright.money.prices import default_prices
from bookwright.providers.gemini import GeminiModel, GeminiPictures
from tests.support.library import Home, home_at
from tests.support.serving import served
from tests.support.stories import KITE
from tests.web.conftest import ReaderTab, tab_at

BRIEF = {
    "character_name": "Luna",
    "character_type": "a small dragon",
    "special_ability": "breathes warm light",
    "story_world": "a floating archipelago",
    "adventure_type": "a treasure hunt",
}


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("ordering")) as made:
        yield made


@pytest.fixture(scope="module")
async def here(home: Home) -> AsyncIterator[str]:
    prices = default_prices()
    text, images = GeminiModel("a-key", prices=prices), GeminiPictures("a-key", prices=prices)
    async with served(home.app(makers=Makers(home.engine, prices, text=text, images=images))) as address:
        yield address


@pytest.fixture
async def desk(browser: Browser, home: Home, here: str) -> AsyncIterator[ReaderTab]:
    cookie = {"name": COOKIE, "value": await home.session(), "url": here}
    async with tab_at(browser, here, cookie, viewport={"width": 1280, "height": 900}) as opened:  # type: ignore[arg-type]
        yield opened


async def fill(tab: ReaderTab) -> None:
    for name, value in BRIEF.items():
        await tab.page.fill(f"#{name}", value)


async def test_an_order_is_placed_once_whatever_the_line_does(desk: ReaderTab, home: Home) -> None:
    await desk.page.goto(f"{desk.address}/order")
    await desk.page.click("#place")
    assert await desk.page.is_visible("#character_name-error")
    assert await desk.get("document.activeElement.id") == "character_name"
    await fill(desk)
    await desk.page.wait_for_selector("#estimate .price")
    assert "$" in await desk.text("#estimate .price")
    await desk.page.fill("#budget", "0.01")
    await desk.page.wait_for_selector("#estimate .notice")

    await desk.page.context.set_offline(True)
    await desk.page.click("#place")
    await desk.page.wait_for_selector("#trouble:visible")
    assert "kept on this device" in await desk.text("#trouble")
    await desk.page.context.set_offline(False)
    await desk.page.reload()
    assert await desk.page.input_value("#special_ability") == BRIEF["special_ability"]
    assert await desk.page.is_visible("#draft")

    await desk.page.wait_for_selector("[name=voice]:checked")
    await desk.page.dblclick("#place")
    await desk.page.wait_for_url("**/books/*")
    [job] = await home.jobs.jobs(LOCAL_OWNER)
    assert isinstance(job.order.source, Brief) and job.order.source.character_name == "Luna"
    assert job.order.tracks == (Track.NARRATION, Track.ILLUSTRATIONS) and job.order.budget_usd == Decimal("0.01")
    assert set(job.order.editions) == {Edition.PDF, Edition.EPUB, Edition.M4B, Edition.MP3}
    assert "A story about Luna" in await desk.text("h1")
    await desk.page.goto(f"{desk.address}/order")
    assert await desk.page.input_value("#special_ability") == "", "what was ordered is no draft any more"
    desk.errors.clear()  # the browser itself reports that it was offline


async def test_what_the_api_refuses_is_said_at_its_field(desk: ReaderTab, home: Home) -> None:
    await desk.page.goto(f"{desk.address}/order")
    await fill(desk)
    await desk.page.fill("#adventure_type", "a murder with an axe and much blood")
    await desk.page.wait_for_selector("#adventure_type-error:visible")
    assert "other words" in await desk.text("#adventure_type-error")
    assert await desk.page.get_attribute("#adventure_type", "aria-invalid") == "true"
    before = len(await home.jobs.jobs(LOCAL_OWNER))
    await desk.page.click("#place")
    await desk.page.wait_for_selector("#trouble:visible")
    assert len(await home.jobs.jobs(LOCAL_OWNER)) == before
    desk.errors.clear()  # the browser itself reports the 422


async def test_a_text_is_pasted_or_handed_in_as_a_file(desk: ReaderTab, home: Home) -> None:
    await desk.page.goto(f"{desk.address}/order")
    await desk.page.get_by_text("A text I have").click()
    await desk.page.click("#place")
    assert "Choose a file" in await desk.text("#file-error")
    story = b"# The Gate\n\nThe gate was open, and nobody had opened it."
    await desk.page.set_input_files("#file", {"name": "gate.md", "mimeType": "text/markdown", "buffer": story})
    assert await desk.text("#file-name") == "gate.md"
    await desk.page.locator("label.pick", has_text="Minimalist").click()
    await desk.page.check("#soundscape")
    await desk.page.wait_for_selector("#estimate .price")
    await desk.page.click("#place")
    await desk.page.wait_for_url("**/books/*")
    newest = (await home.jobs.jobs(LOCAL_OWNER))[0]
    assert (newest.title, newest.order.style) == ("The Gate", "minimalist")
    assert Track.SOUNDSCAPE in newest.order.tracks


async def test_two_people_edit_a_page_and_neither_loses_a_word(desk: ReaderTab, home: Home) -> None:
    book = await home.made(KITE, spoken=[1, 2])
    page = f"/books/{book.book_id}/pages/2"
    await desk.page.goto(f"{desk.address}{page}")
    await desk.page.click("#edit")
    await desk.page.fill("#new-text", "My own words.")
    async with home.client() as other:
        assert (await other.patch(f"/api{page}", json={"text": "Their own words."})).status_code == 200
    await desk.page.click("#save")
    await desk.page.wait_for_selector("#clash:visible")
    assert (await desk.text("#theirs"), await desk.text("#mine")) == ("Their own words.", "My own words.")
    await desk.page.click("#take-mine")
    await desk.until("document.querySelector('#shown-text').textContent === 'My own words.'")
    assert await desk.page.locator(".version").count() == 3
    await desk.page.click("#text-1")
    await desk.until("document.querySelector('#shown-text').textContent.startsWith('“It wants')")
    assert await desk.page.is_visible("#retry"), "other pages are still to be made"
    desk.errors.clear()  # the browser itself reports the 412


async def test_a_book_is_deleted_only_when_that_is_meant(desk: ReaderTab, home: Home) -> None:
    book = await home.made(KITE, spoken=[1])
    await desk.page.goto(f"{desk.address}/books/{book.book_id}")
    for answer in ("No, leave it", "Delete the book"):
        await desk.page.click("summary[aria-label=More]")
        await desk.page.click("#delete")
        assert KITE.title in await desk.text("dialog.sheet[open] p")
        await desk.page.locator("dialog.sheet[open] button", has_text=answer).click()
        await desk.until("!document.querySelector('.inside footer button.danger')")
    await desk.page.wait_for_url(f"{desk.address}/")
    assert book.book_id not in [one.book_id for one in await home.jobs.jobs(LOCAL_OWNER)]
