"""Users: roles, limits and deactivation, and what the audit log says of all that."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from api.access.guard import COOKIE
from bookwright.contracts.access import Role, Scope
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.store import SERVICE
from bookwright.store.access.keys import KeyStore
from bookwright.store.access.tables import audit
from tests.support.library import Home, home_at
from tests.support.stories import KITE

BELA = OwnerId("bela")


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("users")) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(home: Home) -> FastAPI:
    return home.app()


@pytest.fixture
async def admin(home: Home, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client(app=app) as client:
        yield client


@pytest.fixture
async def bela(home: Home, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client(BELA, Role.USER, app=app) as client:
        yield client


@pytest.fixture
async def asking(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        yield client


async def logged(client: httpx.AsyncClient, **wanted: Any) -> list[dict[str, Any]]:
    answer = await client.get("/api/audit", params=wanted)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


async def test_a_user_is_made_found_changed_and_seen_by_themselves_only(
    admin: httpx.AsyncClient, bela: httpx.AsyncClient
) -> None:
    order = {"user_id": "mira", "name": "Mira % Mirza", "limits": {"month_usd": "20.00", "jobs_at_once": 3}}
    made = await admin.post("/api/users", json=order)
    assert made.status_code == 201
    assert made.headers["location"] == "/api/users/mira"
    assert (await admin.post("/api/users", json=order)).status_code == 409
    change = {"limits": {"jobs_at_once": None, "requests_per_minute": 50}}
    changed = (await admin.patch("/api/users/mira", json=change)).json()
    assert changed["limits"] == {"jobs_at_once": None, "requests_per_minute": 50, "month_usd": "20.00"}
    assert (await admin.get("/api/users/mira")).json() == changed
    for q, found in (("irz", ["mira"]), ("% M", ["mira"]), ("MIRA", ["mira"]), ("_", [])):
        assert [user["user_id"] for user in (await admin.get("/api/users", params={"q": q})).json()["users"]] == found
    assert (await bela.get("/api/users/bela")).json()["role"] == "user"
    theirs, nobodys = await bela.get("/api/users/mira"), await bela.get("/api/users/nobody")
    assert (theirs.status_code, theirs.content) == (404, nobodys.content)
    assert (await bela.patch("/api/users/bela", json={"role": "admin"})).status_code == 403
    assert (await bela.get("/api/usage")).json()["limits"]["month_usd"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "body"),
        ({"limits": {"jobs_at_once": 0}}, "limits.jobs_at_once"),
        ({"limits": {"requests_per_minute": "often"}}, "limits.requests_per_minute"),
        ({"limits": {"month_usd": "-1"}}, "limits.month_usd"),
        ({"limits": {"month_usd": "NaN"}}, "limits.month_usd"),
        ({"role": "king"}, "role"),
        ({"name": "a\nb"}, "name"),
        ({"admin": True}, "admin"),
    ],
)
async def test_a_change_that_is_none_names_its_field(
    admin: httpx.AsyncClient, bela: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    answer = await admin.patch("/api/users/bela", json=change)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_who_is_deactivated_is_out_at_once_and_back_when_activated(
    home: Home, app: FastAPI, admin: httpx.AsyncClient, asking: httpx.AsyncClient
) -> None:
    user = OwnerId("cara")
    key = await home.key(user, Role.USER)
    bearer = {"Authorization": f"Bearer {key}"}
    signed = await asking.post("/signin", data={"key": key})
    cookie = {"Cookie": f"{COOKIE}={signed.cookies[COOKIE]}"}
    asking.cookies.clear()
    assert [(await asking.get("/api/books", headers=each)).status_code for each in (bearer, cookie)] == [200, 200]
    off = (await admin.patch(f"/api/users/{user}", json={"disabled": True})).json()
    assert off["disabled"]
    assert (await admin.patch(f"/api/users/{user}", json={"disabled": True})).json() == off, (
        "since when does not change"
    )
    assert [(await asking.get("/api/books", headers=each)).status_code for each in (bearer, cookie)] == [401, 401]
    refused = await admin.post("/api/keys", json={"name": "late", "user_id": user})
    assert (refused.status_code, "activate" in refused.json()["detail"]) == (409, True)
    await admin.patch(f"/api/users/{user}", json={"disabled": False})
    assert [(await asking.get("/api/books", headers=each)).status_code for each in (bearer, cookie)] == [200, 401]


async def test_a_role_that_is_taken_away_is_gone_from_keys_and_one_admin_is_always_left(
    home: Home, admin: httpx.AsyncClient, asking: httpx.AsyncClient
) -> None:
    deputy = OwnerId("dora")
    key = await home.key(deputy, Role.ADMIN)
    headers = {"Authorization": f"Bearer {key}"}
    assert (await admin.get(f"/api/users/{deputy}")).json()["role"] == "admin"
    assert (await asking.get("/api/users", headers=headers)).status_code == 200
    assert (await admin.patch(f"/api/users/{deputy}", json={"role": "user"})).status_code == 200
    assert (await asking.get("/api/users", headers=headers)).status_code == 403
    assert (await asking.get("/api/books", headers=headers)).status_code == 200
    for change in ({"role": "user"}, {"disabled": True}):
        last = await admin.patch(f"/api/users/{LOCAL_OWNER}", json=change)
        assert (last.status_code, "no admin" in last.json()["detail"]) == (409, True)


async def test_a_keys_last_use_is_known_to_within_minutes(home: Home, app: FastAPI) -> None:
    async with home.client(OwnerId("gesa"), Role.USER, app=app) as gesa:
        unused = (await gesa.post("/api/keys", json={"name": "unused"})).json()
        assert unused["last_used_at"] is None
        listed = {key["id"]: key for key in (await gesa.get("/api/keys")).json()["keys"]}
        assert listed[unused["id"]]["last_used_at"] is None
        [used] = [key for key in listed.values() if key["last_used_at"]]
        assert abs(datetime.now(UTC) - datetime.fromisoformat(used["last_used_at"])) < timedelta(minutes=1)
        again = {key["id"]: key for key in (await gesa.get("/api/keys")).json()["keys"]}
        assert again[used["id"]] == used, "it is not written down with each request"


async def test_sessions_are_listed_and_ended_one_by_one(home: Home, asking: httpx.AsyncClient) -> None:
    user = OwnerId("edda")
    key = await home.key(user, Role.USER)
    agents = ("Firefox\x00 on a \N{RIGHT-TO-LEFT OVERRIDE}train", "<b>Browser</b>" * 40)
    cookies = []
    for agent in agents:
        signed = await asking.post("/signin", data={"key": key}, headers=[(b"User-Agent", agent.encode())])
        cookies.append({"Cookie": f"{COOKIE}={signed.cookies[COOKIE]}"})
        asking.cookies.clear()
    sessions = (await asking.get("/api/sessions", headers=cookies[0])).json()["sessions"]
    assert [session["current"] for session in sessions] in ([True, False], [False, True])
    [own] = [session for session in sessions if session["current"]]
    [other] = [session for session in sessions if not session["current"]]
    assert own["agent"].startswith("Firefox on a")
    assert len(other["agent"]) == 200
    bearer = {"Authorization": f"Bearer {key}"}
    for expected in (204, 404):
        ended = await asking.delete(f"/api/sessions/{other['id']}", headers=bearer)
        assert ended.status_code == expected
    assert [(await asking.get("/api/books", headers=each)).status_code for each in cookies] == [200, 401]


async def test_the_log_says_who_did_what_to_whom_from_which_network(
    home: Home, admin: httpx.AsyncClient, asking: httpx.AsyncClient, bela: httpx.AsyncClient
) -> None:
    await admin.patch("/api/users/bela", json={"limits": {"jobs_at_once": 4}})
    [line, *_] = await logged(admin, user_id="bela", action="user.changed")
    assert (line["actor"], line["facts"], line["outcome"]) == (LOCAL_OWNER, {"limits": {"jobs_at_once": 4}}, "ok")
    assert line["address"] == "127.0.0.0/24", "the network, not the machine"
    own = (await admin.get("/api/keys")).json()["keys"]
    assert line["key_id"] in {key["id"] for key in own}
    seen = await logged(bela)
    assert line in seen
    assert {each["user_id"] for each in seen} == {BELA}
    assert (await bela.get("/api/audit", params={"user_id": LOCAL_OWNER})).status_code == 403
    everybodys = await logged(admin, limit=100)
    assert {BELA, LOCAL_OWNER} <= {each["user_id"] for each in everybodys}
    part = await admin.get("/api/audit", params={"limit": 2, "user_id": "bela"})
    rest = await admin.get("/api/audit", params={"cursor": part.json()["next_cursor"], "user_id": "bela"})
    assert (part.json()["entries"] + rest.json()["entries"])[:4] == (await logged(admin, user_id="bela"))[:4]
    for name in ("since", "until"):
        assert (await admin.get("/api/audit", params={name: "2026-01-01T00:00:00"})).status_code == 422
    assert await logged(admin, until="2020-01-01T00:00:00Z") == []


async def test_sign_ins_are_written_down_also_those_in_vain(
    home: Home, admin: httpx.AsyncClient, asking: httpx.AsyncClient
) -> None:
    user = OwnerId("fritz")
    made = await KeyStore(home.database).create(user, "a", actor="test", scopes=frozenset({Scope.READ}))
    await asking.post("/signin", data={"key": made.key})
    asking.cookies.clear()
    await asking.post("/signin", data={"key": made.key[:-4] + "AAAA"})
    await asking.post("/signin", data={"key": "bw_nonsense"})
    lines = await logged(admin, action="session.created", user_id=user)
    assert [(line["actor"], line["outcome"], line["subject"]) for line in lines] == [
        ("", "failed", made.facts.id),
        (user, "ok", made.facts.id),
    ]
    [unknown, *_] = [line for line in await logged(admin, outcome="failed") if not line["user_id"]]
    assert unknown["subject"] == ""
    kept = await home.database.read(SERVICE, lambda c: repr(c.execute(sa.select(audit)).all()))
    assert made.key.rpartition("_")[2][:30] not in kept
    assert "nonsense" not in kept


async def test_deleting_a_book_and_raising_a_budget_are_written_down(home: Home, admin: httpx.AsyncClient) -> None:
    context = await home.made(KITE, spoken=[])
    assert (await admin.delete(f"/api/books/{context.book_id}")).status_code == 204
    [line, *_] = await logged(admin, action="book.deleted")
    assert (line["subject"], line["user_id"], list(line["facts"])) == (context.book_id, LOCAL_OWNER, ["number"])
    held = await home.order(KITE)
    await admin.post(f"/api/jobs/{held.job_id}/budget", json={"cap": "2.50"})
    [raised, *_] = await logged(admin, action="budget.raised")
    assert (raised["subject"], raised["facts"]) == (held.job_id, {"cap": "2.50"})


async def test_a_line_can_be_neither_changed_nor_taken_out(home: Home, admin: httpx.AsyncClient) -> None:
    assert await logged(admin)
    for change in (sa.update(audit).values(actor="nobody"), sa.delete(audit)):
        with pytest.raises(sa.exc.IntegrityError, match="only grows"):
            await home.database.write(SERVICE, partial(sa.Connection.execute, statement=change))
