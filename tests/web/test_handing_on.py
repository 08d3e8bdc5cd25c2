"""A book goes on: to people with a link, to places without a connection, to one's other devices."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import Browser

from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.contracts.orders import BookContext
from bookwright.store.books.places import ReadingPlaces
from tests.support.library import Shelved
from tests.support.stories import KITE
from tests.web.conftest import PATIENCE_S, SETTLED, ReaderTab, plain, tab_at
from tests.web.test_access import clean

DESKTOP = {"width": 1280, "height": 800}


@asynccontextmanager
async def guest_at(browser: Browser, address: str) -> AsyncIterator[ReaderTab]:
    """A browser without an account."""
    nobody: SetCookieParam = {"name": "none", "value": "none", "url": address}
    async with tab_at(browser, address, nobody, elsewhere=True, viewport=DESKTOP) as tab:
        yield tab


async def told(tab: ReaderTab, shelved: Shelved, book: BookContext, page: int) -> None:
    """Wait until the server knows that the book's owner is at this page."""
    places = ReadingPlaces(shelved.home.database)
    async with asyncio.timeout(PATIENCE_S):
        while (place := await places.place(LOCAL_OWNER, book.book_id)) is None or place.page != page:
            await tab.page.evaluate("new Promise(requestAnimationFrame)")


async def test_a_link_lets_a_guest_read_and_hear_until_it_is_closed(
    tab: ReaderTab, shelved: Shelved, browser: Browser, address: str
) -> None:
    await tab.open(shelved.lamp)
    await tab.page.keyboard.press("l")
    await tab.page.fill("#share-note", "دادی")
    await tab.page.click("#share-form [type=submit]")
    await tab.until("!document.querySelector('#share-made').hidden")
    await tab.until("document.querySelectorAll('#share-list li').length === 1")
    await clean(tab)
    url = await tab.page.input_value("#share-url")
    async with guest_at(browser, address) as guest:
        asked: list[str] = []
        guest.page.on("request", lambda request: asked.append(request.url))
        await guest.page.goto(url)
        await guest.until("!document.querySelector('#begin').disabled")
        await clean(guest)
        await guest.page.click("#begin")
        await guest.heard()
        assert await guest.get("document.querySelector('#page-image').getAttribute('src')")
        assert not [one for one in asked[1:] if url.rpartition("/")[2] in one], "the token is in no other address"
        assert await guest.page.locator("#open-share, #open-keep, #open-files").count() == 0
        await guest.page.keyboard.press("?")
        await clean(guest)
        await tab.page.click("#share-list button")
        await tab.until("document.querySelector('#share-status').textContent.startsWith('Closed.')")
        await guest.page.goto("about:blank")
        answer = await guest.page.goto(url)
        assert answer and answer.status == 410
        assert await guest.text("h1") == "This link has ended"
        await clean(guest)
        guest.errors.clear()  # the browser itself reports a 410


async def test_a_kept_book_is_read_and_heard_without_a_connection_and_goes_at_signing_out(
    browser: Browser, address: str, shelved: Shelved
) -> None:
    owned: SetCookieParam = {"name": "bookwright_session", "value": await shelved.home.session(), "url": address}
    async with tab_at(browser, address, owned, elsewhere=True, viewport=DESKTOP) as tab:
        await tab.open(shelved.kite)
        assert await tab.get("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        await tab.page.keyboard.press("k")
        await tab.until("document.querySelector('#keep-status').textContent.includes('takes about')")
        await tab.page.click("#keep-start")
        await tab.until("!document.querySelector('#keep-remove').hidden")
        assert "This book is kept here. It takes" in await tab.text("#keep-status")
        await clean(tab)
        await tab.page.context.set_offline(True)
        await tab.page.goto(f"{address}/read/{shelved.kite.book_id}#page=3")
        await tab.page.reload()
        await tab.at(3)
        assert await tab.page_text() == plain(KITE.pages[2])
        assert "kept on this device" in await tab.text("#offline")
        await clean(tab)
        await tab.page.click("#play")
        await tab.heard()
        assert await tab.get("document.querySelector('#sound').seekable.length") == 1
        await tab.page.click("#next-page")
        await tab.at(4)
        await tab.heard()
        await tab.page.keyboard.press("/")
        await tab.page.fill("#find-query", "kite")
        await tab.until("document.querySelectorAll('#find-list li').length > 1")
        for lost in ("/", f"/read/{shelved.lamp.book_id}"):
            await tab.page.goto(f"{address}{lost}")
            await tab.page.wait_for_selector("#kept-list a")
        await clean(tab)
        await tab.page.click("#kept-list a")
        await tab.at(4)
        await tab.page.context.set_offline(False)
        await tab.until("document.querySelector('#offline').hidden")
        await told(tab, shelved, shelved.kite, 4)
        await tab.page.goto(f"{address}/signin")
        await tab.page.click("text=Sign out")
        await tab.page.wait_for_selector("#key")
        assert await tab.get("caches.keys()") == []
        assert await tab.get("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        assert await tab.get("localStorage.length") == 0
        tab.errors.clear()  # the browser itself reports what it could not fetch


async def test_what_is_kept_can_be_removed_and_ends_with_the_session_and_with_its_user(
    tab: ReaderTab, shelved: Shelved
) -> None:
    book = await shelved.home.made(KITE, spoken=[1])
    await tab.open(book, 1)
    for _ in range(2):
        await tab.page.keyboard.press("k")
        await tab.page.click("#keep-start")
        await tab.until("!document.querySelector('#keep-remove').hidden")
        assert len(await tab.get("caches.keys()")) == 2
        await tab.page.click("#keep-remove")
        await tab.until("!document.querySelector('#keep-start').hidden")
        assert await tab.get("caches.keys()") == ["bookwright-shell"]
        await tab.page.keyboard.press("Escape")
    await tab.page.keyboard.press("k")
    await tab.page.click("#keep-start")
    await tab.until("!document.querySelector('#keep-remove').hidden")
    label = "{ id: 'x', user: 'somebody else', title: 'X', url: '/read/x', bytes: 1, at: 1 }"
    await tab.get(f"caches.open('bookwright-book-x').then((one) => one.put('/kept', Response.json({label})))")
    await tab.page.reload()
    await tab.until("caches.keys().then((all) => !all.includes('bookwright-book-x'))")
    tab.may_fail = True
    await tab.page.context.clear_cookies()
    await tab.page.evaluate("fetch(document.body.dataset.folder + '/pages/1').catch(() => {})")
    await tab.until("caches.keys().then((all) => all.length === 1)")


async def test_a_place_is_gone_on_with_on_another_device(
    browser: Browser, address: str, cookie: SetCookieParam, shelved: Shelved
) -> None:
    book = shelved.hostile
    async with tab_at(browser, address, cookie, elsewhere=True, viewport=DESKTOP) as first:
        await first.open(book, 1)
        await first.page.keyboard.press("Shift+ArrowRight")
        await first.at(2)
        await first.page.goto("about:blank")
        await told(first, shelved, book, 2)
    async with tab_at(browser, address, cookie, elsewhere=True, viewport=DESKTOP) as other:
        await other.page.goto(f"{address}/read/{book.book_id}")
        await other.until(f"location.hash === '#page=2' && {SETTLED}")
