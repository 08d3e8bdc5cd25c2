"""A reader that people use opens the books, shows them in order and reads them aloud in step with the text."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from .conftest import TEXTS, Draft
from .foliate import install, open_reader
from .reading import Opened

_LISTEN = """async ({ last, rate }) => {
  const { mediaOverlay, book } = view
  const heard = [], marked = []
  const error = await new Promise(end => {
    const watch = ({ doc, index }) => new MutationObserver(changes => {
      for (const { target } of changes) if (target.classList.contains(book.media.activeClass)) {
        const reference = `${book.sections[index].id}#${target.id}`
        marked.push([reference, getComputedStyle(target).backgroundColor])
        if (reference === last) end(null)
      }
    }).observe(doc, { subtree: true, attributeFilter: ['class'] })
    view.renderer.getContents().forEach(watch)
    view.addEventListener('load', ({ detail }) => watch(detail))
    mediaOverlay.addEventListener('error', ({ detail }) => end(String(detail)))
    mediaOverlay.addEventListener('highlight', ({ detail }) => heard.push(detail.text))
    mediaOverlay.setRate(rate)
    view.startMediaOverlay().catch(problem => end(String(problem)))
  })
  mediaOverlay.stop()
  return { heard, marked, error }
}"""


@pytest.fixture(scope="session")
def reader() -> Path:
    return install()


@pytest.mark.parametrize("name", ["pictured", "partial", "silent", "hostile", "divided", *TEXTS])
async def test_the_book_opens_with_its_chapters_in_order(
    name: str, tab: Page, reader: Path, books: dict[str, Path], drafts: dict[str, Draft]
) -> None:
    await open_reader(tab, reader, books[name])
    found: dict[str, Any] = await tab.evaluate(
        """async () => {
          const { book } = view
          const shown = [], broken = []
          for (const [index, section] of book.sections.entries()) {
            await view.goTo(index)
            const { doc } = view.renderer.getContents()[0]
            for (const image of doc.images) await image.decode().catch(() => broken.push(image.src))
            shown.push([section.id, doc.querySelector('h1')?.textContent ?? '', doc.scripts.length])
          }
          return { shown, broken, dir: book.dir, toc: book.toc.map(item => item.label), pages: book.pageList.length }
        }"""
    )
    draft, book = drafts[name], Opened(books[name])
    chapters = sorted(file for file in book.names if "/text/" in file)
    order = ["EPUB/cover.xhtml", "EPUB/title.xhtml", "EPUB/nav.xhtml", *chapters]
    assert [file for file, _, _ in found["shown"]] == order
    titles = [" ".join(title.split()) for _, title, _ in found["shown"][3:]]
    assert titles == ["".join(book.texts(file, "//h:h1")) for file in chapters]
    assert not any(scripts for _, _, scripts in found["shown"])
    assert found["dir"] == ("rtl" if name == "ur" else "ltr")
    assert len(found["toc"]) == len(draft.chapters) and found["pages"] == len(draft.pages)
    assert found["broken"] == [], "every picture is there"


@pytest.mark.parametrize("name", ["divided", "ur", "untimed"])
async def test_reading_aloud_marks_what_is_heard_in_order(
    name: str, tab: Page, reader: Path, books: dict[str, Path]
) -> None:
    book = Opened(books[name])
    clips = [
        (f"EPUB/text/{Path(overlay).stem}.xhtml#{clip.element}", clip.sentence_id)
        for overlay in book.overlays
        for clip in book.clips(overlay)
    ]
    await open_reader(tab, reader, books[name])
    result: dict[str, Any] = await tab.evaluate(_LISTEN, {"last": clips[-1][0], "rate": 1.5})
    assert result["error"] is None

    places = {reference: place for place, (reference, _) in enumerate(clips)}
    heard = [places[reference] for reference in result["heard"]]
    marked = [places[reference] for reference, _ in result["marked"]]
    for order in (heard, marked):
        assert order == sorted(order), "forwards only"
        assert (order[0], order[-1]) == (0, len(clips) - 1)
    # A short word may go by between two of the reader's looks at the clock.
    assert len({clips[place][1] for place in marked}) >= 3, "sentence after sentence"
    assert {colour for _, colour in result["marked"]} == {"rgb(255, 223, 128)"}
