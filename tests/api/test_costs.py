"""Costs and monthly budgets over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bookwright.contracts.access import Role
from bookwright.contracts.calls import Answer, Holder, ProviderCall, Reservation, Usage
from bookwright.contracts.ids import LOCAL_OWNER, JobId, OwnerId
from bookwright.contracts.orders import BookContext
from bookwright.store import LedgerStore
from tests.support.library import Home, home_at
from tests.support.stories import KITE

MIRA = OwnerId("mira")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as made:
        yield made


@pytest.fixture
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client() as asking:
        yield asking


async def reserved(home: Home, context: BookContext, text: str, unit: str, most: int) -> Reservation:
    call = ProviderCall(provider="gemini", model="m", operation="story", input={"t": text}, max_cost_micros=most)
    usage = Usage(owner_id=LOCAL_OWNER, book_id=context.book_id, job_id=JobId(context.job_id), unit=unit)
    got = await LedgerStore(home.database, home.assets).reserve(call, usage, Holder(activity="a", attempt=1))
    assert isinstance(got, Reservation)
    return got


async def bought(home: Home, context: BookContext, text: str, unit: str, cost: int) -> None:
    ledger = LedgerStore(home.database, home.assets)
    reservation = await reserved(home, context, text, unit, cost)
    await ledger.sent(reservation, 30)
    asset = await home.assets.put(text.encode(), "text/plain")
    await ledger.settle(reservation, Answer(asset=asset, facts={}, cost_micros=cost))


async def test_costs_are_ones_own_and_admins_see_all(home: Home, client: httpx.AsyncClient) -> None:
    context = await home.order(KITE)
    await bought(home, context, "a", "page/1/narration/0", 1_500)
    await reserved(home, context, "b", "page/2/narration/0", 2_000)
    mine = (await client.get("/api/costs")).json()
    assert [(entry["key"], entry["title"], entry["cost"]) for entry in mine["costs"]] == [
        (context.book_id, KITE.title, "0.0015")
    ]
    assert (mine["total"]["settled"], mine["total"]["reserved_cost"], mine["more"]) == (1, "0.002", 0)
    async with home.client(MIRA, Role.USER) as mira:
        assert (await mira.get("/api/costs")).json()["costs"] == []
        assert (await mira.get(f"/api/jobs/{context.job_id}/costs")).status_code == 404
        assert (await mira.get("/api/admin/costs")).status_code == 403
        assert (
            await mira.put("/api/admin/users/mira/budget", json={"month": "2026-12", "cap": "9"})
        ).status_code == 403
    of_all = (await client.get("/api/admin/costs")).json()
    assert [(entry["key"], entry["cost"]) for entry in of_all["costs"]] == [(LOCAL_OWNER, "0.0015")]
    assert (await client.get("/api/admin/costs", params={"user": "mira", "by": "provider"})).json()["costs"] == []
    by_provider = (await client.get("/api/admin/costs", params={"by": "provider"})).json()
    assert [entry["key"] for entry in by_provider["costs"]] == ["gemini"]


async def test_a_jobs_costs_show_what_is_reserved_apart(home: Home, client: httpx.AsyncClient) -> None:
    context = await home.order(KITE)
    untouched = (await client.get(f"/api/jobs/{context.job_id}/costs")).json()
    assert (untouched["cost"], untouched["reserved"], untouched["stages"]) == ("0.00", "0.00", [])
    await bought(home, context, "a", "page/1/narration/0", 1_500)
    await reserved(home, context, "b", "page/2/narration/0", 2_000)
    found = (await client.get(f"/api/jobs/{context.job_id}/costs", params={"first": 2})).json()
    assert (found["cost"], found["reserved"]) == ("0.0015", "0.002")
    assert found["stages"] == [{"stage": "narration", "cost": "0.0015", "reserved": "0.002", "calls": 2}]
    status = (await client.get(f"/api/jobs/{context.job_id}/status")).json()
    assert (status["cost"], status["reserved"]) == ("0.0015", "0.002")
    spent = {stage["name"]: (stage["cost"], stage["reserved"]) for stage in status["stages"]}
    assert spent == {"text": ("0.00", "0.00"), "narration": ("0.0015", "0.002"), "binding": ("0.00", "0.00")}
    [listed] = (await client.get("/api/jobs")).json()["jobs"]
    assert (listed["cost"], listed["reserved"], listed["stages"][1]["cost"]) == ("0.0015", None, None)
    assert found["pages"] == [{"page": 2, "cost": "0.00", "reserved": "0.002", "calls": 1}]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"month": "2026-13"}, "month"),
        ({"month": "2026-11", "since": "2026-11-01T00:00:00Z"}, "month"),
        ({"since": "2026-11-01T00:00:00"}, "since"),
        ({"by": "colour"}, "by"),
        ({"limit": "0"}, "limit"),
    ],
)
async def test_what_is_no_span_is_refused(client: httpx.AsyncClient, asked: dict[str, str], field: str) -> None:
    answer = await client.get("/api/costs", params=asked)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_an_admin_gives_a_user_a_budget_for_a_month(home: Home, client: httpx.AsyncClient) -> None:
    await home.key(MIRA, Role.USER)
    url = "/api/admin/users/mira/budget"
    before = (await client.get(url, params={"month": "2026-12"})).json()
    assert (before["cap"], before["own"], before["committed"], before["left"]) == (None, False, "0.00", None)
    answer = await client.put(url, json={"month": "2026-12", "cap": "25.00"})
    assert answer.status_code == 200
    assert answer.json() == (await client.get(url, params={"month": "2026-12"})).json()
    assert (answer.json()["cap"], answer.json()["own"], answer.json()["left"]) == ("25.00", True, "25.00")
    assert (await client.get(url, params={"month": "2027-01"})).json()["cap"] is None
    assert (await client.put(url, json={"month": "2026-12", "cap": None})).json()["own"] is False
    assert (await client.get("/api/admin/users/nobody/budget")).status_code == 404
    for wrong in ({"month": "2026-12"}, {"month": "2026-12", "cap": "-1"}, {"month": "12/2026", "cap": "1"}):
        assert (await client.put(url, json=wrong)).status_code == 422
