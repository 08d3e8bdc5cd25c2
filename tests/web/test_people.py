"""The pages of accounts, users and the audit log, in a browser."""

from collections.abc import AsyncIterator

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Page

from api.access.guard import COOKIE
from bookwright.contracts.access import Role
from bookwright.contracts.ids import OwnerId
from bookwright.store.access.users import UserStore
from tests.support.library import Shelved
from tests.web.conftest import ReaderTab, tab_at

HOSTILE = "<img src=x onerror=alert(1)> \N{RIGHT-TO-LEFT OVERRIDE}name & \"quotes\" 'too'"
MIRA = OwnerId("mira")


async def clean(page: Page) -> None:
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


async def fits(tab: ReaderTab) -> None:
    assert await tab.get("document.documentElement.scrollWidth <= screen.width"), "nothing sticks out at the side"


@pytest.fixture(scope="module")
async def hostile(shelved: Shelved) -> OwnerId:
    """A user whose name, keys and browser mean harm."""
    user = OwnerId("eve")
    database = shelved.home.database
    await UserStore(database).create(user, HOSTILE, actor=HOSTILE[:60])
    key = await shelved.home.key(user, Role.USER)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(shelved.home.app()), base_url="http://localhost") as eve:
        await eve.post("/signin", data={"key": key}, headers=[(b"User-Agent", b"<script>alert(1)</script>")])
        made = await eve.post("/api/keys", json={"name": HOSTILE}, headers={"Authorization": f"Bearer {key}"})
        assert made.status_code == 201, made.text
    return user


@pytest.fixture
async def mira(browser: Browser, address: str, shelved: Shelved) -> AsyncIterator[ReaderTab]:
    """The browser of somebody who is no admin."""
    key = await shelved.home.key(MIRA, Role.USER)
    async with httpx.AsyncClient(base_url=address) as asking:
        signed = await asking.post("/signin", data={"key": key})
    cookie = {"name": COOKIE, "value": signed.cookies[COOKIE], "url": address}
    async with tab_at(browser, address, cookie, viewport={"width": 1280, "height": 800}) as opened:  # type: ignore[arg-type]
        yield opened


async def test_somebody_makes_a_key_copies_it_once_and_revokes_it(mira: ReaderTab, address: str) -> None:
    page = mira.page
    await page.goto(f"{address}/account")
    await clean(page)
    await page.click("text=Make a key")
    await page.click("text=Make the key")
    await page.wait_for_selector("#name-error:not([hidden])")
    assert await mira.get("document.activeElement.id") == "name"
    await clean(page)
    mira.errors.clear()  # Chromium says of each refused request that it was refused
    await page.fill("#name", "my reader")
    await page.uncheck("input[value=write]")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("dialog[open]")
    await clean(page)
    key = await page.input_value("dialog input")
    await page.keyboard.press("Escape")
    assert await page.is_visible("dialog input"), "it can't be lost by a slip"
    async with httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {key}"}) as client:
        assert (await client.get("/api/books")).status_code == 200
        assert (await client.post("/api/links", json={"path": "/api/books"})).status_code == 403
        await page.click("text=I have kept it")
        await page.wait_for_selector("tr:has-text('my reader')")
        assert key not in await page.content()
        await page.click("tr:has-text('my reader') button")
        await page.click("dialog button[value=yes]")
        await page.wait_for_selector("tr:has-text('my reader') .chip:has-text('Revoked')")
        assert (await client.get("/api/books")).status_code == 401
    assert "Key revoked" in str(await page.text_content("section[aria-labelledby=lately]"))


async def test_somebody_who_is_no_admin_gets_no_further(mira: ReaderTab, address: str) -> None:
    for path in ("/admin/users", "/admin/users/mira", "/admin/audit"):
        answer = await mira.page.goto(f"{address}{path}")
        assert answer and answer.status == 403
    mira.errors.clear()


async def test_an_admin_makes_a_user_sets_limits_and_deactivates_them(tab: ReaderTab, address: str) -> None:
    page = tab.page
    await page.goto(f"{address}/admin/users")
    await clean(page)
    await page.click("text=New user")
    await page.fill("#user_id", "not an id")
    await page.fill("#limits-month_usd", "much")
    await page.click("text=Make the user")
    await page.wait_for_selector("#user_id-error:not([hidden])")
    assert await page.is_visible("#limits-month_usd-error")
    tab.errors.clear()
    await page.fill("#user_id", "nora")
    await page.fill("#limits-month_usd", "12.50")
    await page.click("text=Make the user")
    await page.wait_for_url("**/admin/users/nora")
    await clean(page)
    assert await page.input_value("#limits-month_usd") == "12.50"
    await page.fill("#limits-month_usd", "")
    await page.fill("#limits-jobs_at_once", "3")
    await page.click("text=Keep")
    await page.wait_for_selector("tr:has-text('User changed')")
    assert [await page.input_value(f"#limits-{name}") for name in ("month_usd", "jobs_at_once")] == ["", "3"]
    await page.click("text=Deactivate")
    await clean(page)
    await page.click("dialog button[value=yes]")
    await page.wait_for_selector(".chip:has-text('Deactivated')")
    await page.goto(f"{address}/admin/users?q=nora")
    assert "Deactivated" in str(await page.text_content("table"))
    await page.click(".page-head a:has-text('Audit log')")


async def test_hostile_names_are_shown_and_do_nothing(
    tab: ReaderTab, phone: ReaderTab, address: str, hostile: OwnerId
) -> None:
    for one in (tab, phone):
        for path in ("/admin/users?q=eve", f"/admin/users/{hostile}", f"/admin/audit?user_id={hostile}", "/account"):
            await one.page.goto(f"{address}{path}")
            await clean(one.page)
            await fits(one)
            assert await one.get("document.querySelectorAll('main img').length") == 0
    await tab.page.goto(f"{address}/admin/users/{hostile}")
    assert HOSTILE in str(await tab.page.text_content("h1"))
    await tab.page.click("tr:has-text('quotes') button >> nth=0")
    assert HOSTILE in str(await tab.page.text_content("dialog p"))


async def test_the_log_is_filtered_by_its_address_and_comes_in_parts(
    tab: ReaderTab, address: str, hostile: OwnerId, shelved: Shelved
) -> None:
    page = tab.page
    store = UserStore(shelved.home.database)
    for number in range(51):
        await store.create(OwnerId(f"many-{number}"), None, actor="import")
    await page.goto(f"{address}/admin/audit?actor=import")
    await page.click("text=Older lines")
    assert await page.locator("tbody tr").count() == 1
    await page.select_option("#action", "key.created")
    await page.fill("#actor", "eve")
    await page.click("button:has-text('Show') >> nth=0")
    assert "actor=eve" in page.url and "action=key.created" in page.url
    assert await page.locator("tbody tr").count() == 1
    await page.goto(f"{address}/admin/audit?until=2020-01-01&since=nonsense&action=nothing")
    assert "Nothing was written down" in str(await page.text_content("main"))
