"""Keys, sessions and signed URLs: what opens, and what opens no more."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from api.access import links
from api.access.guard import COOKIE, CSRF_HEADER, csrf_token
from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.store import SERVICE
from bookwright.store.access import credentials, secrets
from bookwright.store.access.credentials import Credentials
from bookwright.store.access.keys import KeyStore
from bookwright.store.access.tables import audit, keys, sessions
from tests.support.library import Home, home_at
from tests.support.stories import KITE

BELA = OwnerId("bela")


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("access")) as opened:
        await opened.made(KITE, spoken=[1])
        yield opened


@pytest.fixture(scope="module")
def app(home: Home) -> FastAPI:
    return home.app()


@pytest.fixture
async def asking(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without anything."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        yield client


@pytest.fixture
async def admin(home: Home, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client(app=app) as client:
        yield client


@pytest.fixture
async def bela(home: Home, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client(BELA, Role.USER, app=app) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def made(client: httpx.AsyncClient, **wishes: Any) -> dict[str, Any]:
    answer = await client.post("/api/keys", json={"name": "a key", **wishes})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def opens(asking: httpx.AsyncClient, headers: dict[str, str], url: str = "/api/books/1/reader") -> int:
    return (await asking.get(url, headers=headers)).status_code


# -- keys ------------------------------------------------------------------------------------------------------------


async def test_a_key_is_shown_once_and_kept_as_a_hash(home: Home, admin: httpx.AsyncClient) -> None:
    key = await made(admin, name="laptop")
    listed = (await admin.get("/api/keys")).json()["keys"]
    assert listed[0] == {name: value for name, value in key.items() if name != "key"}
    secret = key["key"].rpartition("_")[2]
    rows = await home.database.read(SERVICE, lambda c: [repr(c.execute(sa.select(t)).all()) for t in (keys, audit)])
    assert all(secret not in row for row in rows)
    assert secrets.digest(key["key"]) in rows[0]


async def test_a_revoked_key_opens_nothing_from_then_on(
    home: Home, admin: httpx.AsyncClient, asking: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "GLANCE_S", 0.0)
    key = await made(admin)
    headers = bearer(key["key"])
    store = Credentials(home.database)
    caller = await store.by_key(key["key"])
    assert caller
    session = await store.sign_in(caller)
    ticket = await store.ticket(caller.owner, caller.key_id)
    url = (await asking.get("/api/books/1/reader", headers=headers)).json()["cover_url"]
    cookie = {"Cookie": f"{COOKIE}={session}"}
    assert [await opens(asking, headers), await opens(asking, cookie), await opens(asking, {}, url)] == [200] * 3
    assert await store.still_allowed(caller)
    for _ in range(2):
        assert (await admin.delete(f"/api/keys/{key['id']}")).status_code == 204
        assert [await opens(asking, headers), await opens(asking, cookie), await opens(asking, {}, url)] == [401] * 3
    assert not await store.still_allowed(caller)
    assert await store.redeem(ticket) is None


async def test_streams_that_ask_again_and_again_ask_the_store_once_in_a_while(home: Home) -> None:
    store = Credentials(home.database)
    caller = await store.by_key(await home.key())
    assert caller
    assert await store.still_allowed(caller)
    await KeyStore(home.database).revoke(LOCAL_OWNER, caller.key_id, actor="test")
    assert await store.still_allowed(caller), "it was asked a moment ago"
    assert not await Credentials(home.database).still_allowed(caller)


async def test_an_expired_key_opens_nothing(home: Home, asking: httpx.AsyncClient) -> None:
    now = datetime.now(UTC)
    young, old = [await home.key(expires_at=now + timedelta(seconds=seconds)) for seconds in (60, -1)]
    assert [await opens(asking, bearer(key)) for key in (young, old)] == [200, 401]


async def test_what_is_no_key_opens_nothing(home: Home, asking: httpx.AsyncClient) -> None:
    key = await home.key()
    wrong = [key[:-1] + ("A" if key[-1] != "A" else "B"), key[:-1], key + "A", key.upper(), "bw_", "", "x" * 10_000]
    for headers in [*map(bearer, wrong), {"Authorization": f"Basic {key}"}, {"Authorization": key}]:
        answer = await asking.get("/api/books/1/reader", headers=headers)
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert await opens(asking, {"Authorization": f"bearer  {key}"}) == 200


async def test_keys_are_compared_in_constant_time_known_or_not(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return False

    monkeypatch.setattr(credentials, "compare_digest", compare)
    store, key = Credentials(home.database), await home.key()
    for shown in (key, secrets.KEYS.make().secret, "nonsense"):
        assert await store.by_key(shown) is None
        kept, digest = compared.pop()
        assert (len(kept), digest) == (64, secrets.digest(shown)), "hashes of equal length, never the keys"


async def test_a_key_in_an_address_is_refused_even_beside_a_right_one(
    home: Home, admin: httpx.AsyncClient, asking: httpx.AsyncClient
) -> None:
    key = await home.key()
    for query in (f"key={key}", f"access_token={key}", f"q={key.replace('_', '%5F')}", key):
        for client in (asking, admin):
            answer = await client.get(f"/api/books/1/reader?{query}")
            assert answer.status_code == 401
            assert key not in answer.text


async def test_scopes_bound_what_a_key_may_be_used_for(admin: httpx.AsyncClient, asking: httpx.AsyncClient) -> None:
    reading = bearer((await made(admin, scopes=["read"]))["key"])
    writing = bearer((await made(admin, scopes=["write"]))["key"])
    order = {"path": "/api/books/1/cover"}
    assert await opens(asking, reading) == 200
    assert await opens(asking, writing) == 403
    assert (await asking.post("/api/links", json=order, headers=reading)).status_code == 403
    assert (await asking.post("/api/links", json=order, headers=writing)).status_code == 200
    assert await opens(asking, reading, "/api/keys") == 403
    assert (await asking.post("/api/keys", json={"name": "more"}, headers=writing)).status_code == 403


async def test_a_key_makes_none_that_can_do_more_or_lives_longer(
    bela: httpx.AsyncClient, asking: httpx.AsyncClient
) -> None:
    assert (await bela.post("/api/keys", json={"name": "up", "role": "admin"})).status_code == 403
    soon = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
    small = await made(bela, scopes=["read", "write", "keys"], expires_at=soon.isoformat())
    for wished in (None, (soon + timedelta(days=9)).isoformat()):
        child = (
            await asking.post("/api/keys", json={"name": "child", "expires_at": wished}, headers=bearer(small["key"]))
        ).json()
        assert datetime.fromisoformat(child["expires_at"]) == soon
    for wrong in ("2020-01-01T00:00:00Z", "2040-01-01T00:00:00", "soon"):
        answer = await bela.post("/api/keys", json={"name": "late", "expires_at": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "expires_at")


async def test_only_an_admin_names_other_users(admin: httpx.AsyncClient, bela: httpx.AsyncClient) -> None:
    own = (await bela.get("/api/keys", params={"user_id": BELA})).json()
    assert {key["user_id"] for key in own["keys"]} == {BELA}
    assert (await bela.get("/api/keys", params={"user_id": LOCAL_OWNER})).status_code == 403
    assert (await bela.post("/api/keys", json={"name": "a", "user_id": LOCAL_OWNER})).status_code == 403
    theirs = await made(admin, user_id=BELA)
    assert theirs["user_id"] == BELA
    assert (await bela.delete(f"/api/keys/{theirs['id']}", params={"user_id": LOCAL_OWNER})).status_code == 403
    assert (await admin.delete(f"/api/keys/{theirs['id']}")).status_code == 404
    assert (await admin.delete(f"/api/keys/{theirs['id']}", params={"user_id": BELA})).status_code == 204
    nobody = await admin.post("/api/keys", json={"name": "a", "user_id": "nobody"})
    assert (nobody.status_code, nobody.json()["errors"][0]["field"]) == (422, "user_id")


async def test_admins_make_and_list_users(admin: httpx.AsyncClient) -> None:
    mira = await admin.post("/api/users", json={"user_id": "mira", "name": "Mira"})
    assert (mira.status_code, mira.json()["name"]) == (201, "Mira")
    assert (await admin.post("/api/users", json={"user_id": "mira"})).status_code == 409
    assert (await admin.post("/api/users", json={"user_id": "../mira"})).status_code == 422
    assert "mira" in {user["user_id"] for user in (await admin.get("/api/users")).json()["users"]}


async def test_lists_come_in_parts_newest_first(home: Home, app: FastAPI) -> None:
    async with home.client(OwnerId("collector"), Role.USER, app=app) as collector:
        names = [(await made(collector, name=f"key {n}"))["name"] for n in range(5)]
        seen: list[str] = []
        url = "/api/keys?limit=2"
        while url:
            answer = await collector.get(url)
            seen += [key["name"] for key in answer.json()["keys"]]
            url = answer.links.get("next", {}).get("url", "")
        assert seen == [*reversed(names), "a test's"]
        for cursor in ("nonsense", "W10=", "e30=", "WyJ4IiwgMV0=", "WyIyMDIwLTAxLTAxIiwgImEiXQ=="):
            answer = await collector.get("/api/keys", params={"cursor": cursor})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


async def test_changes_of_keys_are_written_down(home: Home, admin: httpx.AsyncClient) -> None:
    key = await made(admin, name="seen")
    await admin.delete(f"/api/keys/{key['id']}")
    written = sa.select(audit).where(audit.c.subject == key["id"]).order_by(audit.c.number)
    rows = await home.database.read(LOCAL_OWNER, lambda c: c.execute(written).all())
    assert [(row.action, row.actor, row.owner_id) for row in rows] == [
        ("key.created", LOCAL_OWNER, LOCAL_OWNER),
        ("key.revoked", LOCAL_OWNER, LOCAL_OWNER),
    ]
    assert rows[0].facts["name"] == "seen"


async def test_the_first_admin_is_made_once(tmp_path: Path) -> None:
    async with home_at(tmp_path) as home:
        store = KeyStore(home.database)
        first = await store.first_admin()
        assert first and await store.first_admin() is None
        caller = await Credentials(home.database).by_key(first.key)
        assert caller and (caller.owner, caller.role) == (LOCAL_OWNER, Role.ADMIN)
        assert await store.admin_key(LOCAL_OWNER) == caller.key_id
        await store.revoke(LOCAL_OWNER, caller.key_id, actor="test")
        assert await store.first_admin(), "whoever locked themselves out gets in again on this machine"


# -- signed URLs -----------------------------------------------------------------------------------------------------


async def test_signed_urls_open_what_they_are_for_and_nothing_else(
    admin: httpx.AsyncClient, asking: httpx.AsyncClient
) -> None:
    book = (await admin.get("/api/books/1/reader")).json()
    sound, cover = book["pages"][0]["audio_url"], book["cover_url"]
    for url in (sound, cover):
        assert (await asking.get(url)).status_code == 200
        assert (await asking.get(url, headers={"Range": "bytes=0-9"})).status_code in (200, 206)
        assert (await asking.post(url)).status_code == 401
    assert (await asking.head(sound)).status_code == 200
    path, _, query = cover.partition("?")
    signature = parse_qs(query)["signature"][0]
    key, until, mac = signature.split(".")
    for wrong in (
        f"{path.replace('cover', 'reader')}?{query}",
        sound.replace("v=", "v=0"),
        f"{path}?x=1&{query}",
        f"{path}?{query}&x=1",
        f"{path}?signature={key}.{int(until) + 1}.{mac}",
        f"{path}?signature={key}.{until}.{mac[:-1]}",
        f"{path}?signature={'0' * 16}.{until}.{mac}",
        f"{path}?signature={key}.{until}",
        f"{path.replace('cover', 'cove%2572')}?{query}",
        f"{path}?signature={key}.٣.é",
        path,
    ):
        assert (await asking.get(wrong)).status_code == 401, wrong


async def test_a_signed_url_ends(home: Home, asking: httpx.AsyncClient) -> None:
    caller = await Credentials(home.database).by_key(await home.key())
    assert caller
    assert await opens(asking, {}, links.signed(caller, "/api/books/1/cover", lifetime_s=60)) == 200
    assert await opens(asking, {}, links.signed(caller, "/api/books/1/cover", lifetime_s=-60)) == 401
    other = replace(caller, owner=BELA)
    assert await opens(asking, {}, links.signed(other, "/api/books/1/cover")) == 401


async def test_a_signed_url_is_made_for_any_path_that_can_be_read(
    admin: httpx.AsyncClient, bela: httpx.AsyncClient, asking: httpx.AsyncClient
) -> None:
    url = (await admin.post("/api/links", json={"path": "/api/books/1/reader?a=%20b"})).json()["url"]
    assert (await asking.get(url)).status_code == 200
    theirs = (await bela.post("/api/links", json={"path": "/api/books/1/reader"})).json()["url"]
    assert (await asking.get(theirs)).status_code == 404, "it opens what Bela may open"
    for path in ("//evil.example/", "https://evil.example/api/", "/read/1", "/api/a#b", "/api/a\nb"):
        assert (await admin.post("/api/links", json={"path": path})).status_code == 422


# -- pages -----------------------------------------------------------------------------------------------------------


async def test_somebody_signs_in_reads_and_signs_out(home: Home, asking: httpx.AsyncClient) -> None:
    key = await home.key()
    asked = await asking.get("/read/1", headers={"Accept": "text/html"})
    form = await asking.get(asked.headers["location"])
    assert form.status_code == 200 and 'value="/read/1"' in form.text
    wrong = await asking.post("/signin", data={"key": "bw_wrong", "next": "/read/1"})
    assert wrong.status_code == 403 and "does not work" in wrong.text and "bw_wrong" not in wrong.text
    signed_in = await asking.post("/signin", data={"key": f" {key}\n", "next": "/read/1"})
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/read/1")
    cookie = signed_in.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie
    assert (await asking.get("/read/1")).status_code == 200
    book = (await asking.get("/api/books/1/reader")).json()
    assert "signature" not in json.dumps(book), "a cookie opens them"
    assert (await asking.get(book["pages"][0]["audio_url"])).status_code == 200
    page = await asking.get("/signin")
    token = csrf_token(asking.cookies[COOKIE])
    assert "You are signed in" in page.text and token in page.text
    session = asking.cookies[COOKIE]
    assert (await asking.post("/signout", data={"csrf": "0" * 64})).status_code == 403
    assert (await asking.post("/signout", data={"csrf": token})).status_code == 303
    assert COOKIE not in asking.cookies
    assert await opens(asking, {"Cookie": f"{COOKIE}={session}"}) == 401


async def test_a_change_by_cookie_needs_the_pages_token(home: Home, asking: httpx.AsyncClient) -> None:
    session = await home.session()
    asking.headers["Cookie"] = f"{COOKIE}={session}"
    right = csrf_token(session)
    for token, status in (("", 403), ("0" * 64, 403), ("é", 403), (right, 201)):
        headers = {CSRF_HEADER.encode(): token.encode()} if token else {}
        answer = await asking.post("/api/keys", json={"name": "by a page"}, headers=headers)
        assert answer.status_code == status
    key = await home.key(BELA, Role.USER)
    by_key = await asking.post("/api/keys", json={"name": "by a key"}, headers=bearer(key))
    assert (by_key.status_code, by_key.json()["user_id"]) == (201, BELA), "a key goes before a cookie"


async def test_over_https_the_cookie_is_for_https_only(home: Home, asking: httpx.AsyncClient) -> None:
    answer = await asking.post("https://localhost/signin", data={"key": await home.key()})
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_the_link_that_serve_prints_signs_in_once(home: Home, app: FastAPI, asking: httpx.AsyncClient) -> None:
    store = Credentials(home.database)
    caller = await store.by_key(await home.key())
    assert caller
    ticket = await store.ticket(LOCAL_OWNER, caller.key_id)
    assert await store.by_session(ticket) is None, "a ticket is no session"
    link = f"/signin?ticket={ticket}&next=%2Fread%2F1"
    first = await asking.get(link)
    assert (first.status_code, first.headers["location"]) == (303, "/read/1")
    assert (await asking.get("/read/1")).status_code == 200
    again = await asking.get(link)
    assert (again.status_code, again.headers["location"]) == (303, "/read/1"), "the same browser is signed in"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as other:
        refused = await other.get(link)
        assert refused.status_code == 200 and "has been used" in refused.text
        assert COOKIE not in other.cookies


@pytest.mark.parametrize(
    "next",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "read/1",
        "/\n//x",
    ],
)
async def test_signing_in_leads_to_no_other_site(home: Home, asking: httpx.AsyncClient, next: str) -> None:
    answer = await asking.post("/signin", data={"key": await home.key(), "next": next})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_another_sites_form_signs_nobody_in(home: Home, asking: httpx.AsyncClient) -> None:
    data = {"key": await home.key()}
    answer = await asking.post("/signin", data=data, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert (await asking.post("/signin", content=b"key=" + b"a" * 5000)).status_code == 413
    assert (await asking.post("/signin", content=b"\xff&" * 100)).status_code == 422


async def test_a_session_ends_by_itself(home: Home) -> None:
    token = await home.session()
    later = Credentials(home.database, lambda: datetime.now(UTC) + credentials.SESSION)
    assert await Credentials(home.database).by_session(token)
    caller = await later.by_session(token)
    assert caller is None
    await later.ticket(LOCAL_OWNER, (await KeyStore(home.database).keys(LOCAL_OWNER, 1))[0].id)
    left = sa.select(sessions.c.digest).where(sessions.c.digest == secrets.digest(token))
    assert await home.database.read(SERVICE, lambda c: c.execute(left).first()) is None


# -- limits ----------------------------------------------------------------------------------------------------------


async def test_who_asks_too_often_waits_and_others_do_not(home: Home) -> None:
    app = home.app(request_limit="3/hour")
    async with home.client(app=app) as one, home.client(BELA, Role.USER, app=app) as two:
        answers = [await one.get("/api/keys") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]
        assert answers[0].headers["ratelimit-policy"] == '"user";q=3;w=3600'
        assert 0 < int(answers[3].headers["retry-after"]) <= 3600
        assert answers[3].headers["content-type"] == "application/problem+json"
        assert (await two.get("/api/keys")).status_code == 200
        two.headers["Authorization"] = "Bearer wrong"
        assert [(await two.get("/api/keys")).status_code for _ in range(4)] == [401, 401, 401, 429]
