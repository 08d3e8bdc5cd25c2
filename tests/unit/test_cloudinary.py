"""The Cloudinary adapter: the real SDK against the emulator, over real HTTP."""

import wave
from pathlib import Path

import cloudinary as sdk
import httpx
import pytest
from PIL import Image
from pydantic import SecretStr

from bookwright.contracts.aliases import page_audio, page_image
from bookwright.contracts.errors import (
    AnswerLost,
    BadAnswer,
    BookwrightError,
    CredentialsRefused,
    Permanent,
    RateLimited,
    Refused,
)
from bookwright.contracts.ids import BookId
from bookwright.providers import cloudinary as module
from bookwright.providers.cloudinary import CloudinaryPublisher
from emulators.cloudinary import API_KEY
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.providers import emulator_of

BOOK = BookId("luna")
SOUND, PICTURE = page_audio(BOOK, "hi", 1), page_image(BOOK, 1, "image/png")
RAW = "stories/luna/editions/book.epub"


emulator = emulator_of("cloudinary")


def publisher(emulator: EmulatorProcess, secret: str = KEY, api_key: str = API_KEY) -> CloudinaryPublisher:
    address = {"base_url": emulator.url, "delivery_url": emulator.url}
    return CloudinaryPublisher("studio", api_key, SecretStr(secret), request_s=0.5, **address)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "0a1b2c"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
        file.writeframes(b"\1\0" * 4_000)
    return path


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "3d4e5f"
    Image.new("RGB", (8, 8), "teal").save(path, "PNG")
    return path


def content(path: Path) -> bytes:
    return path.read_bytes()


async def fetched(address: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(address, headers=headers)


async def test_what_is_published_is_delivered_byte_for_byte(
    emulator: EmulatorProcess, sound: Path, picture: Path, tmp_path: Path
) -> None:
    raw = tmp_path / "book"
    raw.write_bytes(b"PK\3\4 anything")
    ours = publisher(emulator)
    for name, path in ((SOUND, sound), (PICTURE, picture), (RAW, raw)):
        address = ours.address(name, await ours.publish(name, path))
        assert name in address and KEY not in address
        assert (await fetched(address)).content == content(path)
    assert (await emulator.calls())["texts"] == {
        "upload video/stories/luna/audio/hi/page_0001": 1,
        "upload image/stories/luna/images/page_0001": 1,
        "upload raw/stories/luna/editions/book.epub": 1,
    }


async def test_ranges_are_delivered_and_nothing_without_the_signature(emulator: EmulatorProcess, sound: Path) -> None:
    ours = publisher(emulator)
    address = ours.address(SOUND, await ours.publish(SOUND, sound))
    part = await fetched(address, Range="bytes=4-9")
    assert (part.status_code, part.content) == (206, content(sound)[4:10])
    bare = address[: address.index("s--")] + address[address.index("/v1") + 1 :]
    assert (await fetched(bare)).status_code == 401
    assert (await fetched(publisher(emulator, "another secret").address(SOUND, "1"))).status_code == 401


async def test_a_repeated_upload_leaves_one_file_and_the_newest(
    emulator: EmulatorProcess, sound: Path, tmp_path: Path
) -> None:
    ours = publisher(emulator)
    first = await ours.publish(SOUND, sound)
    again = await ours.publish(SOUND, sound)
    changed = tmp_path / "changed"
    changed.write_bytes(content(sound)[:-2] + b"\2\0")
    newest = await ours.publish(SOUND, changed)
    assert int(first) < int(again) < int(newest)
    assert (await fetched(ours.address(SOUND, newest))).content == content(changed)
    assert (await fetched(ours.address(SOUND, first))).status_code == 404
    for _ in range(2):
        await ours.withdraw(SOUND)
    assert (await fetched(ours.address(SOUND, newest))).status_code == 404


async def test_a_large_file_travels_in_chunks(
    emulator: EmulatorProcess, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 3_000)
    ours = publisher(emulator)
    address = ours.address(SOUND, await ours.publish(SOUND, sound))
    assert (await fetched(address)).content == content(sound)
    assert (await emulator.calls())["received"] == 3


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 420}, RateLimited),
        ({"kind": "status", "status": 429}, RateLimited),
        ({"kind": "status", "status": 400}, Permanent),
        ({"kind": "status", "status": 401}, CredentialsRefused),
        ({"kind": "status", "status": 403}, CredentialsRefused),
        ({"kind": "status", "status": 500}, Refused),
        ({"kind": "status", "status": 503}, Refused),
        ({"kind": "status", "status": 307}, BookwrightError),
        ({"kind": "hang"}, AnswerLost),
        ({"kind": "reset"}, AnswerLost),
        ({"kind": "reset_body"}, AnswerLost),
        ({"kind": "truncated"}, BadAnswer),
        ({"kind": "html"}, BadAnswer),
        ({"kind": "status", "status": 500, "body": "<html>oops</html>"}, Refused),
    ],
)
async def test_what_goes_wrong_is_a_typed_error_after_one_request(
    emulator: EmulatorProcess, sound: Path, fault: dict[str, object], error: type[BookwrightError]
) -> None:
    ours = publisher(emulator)
    await emulator.knobs(faults=[fault])
    for call in (ours.publish(SOUND, sound), ours.withdraw(SOUND)):
        with pytest.raises(error) as caught:
            await call
        assert KEY not in repr(caught.value) and str(sound) not in repr(caught.value)
    assert (await emulator.calls())["received"] == 2


async def test_a_rate_limit_says_until_when(emulator: EmulatorProcess, sound: Path) -> None:
    await emulator.knobs(faults=[{"kind": "status", "status": 420, "retry_after": 90}])
    with pytest.raises(RateLimited, match="90 s"):
        await publisher(emulator).publish(SOUND, sound)


async def test_a_wrong_secret_or_key_is_refused_and_never_shown(emulator: EmulatorProcess, sound: Path) -> None:
    for wrong in (publisher(emulator, secret="hunter2"), publisher(emulator, api_key="hunter2")):
        with pytest.raises(CredentialsRefused) as caught:
            await wrong.publish(SOUND, sound)
        assert "hunter2" not in repr(caught.value) + repr(wrong) and caught.value.__suppress_context__


async def test_a_file_of_the_wrong_kind_is_not_taken(emulator: EmulatorProcess, sound: Path) -> None:
    with pytest.raises(Permanent):
        await publisher(emulator).publish(PICTURE, sound)


async def test_nobody_there_is_told(sound: Path) -> None:
    away = CloudinaryPublisher("studio", API_KEY, SecretStr(KEY), base_url="http://127.0.0.1:9", request_s=0.5)
    with pytest.raises(BookwrightError):
        await away.publish(SOUND, sound)


async def test_the_environment_is_not_asked(
    emulator: EmulatorProcess, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK would take account, preset and another way to sign from there."""
    theirs = "signature_algorithm=sha256&oauth_token=token&upload_preset=other&long_url_signature=true"
    monkeypatch.setenv("CLOUDINARY_URL", f"cloudinary://other:secret@elsewhere?{theirs}")
    sdk.reset_config()
    try:
        assert sdk.config().cloud_name == "elsewhere"
        ours = publisher(emulator)
        address = ours.address(SOUND, await ours.publish(SOUND, sound))
        await ours.withdraw(PICTURE)
    finally:
        monkeypatch.delenv("CLOUDINARY_URL")
        sdk.reset_config()
    assert (await fetched(address)).content == content(sound)


def test_addresses_are_those_of_the_cdn() -> None:
    ours = CloudinaryPublisher("studio", API_KEY, SecretStr(KEY))
    address = ours.address(SOUND, "1700000001")
    assert address.startswith("https://res.cloudinary.com/studio/video/authenticated/s--")
    assert address.endswith("--/v1700000001/stories/luna/audio/hi/page_0001.mp3")
    seen = ours.address(PICTURE, "1700000001")
    assert seen.startswith("https://res.cloudinary.com/studio/image/authenticated/s--")
    assert f"--/f_auto,q_auto/v1700000001/{PICTURE}" in seen, "in the format and quality that suit who asks"
