"""Webhooks over HTTP: from the order of one to a message that its receiver can verify."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from temporalio.client import Client

from activities.delivering import Delivering
from bookwright.contracts.access import Actor, Role
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.contracts.progress import JobState
from bookwright.deliveries import DeliveryStarter
from bookwright.providers.sending import HttpMessenger
from bookwright.store.webhooks.deliveries import DeliveryStore
from tests.support.emulator import ROOT
from tests.support.library import Home, home_at
from tests.support.serving import served
from tests.support.stories import LAMP
from tests.workflows.conftest import client as temporal
from tests.workflows.conftest import working

__all__ = ["temporal"]

BELA = OwnerId("bela")
_BY = Actor("test")
ORDER = {"url": "https://hooks.example.com/a", "events": ["job.completed", "job.failed"]}


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("hooks")) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(home: Home) -> FastAPI:
    return home.app()


@pytest.fixture
async def anna(home: Home, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client(app=app) as client:
        yield client


async def made(client: httpx.AsyncClient, **wishes: Any) -> dict[str, Any]:
    answer = await client.post("/api/webhooks", json=ORDER | wishes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/api/webhooks/{found['webhook_id']}"
    return found


async def test_a_webhook_is_made_changed_and_removed(anna: httpx.AsyncClient) -> None:
    webhook = await made(anna, description="the shop")
    path = f"/api/webhooks/{webhook['webhook_id']}"
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", webhook.pop("secret"))
    assert (await anna.get(path)).json() == webhook, "the secret is shown once"
    assert (await anna.get("/api/webhooks")).json()["webhooks"][0] == webhook
    changed = (await anna.patch(path, json={"events": ["job.paused", "job.paused"], "enabled": False})).json()
    assert (changed["events"], changed["enabled"], changed["url"]) == (["job.paused"], False, ORDER["url"])
    assert (await anna.post(f"{path}/test")).status_code == 409
    assert (await anna.patch(path, json={"enabled": True})).json()["disabled_reason"] is None
    assert (await anna.post(f"{path}/rotate")).json()["rotating_until"]
    assert (await anna.delete(path)).status_code == 204
    assert [(await anna.get(path)).status_code, (await anna.delete(path)).status_code] == [404, 404]
    log = (await anna.get("/api/audit", params={"subject": webhook["webhook_id"]})).json()
    actions = [line["action"] for line in log["entries"]]
    assert actions == ["webhook.deleted", *["webhook.changed"] * 3, "webhook.created"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a",
        "http://[::1]/a",
        "http://0x7f000001/a",
        "http://[::ffff:10.0.0.1]/a",
        "http://169.254.169.254/latest",
        "https://me:secret@hooks.example.com/a",
        "ftp://hooks.example.com/a",
        "hooks.example.com",
        "https://hooks.example.com/" + "a" * 2048,
    ],
)
async def test_an_address_that_nothing_is_sent_to_is_refused(anna: httpx.AsyncClient, url: str) -> None:
    before = (await anna.get("/api/webhooks")).json()
    answer = await anna.post("/api/webhooks", json=ORDER | {"url": url})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "url")
    assert url not in answer.text, "what was given is not repeated"
    assert (await anna.get("/api/webhooks")).json() == before
    webhook = await made(anna)
    assert (await anna.patch(f"/api/webhooks/{webhook['webhook_id']}", json={"url": url})).status_code == 422


async def test_another_users_webhook_is_as_unknown_as_none(home: Home, app: FastAPI, anna: httpx.AsyncClient) -> None:
    path = f"/api/webhooks/{(await made(anna))['webhook_id']}"
    sent = (await anna.post(f"{path}/test")).json()["delivery_id"]
    async with home.client(BELA, Role.USER, app=app) as bela:
        for method, rest in (
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("POST", "/test"),
            ("POST", "/rotate"),
            ("GET", "/deliveries"),
            ("POST", f"/deliveries/{sent}/replay"),
        ):
            body = {"enabled": False} if method == "PATCH" else None
            theirs = await bela.request(method, path + rest, json=body)
            unknown = await bela.request(method, f"/api/webhooks/77{rest}", json=body)
            assert (theirs.status_code, theirs.json()) == (404, unknown.json()), rest
        assert (await bela.get("/api/webhooks")).json()["webhooks"] == []


async def test_nobody_comes_to_webhooks_without_a_key(app: FastAPI) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as stranger:
        for method, path in (("GET", ""), ("POST", ""), ("GET", "/1"), ("POST", "/1/test"), ("GET", "/1/deliveries")):
            assert (await stranger.request(method, f"/api/webhooks{path}")).status_code == 401
        for path in ("replicate/deliveries", "revai/deliveries"):
            assert (await stranger.get(f"/api/webhooks/{path}")).status_code == 404, "a name of no webhook"


# -- delivery --------------------------------------------------------------------------------------------------------


class Shop:
    """A receiver that verifies what comes as docs/webhooks.md shows it, and answers all with one status."""

    def __init__(self) -> None:
        code = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "webhooks.md").read_text(), re.DOTALL)
        assert code
        known: dict[str, Any] = {}
        exec(code[1], known)
        self._verify: Callable[[str, dict[str, str], bytes], None] = known["verify"]
        self.secret = ""
        self.status = 204
        self.came: asyncio.Queue[tuple[dict[str, str], Any]] = asyncio.Queue()
        self.app = Starlette(routes=[Route("/hook", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        headers, body = dict(request.headers), await request.body()
        self._verify(self.secret, headers, body)
        with pytest.raises(ValueError, match="signature"):
            self._verify(self.secret, headers, body + b" ")
        with pytest.raises(ValueError, match="old"):
            self._verify(self.secret, headers | {"webhook-timestamp": "1700000000"}, body)
        await self.came.put((headers, await request.json()))
        return Response(status_code=self.status)


@asynccontextmanager
async def delivering(home: Home, temporal: Client, origin: str) -> AsyncIterator[DeliveryStarter]:
    """A worker that delivers, also to this machine."""
    store = DeliveryStore(home.database)

    def nothing(*_: object) -> None:
        return None

    messenger = HttpMessenger(nothing, allowed=[origin])
    async with working(temporal, Delivering(store, messenger, timedelta(days=5))):
        yield DeliveryStarter(temporal, store)
    await messenger.close()


async def ended(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """The newest delivery, once nothing more comes of it."""
    async with asyncio.timeout(30):
        while True:
            found: dict[str, Any] = (await client.get(f"{path}/deliveries")).json()["deliveries"][0]
            if found["state"] != "pending":
                return found
            await asyncio.sleep(0.05)


async def test_a_job_that_ends_is_told_of_and_can_be_replayed(home: Home, temporal: Client) -> None:
    shop = Shop()
    app = home.app()
    async with served(shop.app) as origin, home.client(app=app) as anna, delivering(home, temporal, origin) as starter:
        webhook = await made(anna)
        path = f"/api/webhooks/{webhook['webhook_id']}"
        shop.secret = webhook["secret"]
        store = app.state.backend.hooks.store
        await store.change(LOCAL_OWNER, webhook["webhook_id"], url=f"{origin}/hook", actor=_BY)
        context = await home.made(LAMP, spoken=[], closed=False)
        await home.close(context, JobState.FAILED, "the voice refused this text")
        await starter.look()
        _, told = await shop.came.get()
        assert told["type"] == "job.failed" and told["data"]["job_id"] == context.job_id
        assert "refused" not in str(told), "nothing of a text"
        delivery = await ended(anna, path)
        assert (delivery["state"], delivery["attempts"], delivery["status"]) == ("delivered", 1, 204)
        fresh = (await anna.post(f"{path}/rotate")).json()["secret"]
        for secret in (webhook["secret"], fresh):
            shop.secret = secret
            again = await anna.post(f"{path}/deliveries/{delivery['delivery_id']}/replay")
            assert (again.status_code, again.json()["state"]) == (202, "pending")
            await starter.look()
            headers, body = await shop.came.get()
            assert (headers["webhook-id"], body) == (delivery["delivery_id"], told)
            assert (await ended(anna, path))["state"] == "delivered"
        with suppress(asyncio.QueueEmpty):
            raise AssertionError(f"it was told too often: {shop.came.get_nowait()}")


async def test_a_receiver_that_is_gone_is_told_no_more(home: Home, temporal: Client) -> None:
    shop = Shop()
    shop.status = 410
    app = home.app()
    async with served(shop.app) as origin, home.client(app=app) as anna, delivering(home, temporal, origin) as starter:
        webhook = await made(anna)
        path = f"/api/webhooks/{webhook['webhook_id']}"
        shop.secret = webhook["secret"]
        store = app.state.backend.hooks.store
        await store.change(LOCAL_OWNER, webhook["webhook_id"], url=f"{origin}/hook", actor=_BY)
        assert (await anna.post(f"{path}/test")).status_code == 202
        await starter.look()
        assert (await shop.came.get())[1]["type"] == "webhook.test"
        delivery = await ended(anna, path)
        assert (delivery["state"], delivery["attempts"], delivery["status"]) == ("failed", 1, 410)
        assert (await anna.get(path)).json()["disabled_reason"] == "it answered 410 Gone"
        alerts = app.state.backend.alerts
        await alerts.look()
        [alert] = (await anna.get("/api/admin/alerts?state=open")).json()["alerts"][:1]
        assert alert["kind"] == "webhook_disabled"
        shown = (await anna.get("/api/admin/jobs/stats")).json()["alerts"]
        assert alert["number"] in [one["number"] for one in shown]
        seen = await anna.post(f"/api/admin/alerts/{alert['number']}/acknowledge")
        assert (seen.status_code, seen.json()["acknowledged_by"]) == (200, LOCAL_OWNER)
        shown = (await anna.get("/api/admin/jobs/stats")).json()["alerts"]
        assert alert["number"] not in [one["number"] for one in shown]
        assert (await anna.post("/api/admin/alerts/999999/acknowledge")).status_code == 404
