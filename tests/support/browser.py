"""A headless Chromium for tests: the one on this machine, driven by Playwright.

A conftest that wants it says `from tests.support.browser import browser, tab`. The asynchronous API it is, because a
running synchronous one leaves no room for the event loop that all other tests share.
"""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Playwright, async_playwright

VARIABLE = "BOOKWRIGHT_CHROMIUM"
HOW_TO_INSTALL = (
    "There is no Chromium on this machine. Install one with `apt-get install chromium` (Debian), "
    f"`playwright install chromium`, or name an executable in {VARIABLE}."
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
)


def find_chromium(playwright: Playwright) -> Path | None:
    """The executable named in BOOKWRIGHT_CHROMIUM, else the one Playwright installed, else one on PATH."""
    named = os.environ.get(VARIABLE)
    candidates = [named] if named else [playwright.chromium.executable_path, *map(shutil.which, _NAMES)]
    return next((Path(path) for path in candidates if path and os.access(path, os.X_OK)), None)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the whole test session; skips, saying how to install one, where there is none."""
    async with async_playwright() as playwright:
        executable = find_chromium(playwright)
        if executable is None:
            pytest.skip(HOW_TO_INSTALL)
        launched = await playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        yield launched
        await launched.close()


@pytest.fixture
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """A page in a profile of its own, gone after the test."""
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()
