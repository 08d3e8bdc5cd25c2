"""The operators' pages: found without the docs, by keyboard, on a phone, in the dark, whatever books are called."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import Browser
from temporalio.client import Client

from api.access.guard import COOKIE
from api.web import STATIC
from bookwright.bulk import BulkSteering
from bookwright.contracts.access import Role
from bookwright.contracts.errors import ServiceUnavailable
from bookwright.contracts.ids import LOCAL_OWNER, BookId, OwnerId
from bookwright.contracts.orders import BookContext, BookOrder, InlineText
from bookwright.contracts.progress import JobState
from bookwright.steering import Steering
from bookwright.store import JobRow
from bookwright.store.bulk.store import BulkStore
from tests.support.library import Home, home_at
from tests.support.serving import served
from tests.support.stories import KITE
from tests.web.conftest import ReaderTab, tab_at

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }} &lt;b&gt;'
REFUSED = "the voice refused this text"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 700},
    "is_mobile": True,
    "has_touch": True,
    "color_scheme": "dark",
}


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """A home with jobs of several users in several states."""
    async with home_at(tmp_path_factory.mktemp("home")) as made:
        for number in range(30):
            job = await ordered(made, "mira", f"m{number}", HOSTILE if number == 29 else f"The {number}th Kite")
            if number < 26:
                await end(made, job, JobState.FAILED if number % 2 else JobState.DONE)
        yield made


@pytest.fixture(scope="module")
async def failed(home: Home) -> BookContext:
    book = await home.made(KITE, spoken=[1], failed={2: REFUSED, 3: REFUSED}, closed=False)
    await home.close(book, JobState.FAILED, "2 pages could not be spoken")
    return book


@pytest.fixture(scope="module")
async def address(home: Home, failed: BookContext) -> AsyncIterator[str]:
    async with served(home.app()) as found:
        yield found


@pytest.fixture(scope="module")
async def cookie(home: Home, address: str) -> SetCookieParam:
    return {"name": COOKIE, "value": await home.session(), "url": address}


async def ordered(home: Home, owner: str, book: str, title: str) -> JobRow:
    order = BookOrder(owner_id=OwnerId(owner), book_id=BookId(book), title=title, source=InlineText(text="Once."))
    return await home.jobs.accept(order, fingerprint=book)


async def end(home: Home, job: JobRow, state: JobState) -> None:
    await home.jobs.started(job.owner_id, job.job_id)
    await home.jobs.close(job.owner_id, job.job_id, state, REFUSED if state is JobState.FAILED else None)


async def no_temporal() -> Client:
    raise ServiceUnavailable("there is none")


@asynccontextmanager
async def opened(
    browser: Browser, address: str, cookie: SetCookieParam, path: str, **options: Any
) -> AsyncIterator[ReaderTab]:
    async with tab_at(browser, address, cookie, **(DESKTOP | options)) as tab:
        await tab.page.goto(address + path)
        await tab.until("document.querySelector('#as-of').textContent")
        yield tab


async def clean(tab: ReaderTab) -> None:
    found = await Axe().run(tab.page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    size = tab.page.viewport_size
    assert size and await tab.get("document.documentElement.scrollWidth") <= size["width"], "it scrolls sideways"


async def test_an_operator_finds_a_failed_job_its_cause_and_has_it_made_again(
    browser: Browser, address: str, cookie: SetCookieParam, home: Home, failed: BookContext
) -> None:
    async with opened(browser, address, cookie, "/admin/jobs") as tab:
        page = tab.page
        await page.click(".counts tr:last-child a[data-tone=bad]")  # all that failed
        await page.wait_for_url("**state=failed**")
        await page.fill("#user", LOCAL_OWNER)
        await page.press("#user", "Enter")
        await page.wait_for_url("**user=local**")
        await tab.until("document.querySelectorAll('.jobs tbody tr').length === 1")
        assert "2 pages could not be spoken" in await tab.text(".jobs tbody .why")
        await page.click(".jobs .title")
        await page.wait_for_selector("#causes-title")
        causes = await tab.text(".causes")
        assert REFUSED in causes and "Page 2, 3" in causes and "2 times" in causes
        await page.click("#pages nav >> text=Failed")
        await tab.until("document.querySelectorAll('#pages tbody tr').length === 2")
        await page.click("#act-retry")
        await page.wait_for_url(re.compile(r"/admin/jobs/[0-9a-f-]{36}$"))
        newest = await home.jobs.newest_of(LOCAL_OWNER, failed.book_id)
        assert page.url.endswith(newest.job_id)
        assert newest.generation == 2
        assert "Waiting" in await tab.text("#standing .chip")
        await end(home, newest, JobState.DONE)  # what a worker would do
        while await tab.text("#standing .chip") != "Done":  # a look is kept for a second
            await page.click("[data-refresh]")
            await asyncio.sleep(0.2)
        await page.go_back()
        await page.wait_for_selector("text=It was gone on with")


async def test_many_are_retried_after_the_count_was_shown(
    browser: Browser, address: str, cookie: SetCookieParam, home: Home
) -> None:
    async with opened(browser, address, cookie, "/admin/jobs?state=failed&user=mira") as tab:
        page = tab.page
        await page.focus("[data-bulk=retry]")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("dialog[open]")
        await clean(tab)
        assert await tab.text("dialog h2") == "Retry 13 jobs?"
        assert "User: mira" in await tab.text("dialog .bulk-what")
        await page.keyboard.press("Escape")
        await tab.until("!document.querySelector('dialog')")
        assert await BulkStore(home.database).recent(5) == []
        await page.keyboard.press("Enter")
        await page.click("dialog button[value=yes]")
        await page.wait_for_selector("text=Retry 13 jobs: it is under way")
        await page.wait_for_selector("text=0 of 13")
        await BulkSteering(BulkStore(home.database), home.jobs, Steering(home.jobs, no_temporal)).look()
        await page.click("[data-refresh]")
        await page.wait_for_selector("text=All done.")
        await clean(tab)
        assert [job.generation for job in await home.jobs.jobs(OwnerId("mira"), 13)] == [2] * 13


async def test_filters_are_in_the_address_and_wrong_ones_are_named(
    browser: Browser, address: str, cookie: SetCookieParam
) -> None:
    async with opened(browser, address, cookie, "/admin/jobs") as tab:
        await tab.page.select_option("#type", label="Audio")
        await tab.page.wait_for_url("**type=audio_generation**")
        await tab.page.reload()
        assert await tab.get("document.querySelector('#type').selectedOptions[0].text") == "Audio"
        assert await tab.get("document.querySelectorAll('.jobs tbody tr').length") == 25
        await tab.page.click("text=Older")
        await tab.page.wait_for_selector("text=Newest")
        await tab.page.goto(f"{address}/admin/jobs?since=yesterday")
        assert "give a day and a time" in await tab.text("#since-error")
        await clean(tab)


async def test_charts_are_drawn_from_the_table_beside_them(
    browser: Browser, address: str, cookie: SetCookieParam
) -> None:
    async with opened(browser, address, cookie, "/admin/jobs") as tab:
        await tab.until("document.querySelectorAll('.uplot canvas').length === 3")
        assert not await tab.get("document.querySelector('#history').open")
        await tab.page.click("text=A week")
        await tab.until("document.querySelectorAll('#history tbody tr').length === 28")
        await tab.page.click("#history summary")
        done = await tab.get("[...document.querySelectorAll('#history tbody tr')].map((row) => +row.dataset.done)")
        assert sum(done) > 0
        await clean(tab)


@pytest.mark.parametrize("path", ["/admin/jobs", "/admin/jobs?q=script", "job"])
async def test_a_dark_phone_and_hostile_titles(
    browser: Browser, address: str, cookie: SetCookieParam, failed: BookContext, home: Home, path: str
) -> None:
    hostile = next(job for job in await home.jobs.jobs(OwnerId("mira")) if job.book_id == "m29")
    here = f"/admin/jobs/{hostile.number}" if path == "job" else path
    async with opened(browser, address, cookie, here, **PHONE) as tab:
        await tab.until("document.querySelector('#calls, #health .chip')")
        await clean(tab)
        if path != "/admin/jobs":
            assert HOSTILE in await tab.get("document.body.textContent")
        assert await tab.get("document.querySelectorAll('main script, main img').length") == 0


async def test_it_stops_when_nobody_looks(browser: Browser, address: str, cookie: SetCookieParam, home: Home) -> None:
    async with opened(browser, address, cookie, "/admin/jobs") as tab:
        asked: list[str] = []
        tab.page.on("request", lambda request: asked.append(request.url))
        await tab.get("Object.defineProperty(document, 'hidden', { value: true, configurable: true }) && 1")
        await tab.page.click("[data-refresh]")
        await tab.get("Object.defineProperty(document, 'hidden', { value: false, configurable: true }) && 1")
        assert asked == []
        await tab.page.click("[data-refresh]")
        while not any(url.endswith("/admin/jobs/now") for url in asked):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_whoever_is_no_admin_is_told_so(home: Home, address: str) -> None:
    async with home.client(OwnerId("mira"), Role.USER) as reader:
        for path in ("/admin/jobs", "/admin/jobs/1", "/admin/jobs/now"):
            answer = await reader.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")
            assert "this needs an admin key" in answer.text
    async with home.client() as admin:
        assert (await admin.get("/admin/jobs/99999")).status_code == 404


def test_the_scripts_of_a_page_are_light() -> None:
    names = ("app.js", "actions.js", "admin.js", "charts.js", "vendor/htmx.min.js", "vendor/uplot.min.js")
    assert sum((STATIC / name).stat().st_size for name in names) < 150_000
    assert (Path(STATIC) / "vendor" / "uplot.LICENSE.txt").read_text().startswith("The MIT License")
