"""Reports of providers: whose are taken, and that they do no more than wake who waits."""

import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import sqlalchemy as sa

from api.access.webhooks import TOLERANCE_S, is_signed, signing_key
from bookwright.contracts.calls import Holder, ProviderCall, Reservation, Usage
from bookwright.contracts.errors import Misconfigured
from bookwright.contracts.ids import LOCAL_OWNER, JobId
from bookwright.store import SERVICE, LedgerStore
from bookwright.store.ledger.tables import provider_attempts
from emulators.replicate.webhooks import KEY, SECRET, signed
from tests.support.library import Home, Shelved
from tests.support.stories import LAMP

BODY = json.dumps({"id": "p1", "status": "succeeded", "metrics": {"predict_time": 9_999}}).encode()
UNKNOWN = "u" * 43


@pytest.fixture
def ledger(shelved: Shelved) -> LedgerStore:
    return LedgerStore(shelved.home.database, shelved.home.assets)


@pytest.fixture
async def provider(shelved: Shelved) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody outside, without a key."""
    transport = httpx.ASGITransport(shelved.home.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as asking:
        yield asking


async def waiting(home: Home, ledger: LedgerStore, token: str) -> Reservation:
    """An attempt whose job runs at a provider."""
    context = await home.made(LAMP, spoken=[], closed=False)
    usage = Usage(owner_id=LOCAL_OWNER, book_id=context.book_id, job_id=JobId(context.job_id), unit="page/1")
    call = ProviderCall(provider="replicate", model="m", operation="sound", input={"token": token}, max_cost_micros=0)
    reservation = await ledger.reserve(call, usage, Holder(activity=token, attempt=1))
    assert isinstance(reservation, Reservation)
    await ledger.sent(reservation, 60, token)
    return reservation


async def row(home: Home, token: str) -> dict[str, object]:
    query = sa.select(provider_attempts).where(provider_attempts.c.token == token)
    return dict(await home.database.read(SERVICE, lambda c: c.execute(query).mappings().one()))


async def test_a_signed_report_wakes_and_changes_nothing_else(
    shelved: Shelved, ledger: LedgerStore, provider: httpx.AsyncClient
) -> None:
    token = "a" * 43
    await waiting(shelved.home, ledger, token)
    before = await row(shelved.home, token)
    headers = signed("msg_1", BODY)
    answer = await provider.post(f"/api/webhooks/replicate/{token}", content=BODY, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await ledger.woken([token]) == {token}
    after = await row(shelved.home, token)
    assert {name for name in after if after[name] != before[name]} == {"woken_at"}
    for again in (headers, signed("msg_2", BODY)):  # the same one, and another one
        answer = await provider.post(f"/api/webhooks/replicate/{token}", content=BODY, headers=again)
        assert answer.status_code == 204
    assert await row(shelved.home, token) == after


async def test_a_report_that_is_not_signed_just_so_is_refused(
    shelved: Shelved, ledger: LedgerStore, provider: httpx.AsyncClient
) -> None:
    token, now = "b" * 43, int(time.time())
    await waiting(shelved.home, ledger, token)
    good = signed("msg_1", BODY)
    wrong = [
        {},
        {name: value for name, value in good.items() if name != "webhook-signature"},
        {name: value for name, value in good.items() if name != "webhook-timestamp"},
        {name: value for name, value in good.items() if name != "webhook-id"},
        good | {"webhook-id": "msg_2"},
        good | {"webhook-timestamp": str(now + 1_000)},
        good | {"webhook-timestamp": "soon"},
        good | {"webhook-signature": "v1,AAAA"},
        good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v2,")},
        signed("msg_1", BODY + b" "),
        signed("msg_1", BODY, now - TOLERANCE_S - 10),
        signed("msg_1", BODY, now + TOLERANCE_S + 10),
    ]
    for headers in wrong:
        answer = await provider.post(f"/api/webhooks/replicate/{token}", content=BODY, headers=headers)
        assert answer.status_code == 401 and answer.headers["content-type"] == "application/problem+json", headers
    assert await ledger.woken([token]) == set()


async def test_a_report_that_nobody_signs_only_wakes_who_has_that_token(
    shelved: Shelved, ledger: LedgerStore, provider: httpx.AsyncClient
) -> None:
    token = "c" * 43
    await waiting(shelved.home, ledger, token)
    for content in (b"", b"not even JSON", BODY):
        assert (await provider.post(f"/api/webhooks/revai/{token}", content=content)).status_code == 204
    assert await ledger.woken([token, UNKNOWN]) == {token}


async def test_nobody_learns_which_tokens_there_are(provider: httpx.AsyncClient) -> None:
    headers = signed("msg_1", BODY)
    for path in (f"replicate/{UNKNOWN}", f"revai/{UNKNOWN}"):
        assert (await provider.post(f"/api/webhooks/{path}", content=BODY, headers=headers)).status_code == 204
    for path in ("replicate/short", "revai/short", f"revai/{UNKNOWN}x", f"revai/{'%27' * 14}x"):
        assert (await provider.post(f"/api/webhooks/{path}", content=BODY, headers=headers)).status_code == 404
    assert (await provider.get(f"/api/webhooks/revai/{UNKNOWN}")).status_code == 405
    assert (await provider.post(f"/api/webhooks/other/{UNKNOWN}", content=BODY)).status_code == 401


async def test_a_report_that_is_too_long_is_refused(provider: httpx.AsyncClient) -> None:
    body = b"a" * (4 * 1024 * 1024 + 1)
    answer = await provider.post(f"/api/webhooks/replicate/{UNKNOWN}", content=body, headers=signed("msg_1", body))
    assert answer.status_code == 413


def test_one_of_several_signatures_is_enough() -> None:
    """As while a secret is being replaced."""
    headers = signed("msg_1", BODY, 1_000)
    headers["webhook-signature"] = f"v1,AAAA v1a,BBBB {headers['webhook-signature']}"
    assert is_signed(KEY, headers, BODY, 1_000 + TOLERANCE_S)
    assert not is_signed(b"another key", headers, BODY, 1_000)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "c2VjcmV0"])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    assert signing_key(SECRET) == KEY
    with pytest.raises(Misconfigured):
        signing_key(secret)
