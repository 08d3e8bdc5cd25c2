"""The reader in a browser, over a home with books."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import Browser, ConsoleMessage, Page

from api.access.guard import COOKIE
from bookwright.contracts.orders import BookContext
from tests.support.browser import browser
from tests.support.library import Shelved, shelved
from tests.support.serving import served

__all__ = ["browser", "shelved"]

PATIENCE_S = 60
TROUBLE = """
window.trouble = [];
addEventListener("securitypolicyviolation", (event) => trouble.push(`policy: ${event.violatedDirective}`));
"""


@pytest.fixture(scope="session")
async def address(shelved: Shelved) -> AsyncIterator[str]:
    async with served(shelved.home.app()) as found:
        yield found


@pytest.fixture(scope="session")
async def cookie(shelved: Shelved, address: str) -> SetCookieParam:
    """That of somebody who is signed in."""
    return {"name": COOKIE, "value": await shelved.home.session(), "url": address}


class ReaderTab:
    """One browser tab with the reader, and what went wrong in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.errors: list[str] = []
        self.may_fail = False
        """Whether answers that are none are part of the test: the browser itself reports them."""
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._said)
        page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))

    def _said(self, message: ConsoleMessage) -> None:
        expected = self.may_fail and message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not expected:
            self.errors.append(message.text)

    async def open(self, book: BookContext, page: int | None = None) -> None:
        """Open a book: at its opening, or at a page with its text."""
        await self.page.goto(f"{self.address}/read/{book.book_id}" + (f"#page={page}" if page else ""))
        if page:
            await self.at(page)
        else:
            await self.until("!document.querySelector('#begin').disabled")

    async def at(self, page: int) -> None:
        """Wait until a page is shown with its text."""
        await self.until(f"location.hash === '#page={page}' && {SETTLED}")

    async def until(self, condition: str) -> None:
        """Wait until a JavaScript expression holds, looked at in every frame."""
        look = f"async () => {{ while (!({condition})) await new Promise(requestAnimationFrame); }}"
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.page.evaluate(look)
        except TimeoutError:
            raise AssertionError(f"never came true: {condition}; {self.errors}") from None

    async def get(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        return await self.page.evaluate(f"() => ({expression})")

    async def text(self, selector: str) -> str:
        return str(await self.get(f"document.querySelector({json.dumps(selector)}).textContent"))

    async def page_text(self) -> str:
        """The text of the page that is shown, without what separates its paragraphs."""
        return await self.text("#page-text")

    async def heard(self, ms: int = 300) -> None:
        """Wait until the sound runs and has passed `ms`."""
        await self.until(f"!{SOUND}.paused && {SOUND}.currentTime * 1000 > {ms}")

    async def check(self) -> None:
        """Nothing went wrong: no error, no dialog, nothing that the content policy had to stop."""
        assert self.errors == []
        assert await self.get("window.trouble") == []


def plain(text: str) -> str:
    """A page's text as `page_text` answers it."""
    return text.replace("\n", "")


SOUND = "document.querySelector('#sound')"
SETTLED = "document.querySelector('#page-text p') && document.querySelector('#page-text').ariaBusy === 'false'"
OpenTab = Callable[..., Awaitable[ReaderTab]]


@asynccontextmanager
async def tab_at(
    browser: Browser, address: str, cookie: SetCookieParam, *, elsewhere: bool = False, **options: Any
) -> AsyncIterator[ReaderTab]:
    """A tab of a browser that has never been here. Where its user is in their books on other devices, such as those of
    other tests, is not known to it unless `elsewhere`."""
    context = await browser.new_context(reduced_motion="reduce", **options)
    await context.add_cookies([cookie])
    if not elsewhere:
        await context.route("**/place", lambda route: route.fulfill(json={"page": None, "ms": 0, "at": None}))
    await context.add_init_script(TROUBLE)
    tab = ReaderTab(await context.new_page(), address)
    try:
        yield tab
        await tab.check()
    finally:
        await context.close()


@pytest.fixture
async def tab(browser: Browser, address: str, cookie: SetCookieParam) -> AsyncIterator[ReaderTab]:
    """A desktop window."""
    async with tab_at(browser, address, cookie, viewport={"width": 1280, "height": 800}) as opened:
        yield opened


@pytest.fixture
async def phone(browser: Browser, address: str, cookie: SetCookieParam) -> AsyncIterator[ReaderTab]:
    """A phone that prefers dark colours."""
    options: dict[str, Any] = {
        "viewport": {"width": 360, "height": 640},
        "is_mobile": True,
        "has_touch": True,
        "color_scheme": "dark",
    }
    async with tab_at(browser, address, cookie, **options) as opened:
        yield opened
