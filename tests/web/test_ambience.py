"""Ambience in the reader: only for whoever wants it, quiet under the voice, and from scene to scene without a gap."""

from collections.abc import AsyncIterator

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import Browser

from api.access.guard import COOKIE
from bookwright.contracts.depicting import SoundSketch
from bookwright.contracts.orders import TRACKS, BookContext
from bookwright.contracts.scenes import PlannedScene, Scene
from bookwright.store.scenes.store import SceneStore
from emulators.ambience import wav
from tests.support.library import home_at
from tests.support.serving import served
from tests.support.stories import KITE
from tests.web.conftest import SOUND, ReaderTab, tab_at

SCENES = [
    PlannedScene(
        scene=Scene(number=1, pages=(1, 2), sketch=SoundSketch(setting="dunes", weather="wind"), prompt="Wind")
    ),
    PlannedScene(scene=Scene(number=2, pages=(3,), sketch=SoundSketch(setting="beach"), prompt="Waves")),
]
BOX = "document.querySelector('#ambience')"
STATE = f"{BOX}.dataset.state"
LISTEN = """
window.heard = { begun: [], ended: 0 };
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...more) {
  if (target instanceof AudioDestinationNode) {
    heard.meter = new AnalyserNode(this.context, { fftSize: 32768 });
    connect.call(this, heard.meter);
  }
  return connect.call(this, target, ...more);
};
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...when) {
  heard.begun.push({ seconds: this.buffer.duration, loop: this.loop });
  this.addEventListener("ended", () => (heard.ended += 1));
  return start.apply(this, when);
};
heard.level = () => {
  const samples = new Float32Array(32768);
  heard.meter.getFloatTimeDomainData(samples);
  return 10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 1e-12) / samples.length);
};
"""
"""Lets a test know what the page hands to the loudspeakers: how often a sound begins, and the level (dBFS, of the mean
of both sides)."""


@pytest.fixture(scope="module")
async def scored(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[BookContext, str, SetCookieParam]]:
    """A book whose pages 1 and 2 have one ambient sound, page 3 another, page 4 none and page 5 one that is none; where
    it is served, and the cookie of its owner."""
    async with home_at(tmp_path_factory.mktemp("scored")) as home, served(home.app()) as address:
        book = await home.order(KITE, TRACKS)
        await home.read(book, KITE)
        for page in range(1, 6):
            await home.speak(book, page)
        await home.score(book, (1, 2), wav("wind", 6))
        await home.score(book, (3,), wav("waves", 4))
        await home.score(book, (5,), b"RIFF no sound at all")
        await SceneStore(home.database, home.assets).save(book, SCENES, untold={}, blank=(), final=True)
        await home.close(book)
        yield book, address, {"name": COOKIE, "value": await home.session(), "url": address}


@pytest.fixture
async def opened(
    scored: tuple[BookContext, str, SetCookieParam], browser: Browser
) -> AsyncIterator[tuple[ReaderTab, BookContext]]:
    """The book at its first page, in a browser that has never seen it."""
    book, address, cookie = scored
    async with tab_at(browser, address, cookie, viewport={"width": 1280, "height": 800}) as tab:
        await tab.page.add_init_script(LISTEN)
        await tab.open(book, 1)
        yield tab, book


async def test_ambience_waits_to_be_wanted_and_is_far_below_the_voice(opened: tuple[ReaderTab, BookContext]) -> None:
    tab, _ = opened
    fetched: list[str] = []
    tab.page.on("request", lambda request: fetched.append(request.url))
    await tab.page.click("#play")
    await tab.heard()
    assert not any("/ambience" in url for url in fetched), "not even fetched"
    assert await tab.get("heard.begun.length") == 0
    assert await tab.text("#scene") == "Dunes, wind"
    await tab.page.check("#ambience-on")
    await tab.until(f"{STATE} === 'on' && heard.level() > -55")
    await tab.until("heard.level() > -46")
    assert await tab.get("heard.level()") < -18 - 20, "narration is at -18 LUFS"
    assert await tab.get(f"{SOUND}.volume") == 1
    assert await tab.get("heard.begun[0].loop")
    assert 4 <= await tab.get("heard.begun[0].seconds") < 6, "its end crosses over into its beginning"
    await tab.page.click("#play")
    await tab.until("heard.ended === 1 && heard.meter.context.state === 'suspended'")


async def test_a_scene_goes_on_over_its_pages_and_crosses_into_the_next(opened: tuple[ReaderTab, BookContext]) -> None:
    tab, _ = opened
    await tab.page.check("#ambience-on")
    await tab.page.click("#play")
    await tab.until(f"{STATE} === 'on' && heard.level() > -46")
    await tab.page.click("#next-page")
    await tab.at(2)
    assert await tab.get("heard.begun.length") == 1
    await tab.page.click("#next-page")
    await tab.until("heard.begun.length === 2")
    assert await tab.text("#scene") == "Beach"
    assert await tab.get("heard.ended") == 0, "it is still heard while the other one comes up"
    await tab.until("heard.ended === 1")
    assert -50 < await tab.get("heard.level()") < -38
    await tab.page.click("#next-page")
    await tab.until(f"{BOX}.hidden && heard.ended === 2")


async def test_it_works_by_keyboard_and_is_remembered(opened: tuple[ReaderTab, BookContext]) -> None:
    tab, book = opened
    await tab.page.click("#play")
    await tab.page.keyboard.press("a")
    await tab.until(f"{STATE} === 'on' && heard.level() > -46")
    await tab.page.focus("#ambience-volume")
    for _ in range(20):
        await tab.page.keyboard.press("ArrowRight")
    await tab.until("heard.level() > -36")
    await tab.open(book, 2)
    await tab.page.reload()
    await tab.at(2)
    assert await tab.get("document.querySelector('#ambience-on').checked")
    assert await tab.get("document.querySelector('#ambience-volume').value") == "100"
    assert await tab.get("heard.begun.length") == 0, "nothing sounds before somebody listens"
    await tab.page.click("#play")
    await tab.until(f"{STATE} === 'on' && heard.level() > -36")
    await tab.page.focus("#ambience-volume")
    await tab.page.keyboard.press("Home")
    await tab.until("heard.level() < -80")
    await tab.page.keyboard.press("a")
    await tab.until(f"{STATE} === 'off'")


async def test_a_sound_that_can_not_be_played_is_said_once_and_stops_nothing(
    opened: tuple[ReaderTab, BookContext],
) -> None:
    tab, book = opened
    fetched: list[str] = []
    tab.page.on("request", lambda request: fetched.append(request.url))
    await tab.page.check("#ambience-on")
    await tab.open(book, 5)
    await tab.page.click("#play")
    await tab.until(f"{STATE} === 'failed'")
    assert "can’t be played" in await tab.text("#toast")
    await tab.heard()
    await tab.page.click("#play")
    await tab.page.click("#play")
    await tab.heard()
    assert sum("/pages/5/ambience" in url for url in fetched) == 1
