"""The whole way of somebody who orders a book, in a browser, with everything real and on this machine."""

import pytest
from playwright.async_api import Browser

from tests.support.person import CORRECTED, serving, story


@pytest.mark.chaos
async def test_a_person_orders_follows_corrects_approves_and_reads(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    moments: list[str] = []

    async def look(moment: str) -> None:
        moments.append(moment)

    with serving(tmp_path_factory.mktemp("story") / "home") as started:
        context = await browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 800})
        page = await context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        book = await story(page, started["web"], started["key"], look)
        assert moments == ["shelf-empty", "order", "review", "edit", "making", "book", "versions"]
        await page.goto(f"{started['web']}{book.replace('/books/', '/read/')}#page=2")
        await page.wait_for_selector("#page-text p")
        assert await page.text_content("#page-text") == CORRECTED
        answer = await context.request.get(f"{started['web']}/api{book}")
        editions = {one["edition"]: one["missing_pages"] for one in (await answer.json())["editions"]}
        assert editions == {"mp3.zip": [], "m4b": [], "epub": [], "pdf": []}
        assert wrong == []
        await context.close()
