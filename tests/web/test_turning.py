"""Finding one's way: chapters, keys, links, layouts, other scripts."""

from tests.support.library import Shelved
from tests.support.stories import HOSTILE, KITE, LAMP
from tests.web.conftest import SOUND, ReaderTab, plain


async def test_a_chapter_is_chosen_from_the_list(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    await tab.page.keyboard.press("c")
    labels = await tab.page.locator("#chapter-list .label").all_text_contents()
    assert labels == [title for title, _ in KITE.chapters]
    assert await tab.text("#chapter-list [aria-current] .label") == "A Tear in the Sky"
    await tab.page.click("text=Home by the Long Way")
    await tab.at(6)
    assert not await tab.page.is_visible("#chapters")
    assert await tab.text("#page h2") == "Home by the Long Way"
    await tab.page.click("#open-chapters")
    assert await tab.text("#chapter-list [aria-current] .label") == "Home by the Long Way"
    await tab.page.keyboard.press("Escape")
    assert not await tab.page.is_visible("#chapters")


async def test_everything_can_be_done_with_keys(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    press = tab.page.keyboard.press
    await press(" ")
    await tab.heard()
    await press(" ")
    await tab.until(f"{SOUND}.paused")
    await press("ArrowRight")
    await tab.until("document.querySelector('.sentence.now')?.dataset.index === '1'")
    await press("ArrowRight")
    await tab.until("document.querySelector('.sentence.now')?.dataset.index === '2'")
    await press("ArrowLeft")
    await tab.until("document.querySelector('.sentence.now')?.dataset.index === '1'")
    await press("Shift+ArrowRight")
    await tab.at(2)
    await press("ArrowLeft")  # over the page's edge: the last sentence of the page before
    await tab.at(1)
    await tab.until("document.querySelector('.sentence.now')?.dataset.index === '3'")
    await press("?")
    assert await tab.page.is_visible("#help")
    await tab.page.uncheck("#keys-on")
    await press("Escape")
    await press("c")
    assert not await tab.page.is_visible("#chapters")


async def test_keys_that_a_control_wants_are_left_to_it(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 3)
    await tab.page.focus("#previous-page")
    await tab.page.keyboard.press(" ")
    await tab.at(2)
    assert await tab.get(f"{SOUND}.paused")
    await tab.page.focus("#strip")
    await tab.page.keyboard.press("ArrowRight")
    await tab.at(3)
    await tab.page.keyboard.press("End")
    await tab.at(7)
    assert await tab.page.get_attribute("#strip", "aria-valuetext") == "Page 7, Home by the Long Way"


async def test_a_link_leads_to_its_page(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 5)
    assert await tab.page_text() == plain(KITE.pages[4])
    await tab.get("(location.hash = '#page=2')")
    await tab.at(2)
    await tab.until(f"document.querySelector('#page-text').textContent.includes({KITE.pages[1][:12]!r})")
    await tab.page.goto(f"{tab.address}/read/{shelved.kite.book_id}#page=9999")
    await tab.page.reload()
    await tab.at(7)


async def test_urdu_runs_from_right_to_left(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.lamp, 1)
    assert await tab.get("document.documentElement.dir") == "rtl"
    assert await tab.page.get_attribute("#page-text", "lang") == "ur"
    assert await tab.page_text() == plain(LAMP.pages[0])
    onward = await tab.page.locator("#next-page").bounding_box()
    back = await tab.page.locator("#previous-page").bounding_box()
    assert onward and back and onward["x"] < back["x"]
    await tab.page.keyboard.press("Shift+ArrowLeft")
    await tab.at(2)
    await tab.page.keyboard.press("Shift+ArrowRight")
    await tab.at(1)
    await tab.page.keyboard.press("ArrowLeft")
    await tab.until("document.querySelector('.sentence.now')?.dataset.index === '1'")


async def test_hindi_is_drawn_with_a_font_that_has_it(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.cloud, 1)
    await tab.until("document.fonts.check('20px \"Reader Noto\"', 'बादल')")


async def test_a_phone_has_room_for_everything(phone: ReaderTab, shelved: Shelved) -> None:
    for book in (shelved.kite, shelved.lamp, shelved.cloud):
        await phone.open(book)
        await phone.until("document.documentElement.scrollWidth <= innerWidth")
        await phone.page.tap("#begin")
        await phone.at(1)
        await phone.heard()
        assert await phone.get("document.documentElement.scrollWidth <= innerWidth")
        for control in ("#play", "#previous-page", "#back", "#forward", "#next-page", "#speed", "#open-chapters"):
            box = await phone.page.locator(control).bounding_box()
            assert box and box["height"] >= 40 and box["width"] >= 40
            assert 0 <= box["x"] and box["x"] + box["width"] <= 360 and box["y"] + box["height"] <= 640


async def test_hostile_text_is_shown_as_it_is(tab: ReaderTab, shelved: Shelved) -> None:
    for page, text in enumerate(HOSTILE.pages, 1):
        await tab.open(shelved.hostile, page)
        await tab.until(f"document.querySelector('#where').textContent.startsWith('Page {page} ')")
        assert await tab.page_text() == plain(text)
    assert await tab.text("#title") == HOSTILE.title
    assert await tab.text("#author") == HOSTILE.author
    assert await tab.text("#chapter") == HOSTILE.chapters[0][0]
    await tab.page.keyboard.press("c")
    assert await tab.text("#chapter-list .label") == HOSTILE.chapters[0][0]
    assert await tab.get("document.querySelectorAll('main script, main b, main img[src=x]').length") == 0


async def test_files_are_offered(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    await tab.page.keyboard.press("d")
    async with tab.page.expect_download() as download:
        await tab.page.click("#file-list a >> nth=0")
    assert (await download.value).suggested_filename == "The Kite That Read Maps.m4b"


async def test_an_unknown_book_says_so(tab: ReaderTab) -> None:
    answer = await tab.page.goto(f"{tab.address}/read/nobody")
    assert answer and answer.status == 404
    assert await tab.text("h1") == "This page is not here"
    tab.errors.clear()  # the browser itself reports a 404
