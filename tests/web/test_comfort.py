"""Reading in comfort: light, type, the sleep timer, and words that are looked for."""

import pytest

from tests.support.library import Shelved
from tests.support.stories import CLOUD, KITE
from tests.web.conftest import SOUND, ReaderTab
from tests.web.test_access import clean

TEXT = "getComputedStyle(document.querySelector('#page-text'))"
THEME = "document.documentElement.dataset.theme"
MATCHES = """async ([text, query]) => {
  const { matches, prepared } = await import('/static/find.js');
  return matches(prepared(text), query).map(({ start, end }) => text.slice(start, end));
}"""


async def test_night_is_warm_and_dim_and_comes_with_the_page(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    await tab.page.keyboard.press("n")
    assert await tab.get(THEME) == "night"
    red, _, blue = await tab.get(f"{TEXT}.color.match(/[0-9]+/g).map(Number)")
    assert 110 < red < 220 and blue < 0.7 * red
    await tab.page.click("#play")
    await tab.heard(700)
    await clean(tab)
    await tab.page.keyboard.press("t")
    assert await tab.page.is_checked("[name=theme][value=night]")
    await clean(tab)
    answer = await tab.page.reload()
    assert answer and 'data-theme="night"' in await answer.text(), "no flash of a white page"
    await tab.at(1)
    await tab.page.keyboard.press("n")
    assert await tab.get(THEME) is None


async def test_type_and_size_are_remembered_and_joined_letters_stay_joined(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    before = await tab.get(f"parseFloat({TEXT}.fontSize)")
    await tab.page.click("#open-appearance")
    await tab.page.check("[name=size][value='4']")
    await tab.page.check("[name=font][value=easy]")
    await tab.page.keyboard.press("Escape")
    await tab.page.reload()
    await tab.at(1)
    assert await tab.get(f"parseFloat({TEXT}.fontSize)") > 1.4 * before
    assert await tab.get(f"parseFloat({TEXT}.letterSpacing)") > 1
    await clean(tab)
    for book in (shelved.lamp, shelved.cloud):
        await tab.open(book, 1)
        assert await tab.get(f"{TEXT}.letterSpacing") == "normal"
        assert await tab.get(f"parseFloat({TEXT}.wordSpacing)") > 1


async def test_the_narration_has_a_volume_of_its_own(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    await tab.page.keyboard.press("s")
    await tab.page.focus("#volume")
    for _ in range(10):
        await tab.page.keyboard.press("ArrowLeft")
    assert await tab.get(f"{SOUND}.volume") == pytest.approx(0.5)
    await tab.page.reload()
    await tab.at(1)
    assert await tab.get(f"{SOUND}.volume") == pytest.approx(0.5)


async def test_listening_stops_at_the_end_of_the_page_or_the_chapter(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 2)
    for wish, page, rests in (("page", 2, 3), ("chapter", 3, 4)):
        await tab.page.keyboard.press("s")
        await tab.page.check(f"[name=sleep][value={wish}]")
        assert "end of this" in await tab.text("#sleep-status")
        await tab.page.keyboard.press("Escape")
        await tab.page.click("#play")
        await tab.heard()
        await tab.get(f"{SOUND}.currentTime = {SOUND}.duration - 0.2")
        await tab.at(rests)
        await tab.until(f"{SOUND}.paused && document.querySelector('#play').ariaLabel === 'Play'")
        assert rests == page + 1
    await tab.page.click("#play")
    await tab.heard()  # the wish is fulfilled: from here on listening goes on as ever


async def test_the_sleep_timer_fades_out_and_stops(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.page.clock.install()
    await tab.open(shelved.kite, 1)
    await tab.page.click("#open-sounds")
    await tab.page.check("[name=sleep][value='15']")
    assert await tab.text("#sleep-status") == "Stops in 15 minutes."
    await clean(tab)
    await tab.page.keyboard.press("Escape")
    await tab.page.click("#play")
    await tab.heard()
    await tab.page.clock.fast_forward("14:50")
    await tab.until(f"{SOUND}.volume < 0.6")
    assert not await tab.get(f"{SOUND}.paused")
    await tab.page.clock.fast_forward("00:15")
    await tab.until(f"{SOUND}.paused && {SOUND}.volume === 1")
    assert "Good night" in await tab.text("#toast")
    assert await tab.get("document.querySelector('#open-sounds').dataset.timed") == "false"


async def test_words_are_found_and_marked_where_they_stand(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    await tab.page.keyboard.press("/")
    await tab.page.keyboard.type("sad cat")  # it is written to at once, and none of these is a key now
    assert await tab.page.input_value("#find-query") == "sad cat"
    await tab.page.fill("#find-query", "THE WELL")
    await tab.until("document.querySelector('#find-status').textContent === 'Not found in this book.'")
    await tab.page.fill("#find-query", "It wants")
    await tab.until("document.querySelectorAll('#find-list li').length === 1")
    assert await tab.text("#find-list mark") == "It wants"
    await clean(tab)
    await tab.page.keyboard.press("Tab")
    await tab.page.keyboard.press("Enter")
    await tab.at(2)
    marked = "[...CSS.highlights.get('found')].map(String)"
    await tab.until(f"CSS.highlights.has('found') && {marked}.join() === 'It wants'")
    await tab.page.keyboard.press("/")
    await tab.page.fill("#find-query", "kite")
    count = sum(page.lower().count("kite") for page in KITE.pages)
    pages = sum("kite" in page.lower() for page in KITE.pages)
    await tab.until(f"document.querySelector('#find-status').textContent === 'Found {count} times, on {pages} pages.'")
    await tab.open(shelved.cloud, 1)
    await tab.page.keyboard.press("/")
    await tab.page.fill("#find-query", "चिट्ठी")
    await tab.until("document.querySelectorAll('#find-list li').length > 1")
    assert await tab.text("#find-list mark") == "चिट्ठी"
    assert "चिट्ठी" in CLOUD.pages[0]


FOUND: tuple[tuple[str, str, list[str]], ...] = (
    ("Straße und STRASSE", "strasse", ["Straße", "STRASSE"]),
    ("une élève, un eleve", "ÉLEVE", ["élève", "eleve"]),
    ("“It’s late,” she said.\nIt was.", "it's", ["It’s"]),
    ("one\n  two", "one two", ["one\n  two"]),
    ("कि की क", "क", ["कि", "की", "क"]),
    ("कि की क", "कि", ["कि"]),
    ("क़लम", "क़लम", ["क़लम"]),
    ("क़लम", "लम", ["लम"]),
    ("ਸਤ ਸ੍ਰੀ", "ਸ੍ਰੀ", ["ਸ੍ਰੀ"]),
    ("می‌روم", "میروم", ["می‌روم"]),
    ("👩‍👩‍👧 and 👩", "👩", ["👩‍👩‍👧", "👩"]),
    ("aaa", "aa", ["aa"]),
    ("anything", "  ", []),
)
"""A text, what is looked for, and what is found."""


async def test_looking_for_words_goes_by_whole_characters_of_any_script(tab: ReaderTab) -> None:
    await tab.page.goto(f"{tab.address}/static/offline/kept.html")
    for text, query, found in FOUND:
        assert await tab.page.evaluate(MATCHES, [text, query]) == found, (text, query)
