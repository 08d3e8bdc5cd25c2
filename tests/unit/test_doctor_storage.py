"""`doctor` tries where assets are kept and who delivers them, and leaves nothing there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwright.cli.checks import Check, examine
from bookwright.settings import Settings
from emulators import cloudinary, s3
from tests.support.buckets import Bucket
from tests.support.emulator import EmulatorProcess


@pytest.fixture(scope="module")
def emulators() -> Iterator[tuple[EmulatorProcess, EmulatorProcess]]:
    with EmulatorProcess("s3") as bucket, EmulatorProcess("cloudinary") as delivery:
        yield bucket, delivery


async def checks() -> dict[str, Check]:
    """What is said of the store, as soon as it is said."""
    found: dict[str, Check] = {}
    async for check in examine(Settings.load()):
        if check.name == "service":
            break
        found[check.name] = check
    return found


async def test_bucket_and_delivery_are_tried_and_left_as_they_were(
    tmp_path: Path, emulators: tuple[EmulatorProcess, EmulatorProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, delivery = emulators
    inside = Bucket(bucket, tmp_path)
    for name in Settings.variables():
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "BOOKWRIGHT_HOME": str(tmp_path),
        "BOOKWRIGHT_ASSETS": "s3,cloudinary",
        "S3_BUCKET": inside.name,
        "S3_ACCESS_KEY_ID": s3.ACCESS_KEY,
        "S3_SECRET_ACCESS_KEY": bucket.key,
        "S3_ENDPOINT_URL": bucket.url,
        "S3_PREFIX": "assets",
        "CLOUDINARY_CLOUD_NAME": "studio",
        "CLOUDINARY_API_KEY": cloudinary.API_KEY,
        "CLOUDINARY_API_SECRET": delivery.key,
        "CLOUDINARY_BASE_URL": delivery.url,
    }.items():
        monkeypatch.setenv(name, value)
    found = await checks()
    assert found["assets"].ok and found["delivery"].ok, found
    assert inside.keys() == [] and inside.requests("PUT") == 1
    assert {text.partition(" ")[0] for text in (await delivery.calls())["texts"]} == {"upload", "destroy"}
    await delivery.knobs(key="another")
    refused = (await checks())["delivery"]
    assert not refused.ok and "cloudinary answered 401" in refused.detail and delivery.key not in refused.detail
    monkeypatch.setenv("S3_SECRET_ACCESS_KEY", "hunter2")
    refused = (await checks())["assets"]
    assert not refused.ok and "refuses the keys" in refused.detail and "hunter2" not in refused.detail
