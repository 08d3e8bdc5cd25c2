"""Upload sessions: section 5's first half, and the same resumably."""

import base64
import hashlib
import io
import wave
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest

from bookwright.contracts.ids import AssetId, OwnerId
from bookwright.store import AssetRows
from tests.support.library import Home, home_at

UPLOADS = "/api/v1/admin/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
SENDING = TUS | {"Content-Type": "application/offset+octet-stream"}
OWNER = OwnerId("librarian")


def wav(seconds: float = 0.2, pitch: float = 220.0) -> bytes:
    """A tone."""
    time = np.arange(round(16_000 * seconds)) / 16_000
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((np.sin(2 * np.pi * pitch * time) * 9_000).astype("<i2").tobytes())
    return out.getvalue()


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("recordings")) as made:
        yield made


@pytest.fixture(scope="module")
async def admin(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client(OWNER) as client:
        yield client


async def session(admin: httpx.AsyncClient, *sizes: int, total: int | None = None) -> str:
    """A session for files of these sizes."""
    wanted = {
        "upload_type": "single" if len(sizes) == 1 else "multiple",
        "total_files": len(sizes),
        "total_size_bytes": total or sum(sizes),
    }
    answer = await admin.post(UPLOADS, json=wanted)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["upload_id"])


async def hand_in(
    admin: httpx.AsyncClient,
    upload: str,
    data: bytes,
    name: str = "one.wav",
    declared: str = "audio/wav",
    **headers: str,
) -> httpx.Response:
    files = {"file": (name, data, declared)}
    return await admin.post(f"{UPLOADS}/{upload}/files", files=files, headers=headers)


def asset_of(data: bytes) -> AssetId:
    return AssetId(hashlib.sha256(data).hexdigest())


async def progress(admin: httpx.AsyncClient, upload: str) -> dict[str, Any]:
    found: dict[str, Any] = (await admin.get(f"{UPLOADS}/{upload}/progress")).json()
    return found


async def test_fields_that_the_form_does_not_have_are_refused(admin: httpx.AsyncClient) -> None:
    data = wav()
    upload = await session(admin, len(data))
    files = {"file": ("one.wav", data, "audio/wav")}
    answer = await admin.post(f"{UPLOADS}/{upload}/files", files=files, data={"owner": "me"})
    assert answer.status_code == 422 and "owner: there is no such field" in answer.json()["detail"]
    assert (await progress(admin, upload))["uploaded_bytes"] == 0, "nothing of it stays"
    assert (await hand_in(admin, upload, data)).status_code == 201


async def test_a_session_from_its_first_file_to_its_last(home: Home, admin: httpx.AsyncClient) -> None:
    first, second = wav(), wav(0.3)
    made = await admin.post(
        UPLOADS,
        json={"upload_type": "multiple", "total_files": 2, "total_size_bytes": len(first) + len(second)},
    )
    body = made.json()
    assert (made.status_code, body["status"], body["message"]) == (
        201,
        "pending",
        "Upload session created successfully",
    )
    upload = body["upload_id"]
    assert made.headers["location"] == f"{UPLOADS}/{upload}"
    answer = await hand_in(admin, upload, first, "01.wav")
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert set(file) == {"file_id", "upload_id", "file_name", "file_size_bytes", "uploaded_at"}
    assert (file["upload_id"], file["file_name"], file["file_size_bytes"]) == (upload, "01.wav", len(first))
    halfway = await progress(admin, upload)
    assert (halfway["status"], halfway["uploaded_files"], halfway["uploaded_bytes"]) == ("uploading", 1, len(first))
    assert halfway["progress"] == pytest.approx(len(first) / (len(first) + len(second)), abs=0.001)
    assert (await hand_in(admin, upload, second, "02.wav")).status_code == 201
    whole = (await admin.get(f"{UPLOADS}/{upload}")).json()
    assert (whole["status"], whole["progress"], whole["total_files"]) == ("completed", 1.0, 2)
    assert [each["file_name"] for each in whole["files"]] == ["01.wav", "02.wav"]
    late = await hand_in(admin, upload, wav(), "03.wav")
    assert late.status_code == 409 and "completed" in late.json()["detail"]
    asset = asset_of(first)
    assert await home.assets.exists(asset)


async def test_a_deleted_session_leaves_nothing_that_nobody_else_has(home: Home, admin: httpx.AsyncClient) -> None:
    data = wav(0.25, 330)
    asset = asset_of(data)
    uploads = [await session(admin, len(data)) for _ in range(2)]
    for upload in uploads:
        assert (await hand_in(admin, upload, data)).status_code == 201
    assert (await admin.delete(f"{UPLOADS}/{uploads[0]}")).status_code == 204
    assert await home.assets.exists(asset), "the other session has the same file"
    assert (await admin.get(f"{UPLOADS}/{uploads[0]}")).status_code == 404
    assert (await admin.delete(f"{UPLOADS}/{uploads[1]}")).status_code == 204
    assert await AssetRows(home.database).known([asset]) == set()


@pytest.mark.parametrize(
    ("data", "name", "declared", "field", "said"),
    [
        (b"", "one.wav", "audio/wav", "file", "0 bytes"),
        (b"Once upon a time " * 40, "one.mp3", "audio/mpeg", "file", "no audio"),
        (wav(), "one.mp3", "audio/mpeg", "file", "holds wav"),
        (wav(), "one.wav", "audio/mpeg", "file", "declared"),
        (wav(), "one.txt", "text/plain", "file", "name"),
        (wav()[:-400], "one.wav", "audio/wav", "file", "cut"),
    ],
)
async def test_a_file_that_is_not_what_it_says_leaves_nothing(
    home: Home, admin: httpx.AsyncClient, data: bytes, name: str, declared: str, field: str, said: str
) -> None:
    upload = await session(admin, 1_000_000)
    answer = await hand_in(admin, upload, data, name, declared)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field and said in answer.json()["detail"]
    now = await progress(admin, upload)
    assert (now["uploaded_files"], now["uploaded_bytes"]) == (0, 0)
    assert list(home.assets.scratch().iterdir()) == []


async def test_a_session_of_another_size_than_announced(admin: httpx.AsyncClient) -> None:
    data = wav()
    small = await session(admin, len(data) - 10)
    refused = await hand_in(admin, small, data)
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "total_size_bytes"
    large = await session(admin, len(data) + 10)
    refused = await hand_in(admin, large, data)
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "total_size_bytes"
    assert (await progress(admin, large))["status"] == "failed"


async def test_the_same_file_with_the_same_key_is_taken_once(admin: httpx.AsyncClient) -> None:
    data = wav()
    upload = await session(admin, len(data))
    first = await hand_in(admin, upload, data, **{"Idempotency-Key": "one-file"})
    again = await hand_in(admin, upload, data, **{"Idempotency-Key": "one-file"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() and again.headers["idempotency-replayed"] == "true"


async def test_unknown_sessions_and_wishes(admin: httpx.AsyncClient) -> None:
    unknown = f"{UPLOADS}/0b8f0f6e-3d1c-4a57-9d0e-6f2b1f1f7a11"
    assert (await admin.get(unknown)).status_code == 404
    assert (await admin.get(f"{unknown}/progress")).status_code == 404
    assert (await admin.delete(unknown)).status_code == 404
    assert (await hand_in(admin, unknown.rpartition("/")[2], wav())).status_code == 404
    single = {"upload_type": "single", "total_files": 2, "total_size_bytes": 10}
    refused = await admin.post(UPLOADS, json=single)
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "total_files"


async def test_a_file_sent_resumably(home: Home, admin: httpx.AsyncClient) -> None:
    data = wav(0.4)
    upload = await session(admin, len(data))
    about = await admin.options(f"{UPLOADS}/{upload}/resumable")
    assert (about.status_code, about.headers["tus-version"]) == (204, "1.0.0")
    assert {"creation", "termination", "checksum", "expiration"} <= set(about.headers["tus-extension"].split(","))
    name = base64.b64encode(b"one.wav").decode()
    begun = await admin.post(
        f"{UPLOADS}/{upload}/resumable",
        headers=TUS | {"Upload-Length": str(len(data)), "Upload-Metadata": f"filename {name}"},
    )
    assert begun.status_code == 201, begun.text
    where = begun.headers["location"]
    assert "upload-expires" in begun.headers
    sent = await admin.patch(where, content=data[:1_000], headers=SENDING | {"Upload-Offset": "0"})
    assert (sent.status_code, sent.headers["upload-offset"]) == (204, "1000")
    early = await admin.patch(where, content=data[:10], headers=SENDING | {"Upload-Offset": "0"})
    assert early.status_code == 409
    digest = base64.b64encode(hashlib.sha1(b"other").digest()).decode()
    wrong = SENDING | {"Upload-Offset": "1000", "Upload-Checksum": f"sha1 {digest}"}
    assert (await admin.patch(where, content=data[1_000:2_000], headers=wrong)).status_code == 460
    asked = await admin.head(where, headers=TUS)
    assert (asked.headers["upload-offset"], asked.headers["upload-length"]) == ("1000", str(len(data)))
    assert (await progress(admin, upload))["uploaded_bytes"] == 1_000
    assert (await admin.head(where)).status_code == 412
    rest = data[1_000:]
    digest = base64.b64encode(hashlib.sha1(rest).digest()).decode()
    right = SENDING | {"Upload-Offset": "1000", "Upload-Checksum": f"sha1 {digest}"}
    assert (await admin.patch(where, content=rest, headers=right)).status_code == 204
    whole = await progress(admin, upload)
    assert (whole["status"], whole["uploaded_bytes"]) == ("completed", len(data))
    assert await home.assets.exists(asset_of(data))
    assert (await admin.delete(where, headers=TUS)).status_code == 409


async def test_a_resumable_file_that_is_given_up_makes_room(home: Home, admin: httpx.AsyncClient) -> None:
    data = wav()
    upload = await session(admin, len(data))
    name = base64.b64encode(b"one.wav").decode()
    wanted = TUS | {"Upload-Length": str(len(data)), "Upload-Metadata": f"filename {name}"}
    where = (await admin.post(f"{UPLOADS}/{upload}/resumable", headers=wanted)).headers["location"]
    await admin.patch(where, content=data[:500], headers=SENDING | {"Upload-Offset": "0"})
    assert (await hand_in(admin, upload, data)).status_code == 409, "its one file has been begun"
    assert (await admin.delete(where, headers=TUS)).status_code == 204
    assert list(home.assets.scratch().iterdir()) == []
    assert (await hand_in(admin, upload, data)).status_code == 201
