"""A book that is still being made, or never will be whole."""

from bookwright.contracts.progress import JobState
from tests.support.library import Shelved
from tests.support.stories import KITE
from tests.web.conftest import SOUND, ReaderTab, plain


async def test_a_book_grows_while_it_is_open(tab: ReaderTab, shelved: Shelved) -> None:
    home = shelved.home
    book = await home.order(KITE)
    await tab.page.goto(f"{tab.address}/read/{book.book_id}")
    await tab.until("document.querySelector('#book-status').textContent.includes('still being read')")
    assert await tab.page.is_disabled("#begin")
    await home.read(book, KITE)
    await home.speak(book, 1)
    await tab.until("!document.querySelector('#begin').disabled")
    await tab.page.click("#begin")
    await tab.at(1)
    await tab.heard()
    await tab.get(f"{SOUND}.currentTime = {SOUND}.duration - 0.3")
    await tab.at(2)
    assert await tab.page_text() == plain(KITE.pages[1])
    await tab.until("document.querySelector('#page-note').textContent.includes('goes on by itself')")
    await tab.until("document.querySelector('#book-status').textContent.includes('1 of 7 pages')")
    await home.speak(book, 2)
    await tab.heard()
    assert await tab.text("#page-note") == ""
    for page in range(3, 8):
        await home.speak(book, page)
    await home.close(book)
    await tab.until("document.querySelector('#book-status').textContent === ''")


async def test_a_closed_book_is_not_asked_for_again(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    await tab.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await tab.page.click("#play")
    await tab.heard()
    entries = "performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('/reader')).length"
    assert await tab.get(entries) == 1


async def test_pages_that_failed_are_said_and_skipped(tab: ReaderTab, shelved: Shelved) -> None:
    book = await shelved.home.made(KITE, spoken=[1, 3], failed={2: "the voice refused this text"}, closed=True)
    await tab.open(book, 2)
    note = await tab.text("#page-note")
    assert note == "This page could not be spoken. The voice refused this text."
    assert await tab.page_text() == plain(KITE.pages[1])
    await tab.page.click("#previous-page")
    await tab.at(1)
    await tab.page.click("#play")
    await tab.heard()
    await tab.get(f"{SOUND}.currentTime = {SOUND}.duration - 0.3")
    await tab.until("document.querySelector('#toast').textContent === 'Page 2 can’t be heard and was skipped.'")
    await tab.at(3)
    await tab.heard()
    await tab.page.click("#next-page")
    await tab.at(4)
    assert await tab.text("#page-note") == "This page was not spoken before the book was closed."
    assert "5 pages of 7" in await tab.text("#book-status")


async def test_a_page_that_is_not_made_yet_says_so(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.half, 5)
    assert await tab.text("#page-note") == "This page is being spoken right now."
    await tab.open(shelved.half, 6)
    await tab.until("document.querySelector('#page-note').textContent === 'This page is not spoken yet.'")


async def test_a_book_that_failed_says_why(tab: ReaderTab, shelved: Shelved) -> None:
    book = await shelved.home.order(KITE)
    await shelved.home.close(book, JobState.FAILED, "the source is empty")
    await tab.page.goto(f"{tab.address}/read/{book.book_id}")
    await tab.until("document.querySelector('#book-status').textContent !== ''")
    assert await tab.text("#book-status") == "This book could not be finished. The source is empty."


async def test_a_lost_connection_is_said_and_mended(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.half, 1)
    await tab.page.route("**/api/books/**", lambda route: route.abort())
    await tab.page.click("#open-chapters")
    await tab.page.click("text=Home by the Long Way")
    await tab.until("document.querySelector('#page-note').textContent.includes('can’t be reached')")
    await tab.page.unroute("**/api/books/**")
    await tab.at(6)
    assert await tab.page_text() == plain(KITE.pages[5])
    await tab.until("document.querySelector('#page-note').textContent === 'This page is not spoken yet.'")
    await tab.until("document.querySelector('#book-status').textContent.includes('3 of 7')")
    assert all("ERR_FAILED" in error for error in tab.errors)
    tab.errors.clear()  # the browser itself reports failed requests
