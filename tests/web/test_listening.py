"""Somebody listens: the marks keep step with the sound, and pages follow one another."""

from itertools import pairwise

from tests.support.library import Shelved
from tests.support.stories import KITE
from tests.web.conftest import SOUND, ReaderTab, plain

TOLERANCE_MS = 80
"""How far a mark may be from the sound, as long as the browser draws quickly; a mark is made once a frame."""
FRAMES = 60
"""The fewest to look at; a slow machine takes longer for them."""
SAMPLER = """
async ([seconds, frames]) => {
  const sound = document.querySelector('#sound');
  const samples = [];
  let last = performance.now();
  const end = last + seconds * 1000;
  while ((last < end || samples.length < frames) && !sound.ended) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    const frame = (now - last) * sound.playbackRate;
    last = now;
    const offset = (element) => {
      if (!element) return -1;
      const before = document.createRange();
      before.setStart(element.closest('p'), 0);
      before.setEnd(element, 0);
      return element.closest('p').dataset.index * 10000 + before.toString().length;
    };
    const word = document.querySelector('.word.now');
    samples.push([sound.currentTime * 1000, frame, offset(word), word?.textContent ?? '']);
  }
  return samples;
}
"""


async def times(tab: ReaderTab, page: int) -> list[tuple[str, int, int]]:
    """The page's words with the times at which they are heard, as the API gives them."""
    book = await tab.get("document.body.dataset.book")
    answer = await tab.page.request.get(f"{tab.address}/api/books/{book}/pages/{page}")
    data = await answer.json()
    return [
        (data["text"][word["start"] : word["end"]], word["begin_ms"], word["end_ms"])
        for paragraph in data["paragraphs"]
        for sentence in paragraph["sentences"]
        for word in sentence["words"]
    ]


async def in_step(tab: ReaderTab, page: int, seconds: float) -> None:
    """Listen for a while: every marked word is the one that is heard, and whenever one is heard, one is marked."""
    words = await times(tab, page)
    await tab.page.evaluate("document.querySelectorAll('#page-text p').forEach((p, i) => (p.dataset.index = i))")
    await tab.heard(0)
    samples = await tab.page.evaluate(SAMPLER, [seconds, FRAMES])
    begins = {begin: index for index, (_, begin, _) in enumerate(words)}
    assert len(begins) == len(words)
    for at, frame, _, marked in samples:
        off = max(TOLERANCE_MS, frame + TOLERANCE_MS / 2)
        near = [text for text, begin, end in words if begin - off <= at <= end + off]
        surely = [text for text, begin, end in words if begin + off <= at <= end - off]
        assert not marked or marked in near, (at, frame, marked, near)
        assert not surely or marked == surely[0], (at, frame, marked, surely)
    seen = [place for place, before in pairwise([sample[2] for sample in samples]) if place != before and place >= 0]
    assert seen == sorted(seen), "words are marked in the order in which they are heard"
    assert len(set(seen)) >= 6


async def test_words_are_marked_in_step_with_the_sound(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    await tab.page.click("#play")
    await in_step(tab, 1, 4)


async def test_words_are_marked_in_step_at_double_speed_in_urdu(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.lamp, 1)
    await tab.page.select_option("#speed", "2")
    await tab.page.keyboard.press("Escape")
    await tab.page.click("#play")
    await in_step(tab, 1, 3)


async def test_listening_goes_on_to_the_next_page_from_memory(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite)
    await tab.page.click("#begin")
    await tab.at(1)
    await tab.heard()
    await tab.page.select_option("#speed", "2")
    await tab.get(f"{SOUND}.currentTime = {SOUND}.duration - 0.5")
    await tab.at(2)
    await tab.heard()
    assert str(await tab.get(f"{SOUND}.currentSrc")).startswith("blob:")
    assert await tab.get(f"{SOUND}.playbackRate") == 2
    assert await tab.page_text() == plain(KITE.pages[1])


async def test_the_end_of_the_book_stops(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 7)
    await tab.page.click("#play")
    await tab.heard()
    await tab.get(f"{SOUND}.currentTime = {SOUND}.duration - 0.2")
    await tab.until("document.querySelector('#toast').textContent.includes('end of the book')")
    assert await tab.page.get_attribute("#play", "aria-label") == "Play"
    await tab.page.click("#play")
    await tab.heard()
    assert await tab.get("location.hash") == "#page=7"


async def test_a_sentence_that_is_pressed_is_heard(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    await tab.page.click(".sentence:has-text('On the first windy day')")
    await tab.heard()
    assert str(await tab.text(".sentence.now")).startswith("On the first windy day")
    assert await tab.page.get_attribute("#play", "aria-label") == "Pause"


async def test_the_lock_screen_knows_what_is_heard(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 4)
    about = await tab.get("(({ title, artist, album }) => ({ title, artist, album }))(navigator.mediaSession.metadata)")
    assert about == {"title": "Page 4", "artist": KITE.author, "album": f"{KITE.title} · What the Cross Meant"}


async def test_speed_by_list_and_by_keys_is_remembered(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 1)
    await tab.page.select_option("#speed", "1.5")
    assert await tab.get(f"{SOUND}.playbackRate") == 1.5
    await tab.page.keyboard.press("]")
    await tab.until(f"{SOUND}.playbackRate === 1.75")
    for _ in range(20):
        await tab.page.keyboard.press("[")
    await tab.until(f"{SOUND}.playbackRate === 0.5")
    assert await tab.page.input_value("#speed") == "0.5"
    await tab.page.reload()
    await tab.at(1)
    assert await tab.get(f"{SOUND}.defaultPlaybackRate") == 0.5


async def test_the_place_is_remembered(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite)
    await tab.page.click("#look")
    await tab.at(1)
    await tab.page.keyboard.press("Shift+ArrowRight")
    await tab.at(2)
    await tab.page.click(".sentence:has-text('She was six')")
    await tab.heard(1500)
    await tab.page.keyboard.press(" ")
    place = await tab.get(f"{SOUND}.currentTime")
    await tab.page.goto(f"{tab.address}/read/{shelved.kite.book_id}")
    await tab.at(2)
    await tab.until(f"Math.abs({SOUND}.currentTime - {place}) < 0.05")
    assert await tab.get(f"{SOUND}.paused")
    await tab.page.click("#play")
    await tab.until("document.querySelector('.sentence.now')?.textContent.startsWith('She was six')")


async def test_another_books_place_is_its_own(tab: ReaderTab, shelved: Shelved) -> None:
    await tab.open(shelved.kite, 3)
    await tab.page.goto(f"{tab.address}/read/{shelved.lamp.book_id}")
    await tab.until("!document.querySelector('#begin').disabled")
    assert await tab.page.is_visible("#opening")
