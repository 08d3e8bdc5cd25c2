"""axe finds nothing to object to, in any state of the reader."""

from pathlib import Path

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]

from api.web import STATIC
from tests.support.library import Shelved
from tests.web.conftest import ReaderTab


async def clean(tab: ReaderTab) -> None:
    found = await Axe().run(tab.page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


async def test_the_opening_a_page_and_listening(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite)
    await clean(tab)
    await tab.page.click("#begin")
    await tab.at(1)
    await tab.heard(700)
    await clean(tab)


async def test_the_drawers_and_the_help(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.half, 2)
    for key in "cd?":
        await tab.page.keyboard.press(key)
        await tab.until("document.querySelector('dialog[open]')")
        await clean(tab)
        await tab.page.keyboard.press("Escape")
    await tab.open(shelved.kite, 2)
    await tab.page.keyboard.press("d")
    await clean(tab)


async def test_pages_that_failed_or_wait(tab: ReaderTab, shelved: Shelved) -> None:
    for page in (4, 5, 7):
        await tab.open(shelved.half, page)
        await clean(tab)


async def test_a_dark_phone_in_two_directions(phone: ReaderTab, shelved: Shelved) -> None:
    for book in (shelved.lamp, shelved.cloud):
        await phone.open(book, 1)
        await phone.page.tap("#play")
        await phone.heard(700)
        await clean(phone)


async def test_the_page_that_is_not_there(tab: ReaderTab) -> None:
    await tab.page.goto(f"{tab.address}/read/nobody")
    await clean(tab)
    tab.errors.clear()  # the browser itself reports a 404


def test_no_script_is_long() -> None:
    scripts: list[Path] = list(STATIC.glob("*.js"))
    assert scripts
    assert all(path.read_text().count("\n") < 250 for path in scripts)
