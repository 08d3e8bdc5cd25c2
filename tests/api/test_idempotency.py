"""Idempotency-Key: whatever is sent again, and however often at once, one thing is done and one answer given."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bookwright.contracts.access import Role
from bookwright.contracts.errors import BadInput, Conflict
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.store.jobs.first_answers import FirstAnswer, FirstAnswers
from tests.support.library import home_at
from tests.support.stories import KITE

KEY = {"Idempotency-Key": "order-77"}


async def test_twenty_orders_at_once_are_one_job_and_one_body(tmp_path: Path) -> None:
    """Fault 10."""
    async with home_at(tmp_path) as home, home.client() as client:
        kite = await home.made(KITE, spoken=[])
        order = {"type": "audio_generation", "storyId": kite.book_id}
        answers = await asyncio.gather(
            *(client.post("/api/jobs/create", json=order, headers=KEY) for _ in range(20)),
        )
        assert {answer.status_code for answer in answers} <= {202, 409}
        bodies = {answer.text for answer in answers if answer.status_code == 202}
        assert len(bodies) == 1
        assert all("still being worked on" in answer.text for answer in answers if answer.status_code == 409)
        later = await client.post("/api/jobs/create", json=order, headers=KEY)
        assert {later.text} == bodies and later.headers["idempotency-replayed"] == "true"
        assert later.headers["location"] and later.headers["retry-after"]
        assert len((await client.get("/api/jobs")).json()["jobs"]) == 2, "the first one and one more"


async def test_a_key_is_for_one_request_of_one_user(tmp_path: Path) -> None:
    """Fault 11."""
    async with home_at(tmp_path) as home, home.client() as client:
        kite, other = await home.made(KITE, spoken=[]), await home.made(KITE, spoken=[])
        order = {"type": "audio_generation", "storyId": kite.book_id}
        assert (await client.post("/api/jobs/create", json=order, headers=KEY)).status_code == 202
        changed = await client.post("/api/jobs/create", json=order | {"storyId": other.book_id}, headers=KEY)
        assert changed.status_code == 422 and changed.json()["errors"][0]["field"] == "Idempotency-Key"
        elsewhere = await client.post(f"/api/jobs/{kite.job_id}/retry", headers=KEY)
        assert elsewhere.status_code == 422
        async with home.client(OwnerId("mira"), Role.USER) as mira:
            own = await mira.post("/api/jobs/create", json=order, headers=KEY)
            assert own.status_code == 404, "it is worked on as if nobody had used the key"


async def test_an_error_is_not_kept(tmp_path: Path) -> None:
    async with home_at(tmp_path) as home, home.client() as client:
        kite = await home.order(KITE)
        order = {"type": "audio_generation", "storyId": kite.book_id}
        assert (await client.post("/api/jobs/create", json=order, headers=KEY)).status_code == 409
        await home.read(kite, KITE)
        await home.close(kite)
        assert (await client.post("/api/jobs/create", json=order, headers=KEY)).status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x7fb"])
async def test_what_can_not_be_a_key_is_refused(tmp_path: Path, key: str) -> None:
    async with home_at(tmp_path) as home, home.client() as client:
        order = {"type": "audio_generation", "storyId": "no-such-book"}
        answer = await client.post("/api/jobs/create", json=order, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_whoever_died_at_work_is_given_up_and_answers_are_kept_for_a_day(tmp_path: Path) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    async with home_at(tmp_path) as home:
        answers = FirstAnswers(home.database, clock=lambda: now)
        assert await answers.begin(LOCAL_OWNER, "k", "body") is None
        with pytest.raises(Conflict):
            await answers.begin(LOCAL_OWNER, "k", "body")
        now += timedelta(seconds=8)
        await answers.hold(LOCAL_OWNER, "k")
        now += timedelta(seconds=8)
        with pytest.raises(Conflict):
            await answers.begin(LOCAL_OWNER, "k", "body")
        now += timedelta(seconds=3)
        assert await answers.begin(LOCAL_OWNER, "k", "body") is None, "nobody has said for ten seconds that he works"
        kept = FirstAnswer(status=202, headers={"location": "/there"}, body="{}")
        await answers.finish(LOCAL_OWNER, "k", kept)
        now += timedelta(hours=23)
        assert await answers.begin(LOCAL_OWNER, "k", "body") == kept
        with pytest.raises(BadInput):
            await answers.begin(LOCAL_OWNER, "k", "another body")
        now += timedelta(hours=1)
        assert await answers.begin(LOCAL_OWNER, "k", "another body") is None
