"""A bucket of the S3 emulator, as an asset store and as a test looks into it."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import obstore
from obstore.store import S3Store
from pydantic import SecretStr

from bookwright.contracts.ids import AssetId
from bookwright.store import BucketAssets, BucketPlace
from emulators.s3 import ACCESS_KEY
from tests.support.emulator import EmulatorProcess


class Bucket:
    """A bucket of the emulator."""

    def __init__(self, emulator: EmulatorProcess, folder: Path) -> None:
        self.emulator = emulator
        self.folder = folder
        self.name = f"books-{uuid4().hex}"
        self.raw = S3Store(
            self.name,
            prefix="assets",
            config={
                "endpoint": emulator.url,
                "region": "auto",
                "access_key_id": ACCESS_KEY,
                "secret_access_key": emulator.key,
            },
            client_options={"allow_http": True},
            retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
        )

    def place(self, **changes: Any) -> BucketPlace:
        """Where it is."""
        usual: dict[str, Any] = {
            "bucket": self.name,
            "access_key_id": ACCESS_KEY,
            "secret_access_key": SecretStr(self.emulator.key),
            "endpoint": self.emulator.url,
            "prefix": "assets",
        }
        return BucketPlace(**(usual | changes))

    def assets(self, name: str = "assets", **options: Any) -> BucketAssets:
        """The store in it, with the copies of the machine `name`; nothing is tried twice unless `options` say so."""
        return BucketAssets(self.place(), self.folder / name, **({"min_room": 0, "retries": 0} | options))

    def keys(self) -> list[str]:
        """Every key there is."""
        return [found["path"] for batch in obstore.list(self.raw) for found in batch]

    def overwrite(self, asset: AssetId, data: bytes) -> None:
        """Write other bytes over a blob."""
        obstore.put(self.raw, f"{asset[:2]}/{asset}", data)

    def requests(self, method: str) -> int:
        """How many requests with this method were about objects of this bucket."""
        texts: dict[str, int] = self.emulator.control("GET", "calls")["texts"]
        return sum(count for text, count in texts.items() if text.startswith(f"{method} /{self.name}/assets/"))
