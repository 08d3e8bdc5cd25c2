"""The shelf and the pages around it: what they show, for everybody, light and harmless."""

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import Browser, Page, Response

from tests.support.library import Shelved
from tests.support.stories import CLOUD, HOSTILE, KITE, LAMP
from tests.web.conftest import ReaderTab

MOST_SCRIPT = 150_000


def pages_of(shelved: Shelved) -> list[str]:
    book = f"/books/{shelved.half.book_id}"
    return ["/", "/order", book, f"{book}/pages/2", "/usage", "/search?q=lamp"]


async def visit(tab: ReaderTab, path: str) -> int:
    """Open a page, run axe over it, and answer how many bytes of scripts it loaded."""
    scripts: list[Response] = []

    def note(response: Response) -> None:
        if response.request.resource_type == "script":
            scripts.append(response)

    tab.page.on("response", note)
    await tab.page.goto(f"{tab.address}{path}", wait_until="load")
    found = await Axe().run(tab.page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
    assert await tab.get("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the window"
    tab.page.remove_listener("response", note)
    return sum([len(await response.body()) for response in scripts])


async def test_every_page_is_light_and_open_to_all(tab: ReaderTab, shelved: Shelved) -> None:
    for path in pages_of(shelved):
        size = await visit(tab, path)
        assert 0 < size < MOST_SCRIPT, f"{path} loads {size} bytes of scripts"


async def test_every_page_on_a_dark_phone(phone: ReaderTab, shelved: Shelved) -> None:
    for path in pages_of(shelved)[:4]:
        await visit(phone, path)


async def test_the_shelf_shows_how_books_stand_and_finds_them(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.page.goto(tab.address)
    spines = tab.page.locator(".spine")
    assert await spines.count() == 5
    making = spines.filter(has=tab.page.get_by_text("Being made"))
    assert await making.count() == 2
    assert await making.first.locator("progress").get_attribute("value") is not None
    await tab.page.get_by_text("Ready", exact=True).first.click()
    await tab.until("document.querySelectorAll('.spine').length === 3")
    await tab.page.get_by_text("All", exact=True).click()
    await tab.until("document.querySelectorAll('.spine').length === 5")
    await tab.page.fill("#q", KITE.title.lower()[4:9])
    await tab.until("document.querySelectorAll('.spine').length === 2")
    await tab.page.fill("#q", "no such title")
    await tab.until("document.querySelector('#books .empty')")


async def test_hostile_names_are_text_and_nothing_else(tab: ReaderTab, shelved: Shelved) -> None:
    book = f"/books/{shelved.hostile.book_id}"
    for path in ("/", book, f"{book}/pages/1", "/usage"):
        await tab.page.goto(f"{tab.address}{path}")
        assert HOSTILE.title in await tab.text("body"), path
    await tab.page.goto(f"{tab.address}/search?q=" + "%3Cscript%3Ealert(1)%3C/script%3E")
    assert await tab.page.input_value("#q") == "<script>alert(1)</script>"
    await tab.page.goto(f"{tab.address}/?q=%22%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E")
    assert await tab.page.input_value("#q") == '"><img src=x onerror=alert(1)>'


async def test_a_book_that_is_made_shows_its_pages_as_they_are(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.page.goto(f"{tab.address}/books/{shelved.half.book_id}")
    assert await tab.page.locator(".leaf").count() == 7
    assert await tab.page.locator("[data-hear]").count() == 3
    assert "Parts missing" in await tab.text("#page-4")
    assert "Being made" in await tab.text("#page-5")
    await tab.page.click("#hear-2")
    await tab.heard(100)
    assert await tab.page.get_attribute("#hear-2", "aria-pressed") == "true"
    await tab.page.click("#hear-2")
    await tab.until("document.querySelector('#hear-2').ariaPressed === 'false'")


@pytest.fixture
async def scriptless(browser: Browser, address: str, cookie: SetCookieParam) -> AsyncIterator[Page]:
    """A browser that runs no scripts."""
    context = await browser.new_context(java_script_enabled=False)
    await context.add_cookies([cookie])
    yield await context.new_page()
    await context.close()


async def test_shelf_and_books_can_be_read_without_scripts(scriptless: Page, address: str, shelved: Shelved) -> None:
    await scriptless.goto(address)
    for story in (KITE, CLOUD, LAMP):
        assert await scriptless.get_by_role("heading", name=story.title).count()
    await scriptless.fill("#q", LAMP.title[:4])
    await scriptless.keyboard.press("Enter")
    await scriptless.wait_for_url("**/?view=&q=*")
    await scriptless.get_by_role("heading", name=LAMP.title).click()
    await scriptless.click("#open-1")
    assert LAMP.pages[0][:20] in (await scriptless.text_content("#shown-text") or "")


async def test_colours_are_kept_without_a_flash(tab: ReaderTab) -> None:
    await tab.page.goto(f"{tab.address}/usage")
    await tab.page.get_by_label("Account").click()
    await tab.page.get_by_text("Dark", exact=True).click()
    await tab.page.keyboard.press("Escape")
    assert await tab.get("document.activeElement.matches('summary')"), "the menu gives the focus back"
    answer = await tab.page.reload()
    assert answer and 'data-theme="dark"' in await answer.text()
