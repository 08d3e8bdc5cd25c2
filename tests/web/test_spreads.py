"""Two pages side by side, as in print; and turning them by hand."""

from tests.support.library import Shelved
from tests.support.stories import KITE, LAMP
from tests.web.conftest import SOUND, ReaderTab, plain

FACING = "document.querySelector('#facing')"
FACING_TEXT = "document.querySelector('#facing .text').textContent"
SWIPE = """([from, to]) => {
  const main = document.querySelector('main');
  for (const [name, x] of [['touchstart', from], ['touchend', to]]) {
    const touch = new Touch({ identifier: 1, target: main, clientX: x, clientY: 200 });
    const on = name === 'touchstart' ? [touch] : [];
    main.dispatchEvent(new TouchEvent(name, { touches: on, changedTouches: [touch], bubbles: true }));
  }
}"""


async def facing(tab: ReaderTab, text: str) -> None:
    """Wait until this text is on the facing page."""
    await tab.until(f"!{FACING}.hidden && {FACING_TEXT} === {plain(text)!r}")


async def before(tab: ReaderTab, one: str, another: str) -> bool:
    """Whether one element is left of another."""
    boxes = [await tab.page.locator(selector).bounding_box() for selector in (one, another)]
    assert boxes[0] and boxes[1]
    return boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1


async def test_two_pages_lie_open_together_and_are_turned_together(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    assert await tab.get(f"{FACING}.hidden"), (
        "a book without pictures has one page at a time, unless somebody wants two"
    )
    await tab.page.keyboard.press("2")
    await facing(tab, KITE.pages[1])
    assert await before(tab, "#page", "#facing")
    await tab.page.click("#next-page")
    await tab.at(3)
    await facing(tab, KITE.pages[3])
    assert await tab.text("#facing .heading") == "What the Cross Meant"
    await tab.page.keyboard.press("Shift+ArrowRight")
    await tab.at(5)
    await tab.page.click("#edge-next", position={"x": 20, "y": 200})
    await tab.at(7)
    await tab.until(f"{FACING_TEXT} === ''")
    assert await tab.page.is_disabled("#next-page")
    await tab.page.click("#edge-previous", position={"x": 20, "y": 200})
    await tab.at(5)
    await tab.open(shelved.kite, 4)
    await tab.page.reload()
    await tab.at(4)
    await facing(tab, KITE.pages[2])
    assert await before(tab, "#facing", "#page"), "remembered, and each page on its own side"
    await tab.page.keyboard.press("2")
    await tab.until(f"{FACING}.hidden")


async def test_listening_goes_on_over_the_fold_and_from_a_pressed_sentence(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    await tab.page.keyboard.press("2")
    await facing(tab, KITE.pages[1])
    await tab.page.click("#play")
    await tab.heard()
    await tab.get(f"{SOUND}.currentTime = {SOUND}.duration - 0.3")
    await tab.at(2)
    await tab.heard()
    await facing(tab, KITE.pages[0])
    assert await tab.page_text() == plain(KITE.pages[1])
    assert await before(tab, "#facing", "#page")
    await tab.page.click("#facing .sentence:has-text('On the first windy day')")
    await tab.at(1)
    await tab.until("document.querySelector('#page .sentence.now')?.textContent.startsWith('On the first windy')")
    await tab.heard()


async def test_urdu_has_its_first_page_on_the_right(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.lamp, 1)
    await tab.page.keyboard.press("2")
    await facing(tab, LAMP.pages[1])
    assert await before(tab, "#facing", "#page")


async def test_a_phone_shows_one_page_and_turns_it_by_swiping(phone: ReaderTab, shelved: Shelved) -> None:
    await phone.open(shelved.kite, 1)
    await phone.page.keyboard.press("2")
    assert await phone.get(f"{FACING}.hidden"), "whatever is wished: there is no room"
    for begin, end, page in ((300, 100, 2), (300, 280, 2), (300, 100, 3), (50, 260, 2)):
        await phone.page.evaluate(SWIPE, [begin, end])
        await phone.at(page)
    await phone.open(shelved.lamp, 1)
    await phone.page.evaluate(SWIPE, [50, 260])
    await phone.at(2)
