"""Audiobooks over HTTP: section 5's second half, before any worker has touched one."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bookwright.contracts.access import Role
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.progress import JobState
from bookwright.store.database.columns import utcnow
from bookwright.store.ingestion.tables import processing_jobs
from bookwright.store.jobs.store import JobStore
from tests.api.test_recordings import UPLOADS, hand_in, session, wav
from tests.support.library import Home, home_at

AUDIOBOOKS = "/api/v1/admin/audiobooks"
UNKNOWN = "0b8f0f6e-3d1c-4a57-9d0e-6f2b1f1f7a11"
OWNER = OwnerId("librarian")


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("audiobooks")) as made:
        yield made


@pytest.fixture(scope="module")
async def admin(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client(OWNER) as client:
        yield client


def wish(upload: str, **more: Any) -> dict[str, Any]:
    return {"upload_id": upload, "title": "The Lamp", "author": "A. Writer", "language": "en", "is_public": True} | more


async def made(admin: httpx.AsyncClient, **more: Any) -> str:
    """An audiobook that waits for its turn."""
    data = wav()
    upload = await session(admin, len(data))
    assert (await hand_in(admin, upload, data)).status_code == 201
    answer = await admin.post(AUDIOBOOKS, json=wish(upload, **more))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["audiobook_id"])


async def test_an_audiobook_and_its_four_jobs(home: Home, admin: httpx.AsyncClient) -> None:
    book = await made(admin, description="A tale.\nOf a lamp.")
    steps = (await admin.get(f"{AUDIOBOOKS}/{book}/jobs")).json()
    assert [step["job_type"] for step in steps["jobs"]] == ["transcribe", "summarize", "tag", "embed"]
    assert {step["status"] for step in steps["jobs"]} == {"pending"}
    assert set(steps["jobs"][0]) == {
        *("id", "audiobook_id", "job_type", "status", "started_at", "completed_at", "error_message")
    }
    counts = {
        name: steps[name] for name in ("overall_status", "progress", "total_jobs", "completed_jobs", "failed_jobs")
    }
    assert counts == {
        "overall_status": "pending",
        "progress": 0.0,
        "total_jobs": 4,
        "completed_jobs": 0,
        "failed_jobs": 0,
    }
    found = (await admin.get(f"{AUDIOBOOKS}/{book}")).json()
    assert (found["title"], found["description"], found["status"]) == ("The Lamp", "A tale.\nOf a lamp.", "processing")
    waiting = await admin.post(f"/api/v1/admin/jobs/{steps['jobs'][0]['id']}/restart")
    assert waiting.status_code == 409, "its job has not ended"
    job = await JobStore(home.database, home.assets).newest_of(OWNER, found["audiobook_id"])
    await home.jobs.close(OWNER, job.job_id, JobState.CANCELLED, None)
    given_up = (await admin.get(f"{AUDIOBOOKS}/{book}/jobs")).json()
    assert (given_up["overall_status"], given_up["failed_jobs"]) == ("failed", 4)
    assert "cancelled" in given_up["jobs"][0]["error_message"]
    again = await admin.post(f"/api/v1/admin/jobs/{steps['jobs'][0]['id']}/restart")
    assert (again.status_code, again.json()["overall_status"]) == (202, "pending")


async def test_a_step_that_was_given_up_is_restarted_by_any_admin(home: Home, admin: httpx.AsyncClient) -> None:
    book = (await admin.get(f"{AUDIOBOOKS}/{await made(admin)}")).json()["audiobook_id"]
    job = await JobStore(home.database, home.assets).newest_of(OWNER, book)
    these = (processing_jobs.c.book_id == book, processing_jobs.c.job_type.in_(("transcribe", "embed")))
    given_up = {"state": "failed", "error_type": "Refused", "error": "nothing is heard", "completed_at": utcnow()}
    change = sa.update(processing_jobs).where(*these).values(given_up)
    await home.database.write(OWNER, lambda c: c.execute(change))
    await home.jobs.close(OWNER, job.job_id, JobState.FAILED, "two steps were given up")
    async with home.client() as operator:
        first = (await operator.get("/api/admin/dead-letters?limit=1")).json()
        assert first["total"] == 2
        rest = await operator.get("/api/admin/dead-letters", params={"cursor": first["next_cursor"]})
        [one], [other] = first["dead_letters"], rest.json()["dead_letters"]
        assert {one["step"], other["step"]} == {"transcribe", "embed"}
        assert (one["user"], one["title"], one["error"]) == (OWNER, "The Lamp", "nothing is heard")
        again = await operator.post(f"/api/admin/dead-letters/{one['id']}/restart")
        assert (again.status_code, again.json()["storyId"]) == (202, book)
        assert (await operator.get(again.headers["Location"])).json()["generation"] == 2
        assert (await operator.get("/api/admin/dead-letters")).json()["total"] == 0
        assert (await operator.post(f"/api/admin/dead-letters/{other['id']}/restart")).status_code == 409
        assert (await operator.post(f"/api/admin/dead-letters/{UNKNOWN}/restart")).status_code == 404


async def test_what_is_said_of_an_audiobook_is_changed_in_part(admin: httpx.AsyncClient) -> None:
    book = await made(admin)
    changed = await admin.put(f"{AUDIOBOOKS}/{book}", json={"title": "Anew", "is_public": False})
    body = changed.json()
    assert (body["title"], body["author"], body["is_public"]) == ("Anew", "A. Writer", False)
    assert (await admin.put(f"{AUDIOBOOKS}/{book}", json={"owner": "me"})).status_code == 422
    assert (await admin.put(f"{AUDIOBOOKS}/{book}", json={"title": "\n"})).status_code == 422


async def test_a_deleted_audiobook_is_gone_with_its_upload(admin: httpx.AsyncClient) -> None:
    book = await made(admin)
    assert (await admin.delete(f"{AUDIOBOOKS}/{book}")).status_code == 204
    assert (await admin.get(f"{AUDIOBOOKS}/{book}")).status_code == 404
    assert (await admin.get(f"{AUDIOBOOKS}/{book}/jobs")).status_code == 404


async def test_orders_that_can_not_be_worked_off(home: Home, admin: httpx.AsyncClient) -> None:
    unknown = await admin.post(AUDIOBOOKS, json=wish(UNKNOWN))
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "there is no such upload")
    open_session = await session(admin, 1_000)
    early = await admin.post(AUDIOBOOKS, json=wish(open_session))
    assert early.status_code == 409 and "hand in all its files" in early.json()["detail"]
    for wrong in ({"language": "nonsense!"}, {"title": ""}, {"title": "x" * 301}, {"author": "\x00"}, {"more": 1}):
        assert (await admin.post(AUDIOBOOKS, json=wish(open_session, **wrong))).status_code == 422, wrong
    for path in (f"{AUDIOBOOKS}/{UNKNOWN}", f"{AUDIOBOOKS}/{UNKNOWN}/jobs"):
        assert (await admin.get(path)).status_code == 404
    assert (await admin.post(f"/api/v1/admin/jobs/{UNKNOWN}/restart")).status_code == 404


async def test_others_and_users_without_the_role_get_nowhere(home: Home, admin: httpx.AsyncClient) -> None:
    book, upload = await made(admin), await session(admin, 10)
    async with home.client(OwnerId("stranger")) as stranger, home.client(OwnerId("reader"), Role.USER) as reader:
        for path in (f"{AUDIOBOOKS}/{book}", f"{AUDIOBOOKS}/{book}/jobs", f"{UPLOADS}/{upload}"):
            assert (await stranger.get(path)).status_code == 404
            assert (await reader.get(path)).status_code == 403
        assert (await stranger.post(AUDIOBOOKS, json=wish(upload))).status_code == 404
        assert (await hand_in(stranger, upload, wav())).status_code == 404
        assert (await stranger.delete(f"{AUDIOBOOKS}/{book}")).status_code == 404
        steps = (await admin.get(f"{AUDIOBOOKS}/{book}/jobs")).json()["jobs"]
        assert (await stranger.post(f"/api/v1/admin/jobs/{steps[0]['id']}/restart")).status_code == 404
